#include "server/listen/listeners.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>

#include "server/runtime/thread.h"

namespace server {
namespace {

constexpr int kTcpNiceness = 5;                 // UDP has priority over a flood of TCP
constexpr std::size_t kDescriptorReserve = 48;  // for reactors, zone files that are read, standard streams

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

Listeners::Listeners(const ListenOptions& options, const ResponderOptions& responder, Log log)
    : options_(options),
      responder_(responder),
      log_(std::move(log)),
      workers_(options.workers != 0 ? options.workers : allowed_cpus().size()) {
  if (options_.addresses.empty()) options_.addresses = default_addresses();
}

Listeners::~Listeners() { stop(); }

dns::Result<void, SocketError> Listeners::bind() {
  std::vector<ListenAddress> distinct;
  for (const ListenAddress& endpoint : options_.addresses) {
    const auto known = [&](const ListenAddress& other) { return is_same(endpoint, other); };
    if (endpoint.port == 0 || std::ranges::none_of(distinct, known)) distinct.push_back(endpoint);
  }
  for (const ListenAddress& endpoint : distinct) {
    auto address = bind_address(endpoint, workers_, options_);
    if (address) {
      addresses_.push_back(address->endpoint);
      bound_.push_back(std::move(*address));
    } else if (is_optional(address.error())) {
      log_->warn("this machine has no IPv6: serving IPv4 only");
    } else {
      return dns::Failure<SocketError>(address.error());
    }
  }
  limit_connections_to_descriptors();
  return {};
}

// "*" means both address families. A kernel without IPv6 has only one.
bool Listeners::is_optional(const SocketError& error) const {
  const auto is_ipv4_wildcard = [](const ListenAddress& other) {
    return other.address_size == 4 && is_wildcard(other);
  };
  return error.endpoint.address_size == 16 && is_wildcard(error.endpoint) &&
         (error.code == EAFNOSUPPORT || error.code == EADDRNOTAVAIL) &&
         std::ranges::any_of(options_.addresses, is_ipv4_wildcard);
}

// With more places than descriptors, connections would fail when the server is under attack.
void Listeners::limit_connections_to_descriptors() {
  const std::size_t limit = raise_descriptor_limit(), sockets = bound_.size() * (workers_ + options_.tcp.workers);
  const std::size_t taken = sockets + kDescriptorReserve;
  const std::size_t room = limit > taken ? (limit - taken) / options_.tcp.workers : 1;
  if (room >= options_.tcp.connections_max) return;
  options_.tcp.connections_max = std::max<std::size_t>(room, 1);
  log_->warn("the limit of open files is {}: each worker serves at most {} TCP clients", limit,
             options_.tcp.connections_max);
}

std::vector<ListenAddress> Listeners::addresses() const { return addresses_; }

dns::Result<void, std::string> Listeners::start(PublishedSnapshot& snapshots) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return {};
  const auto started = start_udp(snapshots);
  return started ? start_tcp(snapshots) : started;
}

dns::Result<void, std::string> Listeners::add_thread(const ThreadOptions& options, std::function<void()> body) {
  auto thread = start_thread(options, std::move(body));
  if (!thread) return dns::Failure(thread.error());
  threads_.push_back(std::move(*thread));
  return {};
}

dns::Result<void, std::string> Listeners::start_udp(PublishedSnapshot& snapshots) {
  const std::vector<int> cpus = allowed_cpus();
  for (BoundAddress& address : bound_) {
    for (std::size_t worker = 0; worker < workers_; ++worker) {
      UdpWorker& udp_worker = udp_.emplace_back(UdpWorker::Dependencies{.socket = std::move(address.udp[worker]),
                                                                        .endpoint = address.endpoint,
                                                                        .responder = responder_,
                                                                        .counters = counters_.emplace_back(),
                                                                        .snapshots = snapshots,
                                                                        .reader = udp_.size(),
                                                                        .send_together = options_.send_together});
      const auto started = add_thread({"udp-" + std::to_string(worker), cpus[worker % cpus.size()], 0},
                                      [&udp_worker] { udp_worker.run(); });
      if (!started) return started;
    }
  }
  return {};
}

dns::Result<void, std::string> Listeners::start_tcp(PublishedSnapshot& snapshots) {
  for (std::size_t worker = 0; worker < options_.tcp.workers; ++worker) {
    std::vector<FileDescriptor> sockets;
    for (BoundAddress& address : bound_) sockets.push_back(std::move(address.tcp[worker]));
    TcpWorker& tcp_worker = tcp_.emplace_back(TcpWorker::Dependencies{.sockets = std::move(sockets),
                                                                      .options = options_.tcp,
                                                                      .responder = responder_,
                                                                      .counters = counters_.emplace_back(),
                                                                      .snapshots = snapshots,
                                                                      .reader = udp_.size() + worker,
                                                                      .log = log_});
    const auto started =
        add_thread({"tcp-" + std::to_string(worker), std::nullopt, kTcpNiceness, WithoutMemory::kThrow},
                   [this, &tcp_worker] { run_tcp(tcp_worker); });
    if (!started) return started;
  }
  return {};
}

// Where no memory is left, the work on a client fails, and the others go on.
void Listeners::run_tcp(TcpWorker& worker) const {
  run_until_done([&] { worker.run(); },
                 [this](std::string_view what) { log_->error("a TCP worker failed and goes on: {}", what); });
}

void Listeners::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (UdpWorker& worker : udp_) worker.stop();
  for (TcpWorker& worker : tcp_) worker.stop();
  threads_.clear();
}

}  // namespace server
