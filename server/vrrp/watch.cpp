#include "server/vrrp/watch.h"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include "server/vrrp/fifo.h"
#include "server/vrrp/listener.h"

namespace server {
namespace {

constexpr std::size_t kSpareSockets = 4;               // for interfaces that reloads name
constexpr std::chrono::seconds kRefresh{1};            // how soon an interface is noticed where netlink does not tell
constexpr unsigned kUntoldMax = 2;                     // rounds that netlink is waited for before listeners go without it
constexpr std::string_view kNetlink = "netlink";

Instant now() { return std::chrono::steady_clock::now(); }

bool has(const VirtualRouterOptions& options, VrrpSource source) { return std::ranges::find(options.sources, source) != options.sources.end(); }

SourceFault fault_of(const std::string& subject, int error) {
  const bool refused = error == EPERM || error == EACCES;
  std::string message = subject + ": packet socket: " + std::strerror(error);
  if (refused) message += " (CAP_NET_RAW is needed to hear advertisements)";
  return {refused ? SourceFault::Kind::kNotPermitted : SourceFault::Kind::kSystem, subject, std::move(message)};
}

// One virtual router.
struct Watched {
  Watched(boost::asio::io_context& context, VirtualRouterOptions options, std::size_t at) : index(at), observer(std::move(options), now()), timer(context) {
    stamps.resize(observer.options().routers.size());
  }

  std::size_t index;
  Observer observer;
  AdvertCounters counters;
  std::vector<std::uint64_t> stamps;     // of each router's last authenticated advertisement
  boost::asio::steady_timer timer;
  std::unique_ptr<FifoSource> fifo;
  Observation told;
  std::uint64_t transitions_told = 0;
  std::shared_ptr<const int> alive = std::make_shared<const int>();   // a timer that was queued before the end sees that it is gone
};

}  // namespace

class VrrpWatch::Implementation {
 public:
  Implementation(boost::asio::io_context& context, std::vector<VirtualRouterOptions> options, Callbacks callbacks)
      : context_(context), callbacks_(std::move(callbacks)), netlink_(context, [this](const HostAddresses& host) { host_changed(host); }), refresh_(context) {
    take_options(std::move(options));
  }

  std::vector<SourceFault> open() {
    if (const auto opened = netlink_.open(); !opened) {
      note({SourceFault::Kind::kSystem, std::string(kNetlink), opened.error()});
      untold_ = kUntoldMax;
    }
    equip_listeners();
    if (!listeners_.empty()) {
      for (const Family family : {Family::kIpv4, Family::kIpv6})
        if (auto guard = open_guard_socket(family)) guards_.push_back(std::move(*guard));
      while (spares_.size() < kSpareSockets) {
        auto socket = open_packet_socket();
        if (!socket) break;
        spares_.push_back(std::move(*socket));
      }
    }
    std::vector<SourceFault> faults;
    for (const auto& fault : faults_) faults.push_back(fault.second);
    return faults;
  }

  void start() {
    started_ = true;
    netlink_.start();
    for (const auto& listener : listeners_) listener->start();
    for (const auto& watched : watched_) start_fifo(*watched);
    for (const auto& watched : watched_) advance(*watched);
    refresh_listeners();
    refresh_later();
  }

  void replace(std::vector<VirtualRouterOptions> options) {
    take_options(std::move(options));
    equip_listeners();
    if (!started_) return;
    for (const auto& watched : watched_) {
      start_fifo(*watched);
      if (dumped_ && has(watched->observer.options(), VrrpSource::kNetlink)) watched->observer.vip(host_.state_of(watched->observer.options().vips), now());
    }
    refresh_listeners();
    for (const auto& watched : watched_) advance(*watched);
  }

  const Watched& at(std::size_t index) const { return *watched_.at(index); }
  std::size_t size() const { return watched_.size(); }

  const Observation& observation(std::size_t index) const {
    Watched& watched = *watched_.at(index);
    watched.told = watched.observer.observe(now());
    return watched.told;
  }

  const AdvertCounters* interface_counters(const std::string& interface) const {
    const auto found = std::ranges::find(listeners_, interface, [](const auto& listener) -> const std::string& { return listener->interface(); });
    return found == listeners_.end() ? nullptr : &(*found)->counters();
  }

 private:
  void take_options(std::vector<VirtualRouterOptions> options) {
    std::vector<std::unique_ptr<Watched>> next;
    for (VirtualRouterOptions& wanted : options) {
      const auto kept = std::ranges::find_if(watched_, [&](const auto& watched) { return watched && watched->observer.options() == wanted; });
      if (kept != watched_.end()) {
        (*kept)->index = next.size();
        next.push_back(std::move(*kept));
      } else {
        next.push_back(std::make_unique<Watched>(context_, std::move(wanted), next.size()));
      }
    }
    watched_ = std::move(next);
    arrange_listeners();
  }

  // One an interface that somebody listens on; those of others give their sockets back.
  void arrange_listeners() {
    std::map<std::string, std::vector<Subscriber>> wanted;
    for (const auto& watched : watched_) {
      if (!has(watched->observer.options(), VrrpSource::kPassive)) continue;
      wanted[watched->observer.options().interface].push_back(
          {&watched->observer.options(), &watched->counters, [this, w = watched.get()](const Advertisement& found, Instant at) { heard(*w, found, at); }});
    }
    std::erase_if(listeners_, [&](const auto& listener) {
      if (wanted.contains(listener->interface())) return false;
      if (FileDescriptor socket = listener->release(); socket.get() >= 0) spares_.push_back(std::move(socket));
      recovered(listener->interface());   // nobody listens there any more
      unequipped_.erase(listener->interface());
      return true;
    });
    for (auto& [interface, subscribers] : wanted) {
      auto found = std::ranges::find(listeners_, interface, [](const auto& listener) -> const std::string& { return listener->interface(); });
      if (found == listeners_.end()) {
        listeners_.push_back(std::make_unique<Listener>(context_, interface));
        unequipped_[interface] = listeners_.back().get();
        found = listeners_.end() - 1;
      }
      (*found)->subscribe(std::move(subscribers));
    }
  }

  void equip_listeners() {
    for (auto entry = unequipped_.begin(); entry != unequipped_.end();) {
      auto socket = spare_or_new();
      if (!socket) {
        note(fault_of(entry->first, socket.error()));
        ++entry;
        continue;
      }
      entry->second->adopt(std::move(*socket));
      if (started_) entry->second->start();
      entry = unequipped_.erase(entry);
    }
  }

  dns::Result<FileDescriptor, int> spare_or_new() {
    if (spares_.empty()) return open_packet_socket();
    FileDescriptor socket = std::move(spares_.back());
    spares_.pop_back();
    return socket;
  }

  void start_fifo(Watched& watched) {
    const VirtualRouterOptions& options = watched.observer.options();
    if (watched.fifo || !has(options, VrrpSource::kFifo)) return;
    watched.fifo = std::make_unique<FifoSource>(
        context_, options,
        FifoSource::Callbacks{.role = [this, w = &watched](FifoRole role) { event(*w, [&](Observer& o) { o.role(role, now()); }); },
                              .fault = [this, path = options.fifo](const std::string& words) { note({SourceFault::Kind::kUnreadable, path, words}); },
                              .recovered = [this, path = options.fifo] { recovered(path); }});
    watched.fifo->start();
  }

  void host_changed(const HostAddresses& host) {
    host_ = host;
    dumped_ = true;
    for (const auto& watched : watched_) {
      if (!has(watched->observer.options(), VrrpSource::kNetlink)) continue;
      event(*watched, [&](Observer& o) { o.vip(host_.state_of(o.options().vips), now()); });
    }
    refresh_listeners();
  }

  // Where the kernel does not tell of links, listeners are bound by name alone.
  bool knows_links() const { return dumped_ || untold_ >= kUntoldMax; }

  void refresh_listeners() {
    if (!knows_links()) return;
    for (const auto& listener : listeners_) {
      const std::string& interface = listener->interface();
      if (!unequipped_.contains(interface)) {
        const auto refreshed = listener->refresh(dumped_ ? &host_ : nullptr);
        if (refreshed) {
          recovered(interface);
        } else {
          note({SourceFault::Kind::kNoInterface, interface, refreshed.error()});
        }
      }
      const Hearing hearing = faults_.contains(interface) ? Hearing::kDeaf : Hearing::kListening;
      for (const auto& watched : watched_)
        if (watched->observer.options().interface == interface) event(*watched, [&](Observer& o) { o.hearing(hearing, now()); });
    }
  }

  void refresh_later() {
    refresh_.expires_after(kRefresh);
    refresh_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
      if (error || alive.expired()) return;
      if (!dumped_) ++untold_;
      refresh_listeners();
      refresh_later();
    });
  }

  void heard(Watched& watched, const Advertisement& found, Instant at) {
    if (found.hmac == AdvertForm::kHmacVerified && found.hmac_stamp <= std::exchange(watched.stamps[found.router], std::max(found.hmac_stamp, watched.stamps[found.router])))
      return watched.counters.count(AdvertReject::kReplay);
    event(watched, [&](Observer& o) { o.advertisement(found, at); });
  }

  void advance(Watched& watched) {
    event(watched, [](Observer& o) { o.advance(now()); });
  }

  template <class Event>
  void event(Watched& watched, const Event& happen) {
    const bool stale = watched.observer.stale_vip();
    happen(watched.observer);
    arm(watched);
    if (watched.observer.transitions() == watched.transitions_told && watched.observer.stale_vip() == stale) return;
    watched.transitions_told = watched.observer.transitions();
    watched.told = watched.observer.observe(now());
    if (callbacks_.on_change) callbacks_.on_change(watched.index, watched.told);
  }

  void arm(Watched& watched) {
    const auto next = watched.observer.next_deadline();
    if (!next) {
      watched.timer.cancel();
      return;
    }
    watched.timer.expires_at(boost::asio::steady_timer::time_point(*next));
    watched.timer.async_wait([this, w = &watched, alive = std::weak_ptr(watched.alive)](const boost::system::error_code& error) {
      if (!error && !alive.expired()) advance(*w);
    });
  }

  void note(SourceFault fault) {
    const auto known = faults_.find(fault.subject);
    if (known != faults_.end() && known->second == fault) return;
    faults_[fault.subject] = fault;
    if (started_ && callbacks_.on_fault) callbacks_.on_fault(fault);
  }

  void recovered(const std::string& subject) {
    if (faults_.erase(subject) > 0 && started_ && callbacks_.on_recovery) callbacks_.on_recovery(subject);
  }

  boost::asio::io_context& context_;
  Callbacks callbacks_;
  NetlinkSource netlink_;
  boost::asio::steady_timer refresh_;
  HostAddresses host_;
  bool dumped_ = false, started_ = false;
  unsigned untold_ = 0;                                  // rounds without any word of netlink
  std::vector<std::unique_ptr<Watched>> watched_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::map<std::string, Listener*> unequipped_;          // by interface: those without a socket
  std::vector<FileDescriptor> spares_, guards_;
  std::map<std::string, SourceFault> faults_;            // by subject: those that last
  std::shared_ptr<const int> alive_ = std::make_shared<const int>();   // a timer that was queued before the end sees that it is gone
};

VrrpWatch::VrrpWatch(boost::asio::io_context& context, std::vector<VirtualRouterOptions> options, Callbacks callbacks)
    : implementation_(std::make_unique<Implementation>(context, std::move(options), std::move(callbacks))) {}
VrrpWatch::~VrrpWatch() = default;

std::vector<SourceFault> VrrpWatch::open() { return implementation_->open(); }
void VrrpWatch::start() { implementation_->start(); }
void VrrpWatch::replace(std::vector<VirtualRouterOptions> options) { implementation_->replace(std::move(options)); }
std::size_t VrrpWatch::size() const { return implementation_->size(); }
const VirtualRouterOptions& VrrpWatch::options(std::size_t index) const { return implementation_->at(index).observer.options(); }
const Observation& VrrpWatch::observation(std::size_t index) const { return implementation_->observation(index); }
const AdvertCounters& VrrpWatch::counters(std::size_t index) const { return implementation_->at(index).counters; }
const AdvertCounters* VrrpWatch::interface_counters(const std::string& interface) const { return implementation_->interface_counters(interface); }
std::uint64_t VrrpWatch::transitions(std::size_t index) const { return implementation_->at(index).observer.transitions(); }

}  // namespace server
