#include "server/listen/couriers.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>

#include "server/runtime/thread.h"

namespace server {
namespace {

constexpr int kTcpNiceness = 5;                  // a flood of TCP leaves the CPU to UDP
constexpr std::size_t kDescriptorReserve = 48;   // for reactors, zone files while they are read, standard streams

bool is_same(const Endpoint& a, const Endpoint& b) { return same_address(a, b) && a.port == b.port; }

// As many as the system lets us have.
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return RLIM_INFINITY;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace

Couriers::Couriers(const ListenOptions& options, const ResponderOptions& responder, Log log)
    : options_(options),
      responder_(responder),
      log_(std::move(log)),
      workers_(options.workers != 0 ? options.workers : allowed_cpus().size()) {
  if (options_.addresses.empty()) options_.addresses = default_addresses();
}

Couriers::~Couriers() { stop(); }

dns::Result<void, SocketFault> Couriers::bind() {
  std::vector<Endpoint> wanted;
  for (const Endpoint& endpoint : options_.addresses) {
    const auto known = [&](const Endpoint& other) { return is_same(endpoint, other); };
    if (endpoint.port == 0 || std::ranges::none_of(wanted, known)) wanted.push_back(endpoint);
  }
  for (const Endpoint& endpoint : wanted) {
    auto address = bind_address(endpoint, workers_, options_);
    if (address) {
      addresses_.push_back(address->endpoint);
      bound_.push_back(std::move(*address));
    } else if (dispensable(address.error())) {
      log_->warn("this machine has no IPv6: serving IPv4 only");
    } else {
      return dns::Failure<SocketFault>(address.error());
    }
  }
  fit_to_descriptors();
  return {};
}

// "*" asks for both families; a kernel without IPv6 has one.
bool Couriers::dispensable(const SocketFault& fault) const {
  const auto is_ipv4_wildcard = [](const Endpoint& other) { return other.address_size == 4 && is_wildcard(other); };
  return fault.endpoint.address_size == 16 && is_wildcard(fault.endpoint) &&
         (fault.error == EAFNOSUPPORT || fault.error == EADDRNOTAVAIL) &&
         std::ranges::any_of(options_.addresses, is_ipv4_wildcard);
}

// Places beyond the limit of descriptors would only be found missing under attack.
void Couriers::fit_to_descriptors() {
  const std::size_t limit = raise_descriptor_limit(), sockets = bound_.size() * (workers_ + options_.tcp.workers);
  const std::size_t taken = sockets + kDescriptorReserve;
  const std::size_t room = limit > taken ? (limit - taken) / options_.tcp.workers : 1;
  if (room >= options_.tcp.connections_max) return;
  options_.tcp.connections_max = std::max<std::size_t>(room, 1);
  log_->warn("the limit of open files is {}: at most {} TCP clients a worker", limit, options_.tcp.connections_max);
}

std::vector<Endpoint> Couriers::addresses() const { return addresses_; }

void Couriers::start(PublishedSnapshot& snapshots) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  start_udp(snapshots);
  start_tcp(snapshots);
}

void Couriers::start_udp(PublishedSnapshot& snapshots) {
  const std::vector<int> cpus = allowed_cpus();
  for (BoundAddress& address : bound_) {
    for (std::size_t worker = 0; worker < workers_; ++worker) {
      UdpCourier& courier = udp_.emplace_back(UdpCourier::Wiring{.socket = std::move(address.udp[worker]),
                                                                 .endpoint = address.endpoint,
                                                                 .responder = responder_,
                                                                 .counters = counters_.emplace_back(),
                                                                 .snapshots = snapshots,
                                                                 .reader = udp_.size(),
                                                                 .together = options_.send_together});
      threads_.push_back(start_thread({"udp-" + std::to_string(worker), cpus[worker % cpus.size()], 0}, [&courier] { courier.run(); }));
    }
  }
}

void Couriers::start_tcp(PublishedSnapshot& snapshots) {
  for (std::size_t worker = 0; worker < options_.tcp.workers; ++worker) {
    std::vector<FileDescriptor> sockets;
    for (BoundAddress& address : bound_) sockets.push_back(std::move(address.tcp[worker]));
    TcpCourier& courier = tcp_.emplace_back(TcpCourier::Wiring{.sockets = std::move(sockets),
                                                               .options = options_.tcp,
                                                               .responder = responder_,
                                                               .counters = counters_.emplace_back(),
                                                               .snapshots = snapshots,
                                                               .reader = udp_.size() + worker,
                                                               .log = log_});
    threads_.push_back(start_thread({"tcp-" + std::to_string(worker), std::nullopt, kTcpNiceness}, [&courier] { courier.run(); }));
  }
}

void Couriers::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (UdpCourier& courier : udp_) courier.stop();
  for (TcpCourier& courier : tcp_) courier.stop();
  threads_.clear();
}

}  // namespace server
