#include "server/vrrp/vrrp_monitor.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include <boost/asio/steady_timer.hpp>

#include "server/vrrp/advert_capture.h"
#include "server/vrrp/fifo.h"
#include "server/vrrp/netlink.h"
#include "server/vrrp/rejected_adverts.h"
#include "server/vrrp/replay_guard.h"

namespace server {
namespace {

constexpr std::size_t kSpareSockets = 4;          // for interfaces that a reload adds
constexpr std::chrono::seconds kRefresh{1};       // how soon a new interface is noticed without netlink
constexpr unsigned kMaxRoundsWithoutNetlink = 2;  // rounds to wait for netlink before capturing without it
constexpr std::string_view kNetlink = "netlink";

Instant now() { return std::chrono::steady_clock::now(); }
std::chrono::seconds wall_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
}

bool has(const VirtualRouterOptions& options, VrrpSource source) {
  return std::ranges::find(options.sources, source) != options.sources.end();
}

SourceFault fault_of(const std::string& subject, int error) {
  const bool refused = error == EPERM || error == EACCES;
  std::string message = subject + ": packet socket: " + std::strerror(error);
  if (refused) message += " (CAP_NET_RAW is needed to receive advertisements)";
  return {refused ? SourceFault::Kind::kNotPermitted : SourceFault::Kind::kSystem, subject, std::move(message)};
}

// One virtual router.
struct MonitoredRouter {
  MonitoredRouter(boost::asio::io_context& context, VirtualRouterOptions options, std::size_t at)
      : index(at), tracker(std::move(options), now()), rejected(tracker.options()), timer(context) {
    replay_guards.resize(tracker.options().routers.size());
  }

  std::size_t index;
  RouterTracker tracker;
  AdvertCounters counters;
  RejectedAdverts rejected;
  std::vector<ReplayGuard> replay_guards;  // by router
  boost::asio::steady_timer timer;
  VirtualRouterStatus last_reported;
  std::uint64_t transitions_reported = 0;
  // Timer handlers queued before destruction check it.
  std::shared_ptr<const int> alive = std::make_shared<const int>();
};

}  // namespace

class VrrpMonitor::Implementation {
 public:
  Implementation(boost::asio::io_context& context, std::vector<VirtualRouterOptions> options, Callbacks callbacks)
      : context_(context),
        callbacks_(std::move(callbacks)),
        netlink_(context, {.changed = [this](const HostAddresses* host) { host_changed(host); },
                           .fault =
                               [this](const std::string& words) {
                                 note({SourceFault::Kind::kSystem, std::string(kNetlink), "netlink: " + words});
                               },
                           .recovered = [this] { recovered(std::string(kNetlink)); }}),
        refresh_(context) {
    set_options(std::move(options));
  }

  std::vector<SourceFault> open() {
    if (const auto opened = netlink_.open(); !opened) {
      note({SourceFault::Kind::kSystem, std::string(kNetlink), opened.error()});
      rounds_without_netlink_ = kMaxRoundsWithoutNetlink;
    }
    assign_sockets();
    if (!captures_.empty()) {
      for (const Family family : {Family::kIpv4, Family::kIpv6})
        if (auto guard = open_guard_socket(family)) guards_.push_back(std::move(*guard));
      while (spare_sockets_.size() < kSpareSockets) {
        auto socket = open_packet_socket();
        if (!socket) break;
        spare_sockets_.push_back(std::move(*socket));
      }
    }
    std::vector<SourceFault> faults;
    for (const auto& fault : faults_) faults.push_back(fault.second);
    return faults;
  }

  void start() {
    started_ = true;
    netlink_.start();
    for (const auto& capture : captures_) capture->start();
    update_fifos();
    for (const auto& [path, fifo] : fifos_) fifo->restart();
    for (const auto& router : routers_) advance(*router);
    refresh_captures();
    refresh_later();
  }

  void replace(std::vector<VirtualRouterOptions> options) {
    set_options(std::move(options));
    assign_sockets();
    if (!started_) return;
    update_fifos();
    for (const auto& [path, fifo] : fifos_) fifo->start();
    for (const auto& router : routers_)
      if (has(router->tracker.options(), VrrpSource::kNetlink)) router->tracker.vip(vip_state(*router), now());
    refresh_captures();
    for (const auto& router : routers_) advance(*router);
  }

  const MonitoredRouter& at(std::size_t index) const { return *routers_.at(index); }
  std::size_t size() const { return routers_.size(); }

  const VirtualRouterStatus& status(std::size_t index) const {
    MonitoredRouter& router = *routers_.at(index);
    router.last_reported = status_of(router);
    return router.last_reported;
  }

  const AdvertCounters* interface_counters(const std::string& interface) const {
    const auto found = std::ranges::find(
        captures_, interface, [](const auto& capture) -> const std::string& { return capture->interface(); });
    return found == captures_.end() ? nullptr : &(*found)->counters();
  }

 private:
  void set_options(std::vector<VirtualRouterOptions> options) {
    std::vector<std::unique_ptr<MonitoredRouter>> next(options.size());
    const auto kept = [&](const VirtualRouterOptions& each) {
      return std::ranges::find_if(routers_,
                                  [&](const auto& router) { return router && router->tracker.options() == each; });
    };
    for (std::size_t i = 0; i < options.size(); ++i)
      if (kept(options[i]) == routers_.end()) next[i] = std::make_unique<MonitoredRouter>(context_, options[i], i);
    // From here on nothing throws: the kept ones are never lost.
    for (std::size_t i = 0; i < options.size(); ++i) {
      if (next[i] != nullptr) continue;
      next[i] = std::move(*kept(options[i]));
      next[i]->index = i;
    }
    routers_ = std::move(next);
    update_captures();
  }

  // Creates a capture for each interface with subscribers. Captures without subscribers return their sockets.
  void update_captures() {
    std::map<std::string, std::vector<AdvertSubscriber>> subscribers_by_interface;
    for (const auto& router : routers_) {
      if (!has(router->tracker.options(), VrrpSource::kPassive)) continue;
      subscribers_by_interface[router->tracker.options().interface].push_back(
          {&router->tracker.options(), &router->counters,
           [this, w = router.get()](const Advertisement& found, Instant at) { advert_received(*w, found, at); },
           [this, w = router.get()](const AdvertResult& result, dns::Bytes packet, Instant at) {
             advert_rejected(*w, result.source, *result.reject, packet, at);
           }});
    }
    std::erase_if(captures_, [&](const auto& capture) {
      if (subscribers_by_interface.contains(capture->interface())) return false;
      if (FileDescriptor socket = capture->release(); socket.get() >= 0) spare_sockets_.push_back(std::move(socket));
      recovered(capture->interface());  // no subscriber is left
      without_socket_.erase(capture->interface());
      return true;
    });
    for (auto& [interface, subscribers] : subscribers_by_interface) {
      auto found = std::ranges::find(captures_, interface,
                                     [](const auto& capture) -> const std::string& { return capture->interface(); });
      if (found == captures_.end()) {
        captures_.push_back(std::make_unique<AdvertCapture>(context_, interface));
        without_socket_[interface] = captures_.back().get();
        found = captures_.end() - 1;
      }
      (*found)->subscribe(std::move(subscribers));
    }
  }

  void assign_sockets() {
    for (auto entry = without_socket_.begin(); entry != without_socket_.end();) {
      auto socket = spare_or_new_socket();
      if (!socket) {
        note(fault_of(entry->first, socket.error()));
        ++entry;
        continue;
      }
      entry->second->adopt(std::move(*socket));
      if (started_) entry->second->start();
      entry = without_socket_.erase(entry);
    }
  }

  dns::Result<FileDescriptor, int> spare_or_new_socket() {
    if (spare_sockets_.empty()) return open_packet_socket();
    FileDescriptor socket = std::move(spare_sockets_.back());
    spare_sockets_.pop_back();
    return socket;
  }

  // One source for each FIFO: several virtual routers may share it.
  void update_fifos() {
    std::map<std::string, std::vector<FifoReader::Subscriber>> subscribers_by_path;
    for (const auto& router : routers_) {
      const VirtualRouterOptions& options = router->tracker.options();
      if (!has(options, VrrpSource::kFifo)) continue;
      subscribers_by_path[options.fifo].push_back(
          {options.fifo_instance, options.snapshot, [this, w = router.get()](FifoRole role) {
             event(*w, [&](RouterTracker& tracker) { tracker.role(role, now()); });
           }});
    }
    std::erase_if(fifos_, [&](const auto& each) {
      const bool unused = !subscribers_by_path.contains(each.first);
      if (unused) recovered(each.first);
      return unused;
    });
    for (auto& [path, subscribers] : subscribers_by_path) {
      auto& fifo = fifos_[path];
      if (fifo == nullptr)
        fifo = std::make_unique<FifoSource>(
            context_, path,
            FifoReader::Callbacks{
                .fault = [this,
                          path](const std::string& words) { note({SourceFault::Kind::kUnreadable, path, words}); },
                .recovered = [this, path] { recovered(path); }});
      fifo->subscribe(std::move(subscribers));
    }
  }

  void host_changed(const HostAddresses* host) {
    host_ = host;
    if (host == nullptr) rounds_without_netlink_ = kMaxRoundsWithoutNetlink;
    for (const auto& router : routers_) {
      if (!has(router->tracker.options(), VrrpSource::kNetlink)) continue;
      event(*router, [&](RouterTracker& tracker) { tracker.vip(vip_state(*router), now()); });
    }
    refresh_captures();
  }

  VipState vip_state(const MonitoredRouter& router) const {
    return host_ == nullptr ? VipState::kUnknown : host_->state_of(router.tracker.options().vips);
  }

  // Without netlink, captures are bound by the interface's name alone.
  bool knows_links() const { return host_ != nullptr || rounds_without_netlink_ >= kMaxRoundsWithoutNetlink; }

  void refresh_captures() {
    if (!knows_links()) return;
    for (const auto& capture : captures_) {
      const std::string& interface = capture->interface();
      if (!without_socket_.contains(interface)) {
        const auto refreshed = capture->refresh(host_);
        if (refreshed) {
          recovered(interface);
        } else {
          note({SourceFault::Kind::kNoInterface, interface, refreshed.error()});
        }
      }
      const CaptureState capture_state =
          faults_.contains(interface) ? CaptureState::kNotCapturing : CaptureState::kCapturing;
      for (const auto& router : routers_)
        if (router->tracker.options().interface == interface)
          event(*router, [&](RouterTracker& tracker) { tracker.set_capture(capture_state, now()); });
    }
  }

  void refresh_later() {
    refresh_.expires_after(kRefresh);
    refresh_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
      if (error || alive.expired()) return;
      if (host_ == nullptr) ++rounds_without_netlink_;
      refresh_captures();
      update_rejected_alarms();
      refresh_later();
    });
  }

  void advert_received(MonitoredRouter& router, const Advertisement& found, Instant at) {
    if (found.hmac == AdvertForm::kHmacVerified &&
        !router.replay_guards[found.router].accept(found.hmac_stamp, wall_seconds())) {
      router.counters.count(AdvertReject::kReplay);
      return advert_rejected(router, found.source, AdvertReject::kReplay, {}, at);
    }
    router.rejected.accepted(found.router);
    event(router, [&](RouterTracker& tracker) { tracker.advertisement(found, at); });
  }

  void advert_rejected(MonitoredRouter& router, const boost::asio::ip::address& source, AdvertReject reject,
                       dns::Bytes packet, Instant at) {
    const auto line = router.rejected.rejected(source, reject, packet, at);
    if (line && callbacks_.on_rejected) callbacks_.on_rejected(*line);
  }

  // An alarm for each router that is only ever rejected.
  void update_rejected_alarms() {
    std::map<std::string, std::string> present;
    for (const auto& router : routers_) {
      const VirtualRouterOptions& options = router->tracker.options();
      for (std::size_t i = 0; i < options.routers.size(); ++i)
        if (const auto why = router->rejected.only_rejected(i, now()))
          present[options.name + ":" + options.routers[i].name] = *why;
    }
    for (const auto& [subject, why] : present) note({SourceFault::Kind::kRejected, subject, why});
    std::vector<std::string> ended;
    for (const auto& [subject, fault] : faults_)
      if (fault.kind == SourceFault::Kind::kRejected && !present.contains(subject)) ended.push_back(subject);
    for (const std::string& subject : ended) recovered(subject);
  }

  VirtualRouterStatus status_of(const MonitoredRouter& router) const {
    VirtualRouterStatus status = router.tracker.status(now());
    if (const std::string words = router.rejected.words(now()); !words.empty()) status.reason += "; " + words;
    return status;
  }

  void advance(MonitoredRouter& router) {
    event(router, [](RouterTracker& tracker) { tracker.advance(now()); });
  }

  template <class Event>
  void event(MonitoredRouter& router, const Event& apply) {
    const bool stale = router.tracker.stale_vip();
    apply(router.tracker);
    arm(router);
    if (router.tracker.transitions() == router.transitions_reported && router.tracker.stale_vip() == stale) return;
    router.transitions_reported = router.tracker.transitions();
    router.last_reported = status_of(router);
    if (callbacks_.on_change) callbacks_.on_change(router.index, router.last_reported);
  }

  void arm(MonitoredRouter& router) {
    const auto next = router.tracker.next_deadline();
    if (!next) {
      router.timer.cancel();
      return;
    }
    router.timer.expires_at(boost::asio::steady_timer::time_point(*next));
    router.timer.async_wait(
        [this, w = &router, alive = std::weak_ptr(router.alive)](const boost::system::error_code& error) {
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
  const HostAddresses* host_ = nullptr;  // of netlink_; null: unknown
  bool started_ = false;
  unsigned rounds_without_netlink_ = 0;  // without a message from netlink
  std::vector<std::unique_ptr<MonitoredRouter>> routers_;
  std::vector<std::unique_ptr<AdvertCapture>> captures_;
  std::map<std::string, std::unique_ptr<FifoSource>> fifos_;  // by path
  std::map<std::string, AdvertCapture*> without_socket_;      // by interface: captures without a socket
  std::vector<FileDescriptor> spare_sockets_, guards_;
  std::map<std::string, SourceFault> faults_;  // by subject: present faults
  // Timer handlers queued before destruction check it.
  std::shared_ptr<const int> alive_ = std::make_shared<const int>();
};

VrrpMonitor::VrrpMonitor(boost::asio::io_context& context, std::vector<VirtualRouterOptions> options,
                         Callbacks callbacks)
    : implementation_(std::make_unique<Implementation>(context, std::move(options), std::move(callbacks))) {}
VrrpMonitor::~VrrpMonitor() = default;

std::vector<SourceFault> VrrpMonitor::open() { return implementation_->open(); }
void VrrpMonitor::start() { implementation_->start(); }
void VrrpMonitor::replace(std::vector<VirtualRouterOptions> options) { implementation_->replace(std::move(options)); }
std::size_t VrrpMonitor::size() const { return implementation_->size(); }
const VirtualRouterOptions& VrrpMonitor::options(std::size_t index) const {
  return implementation_->at(index).tracker.options();
}
const RouterTracker& VrrpMonitor::tracker(std::size_t index) const { return implementation_->at(index).tracker; }
const VirtualRouterStatus& VrrpMonitor::status(std::size_t index) const { return implementation_->status(index); }
const AdvertCounters& VrrpMonitor::counters(std::size_t index) const { return implementation_->at(index).counters; }
const AdvertCounters* VrrpMonitor::interface_counters(const std::string& interface) const {
  return implementation_->interface_counters(interface);
}
std::uint64_t VrrpMonitor::transitions(std::size_t index) const {
  return implementation_->at(index).tracker.transitions();
}

}  // namespace server
