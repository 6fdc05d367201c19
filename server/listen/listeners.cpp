#include "server/listen/listeners.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <optional>

namespace server {
namespace {

constexpr std::size_t kDescriptorReserve = 48;  // for reactors, zone files that are read, standard streams
constexpr int kPortTries = 16;                  // to find a port that is free for all transports

bool is_same(const ListenAddress& a, const ListenAddress& b) { return same_address(a, b) && a.port == b.port; }

// Raises the limit as far as the system allows and returns it.
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return RLIM_INFINITY;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace

Listeners::Listeners(const ListenOptions& options, const ResponderOptions& responder, const RequestTables& tables,
                     Log log, std::vector<std::unique_ptr<Listener>> listeners)
    : wanted_(options.addresses.empty() ? default_addresses() : options.addresses),
      responder_(responder),
      tables_(tables),
      log_(std::move(log)),
      listeners_(std::move(listeners)) {}

Listeners::~Listeners() { stop(); }

dns::Result<void, SocketError> Listeners::bind() {
  std::vector<ListenAddress> distinct;
  for (const ListenAddress& endpoint : wanted_) {
    const auto known = [&](const ListenAddress& other) { return is_same(endpoint, other); };
    if (endpoint.port == 0 || std::ranges::none_of(distinct, known)) distinct.push_back(endpoint);
  }
  for (const ListenAddress& endpoint : distinct) {
    const auto bound = bind_address(endpoint);
    if (bound) continue;
    if (!is_optional(bound.error())) return bound;
    log_->warn("this machine has no IPv6: serving IPv4 only");
  }
  limit_descriptors();
  return {};
}

dns::Result<void, SocketError> Listeners::bind_address(ListenAddress endpoint) {
  const auto port = find_port(endpoint);
  if (!port) return dns::Failure<SocketError>(port.error());
  endpoint.port = *port;
  for (const auto& listener : listeners_)
    if (const auto bound = listener->bind(endpoint); !bound) return bound;
  addresses_.push_back(endpoint);
  return {};
}

// The port for all transports. For port 0 the kernel chooses one that is free for all.
dns::Result<std::uint16_t, SocketError> Listeners::find_port(const ListenAddress& endpoint) {
  for (int attempt = 1;; ++attempt) {
    ListenAddress chosen = endpoint;
    std::optional<SocketError> taken;
    for (std::size_t i = 0; i < listeners_.size() && !taken; ++i) {
      const auto port = listeners_[i]->probe(chosen);
      if (port) chosen.port = *port;
      else if (i == 0) return port;
      else taken = port.error();
    }
    if (!taken) return chosen.port;
    if (endpoint.port != 0 || attempt == kPortTries) return dns::Failure<SocketError>(*taken);
  }
}

// "*" means both address families. A kernel without IPv6 has only one.
bool Listeners::is_optional(const SocketError& error) const {
  const auto is_ipv4_wildcard = [](const ListenAddress& other) {
    return other.address_size == 4 && is_wildcard(other);
  };
  return error.endpoint.address_size == 16 && is_wildcard(error.endpoint) &&
         (error.code == EAFNOSUPPORT || error.code == EADDRNOTAVAIL) && std::ranges::any_of(wanted_, is_ipv4_wildcard);
}

void Listeners::limit_descriptors() {
  const std::size_t limit = raise_descriptor_limit();
  std::size_t taken = kDescriptorReserve;
  for (const auto& listener : listeners_) taken += listener->sockets();
  for (const auto& listener : listeners_) listener->limit_descriptors(limit > taken ? limit - taken : 1);
}

std::vector<ListenAddress> Listeners::addresses() const { return addresses_; }

std::size_t Listeners::readers() const {
  std::size_t readers = 0;
  for (const auto& listener : listeners_) readers += listener->readers();
  return readers;
}

dns::Result<void, std::string> Listeners::start(PublishedSnapshot& snapshots) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return {};
  std::size_t first_reader = 0;
  for (const auto& listener : listeners_) {
    const auto started = listener->start({.responder = responder_,
                                          .tables = tables_,
                                          .snapshots = snapshots,
                                          .first_reader = first_reader,
                                          .add_counters = [this]() -> Counters& { return counters_.emplace_back(); },
                                          .add_thread =
                                              [this](const ThreadOptions& options, std::function<void()> body) {
                                                auto thread = start_thread(options, std::move(body));
                                                if (!thread)
                                                  return dns::Result<void, std::string>(dns::Failure(thread.error()));
                                                threads_.push_back(std::move(*thread));
                                                return dns::Result<void, std::string>();
                                              }});
    if (!started) return started;
    first_reader += listener->readers();
  }
  return {};
}

void Listeners::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (const auto& listener : listeners_) listener->stop();
  threads_.clear();
}

}  // namespace server
