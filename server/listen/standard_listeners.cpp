#include "server/listen/standard_listeners.h"

#include <algorithm>
#include <deque>

#include "server/listen/tcp.h"

namespace server {
namespace {

constexpr int kTcpNiceness = 5;  // UDP has priority over a flood of TCP

// The sockets of one address, one for each worker.
struct BoundAddress {
  ListenAddress endpoint;
  std::vector<FileDescriptor> sockets;
};

// What both do alike.
class SocketListener : public Listener {
 public:
  SocketListener(const ListenOptions& options, const Transport& transport, std::size_t workers)
      : options_(options), transport_(transport), workers_(workers) {}

  dns::Result<std::uint16_t, SocketError> probe(const ListenAddress& endpoint) final {
    return probe_port(endpoint, transport_, options_.absent);
  }
  dns::Result<void, SocketError> bind(const ListenAddress& endpoint) final {
    auto sockets = bind_sockets(endpoint, transport_, workers_, options_);
    if (!sockets) return dns::Failure<SocketError>(sockets.error());
    bound_.push_back({endpoint, std::move(*sockets)});
    return {};
  }
  std::size_t sockets() const final { return bound_.size() * workers_; }

 protected:
  ListenOptions options_;
  const Transport& transport_;
  std::size_t workers_;  // of UDP: for each address
  std::vector<BoundAddress> bound_;
};

class UdpListener final : public SocketListener {
 public:
  explicit UdpListener(const ListenOptions& options) : SocketListener(options, Transport::kUdp, udp_workers(options)) {}

  std::size_t readers() const override { return sockets(); }

  dns::Result<void, std::string> start(const ListenerContext& context) override {
    const std::vector<int> cpus = allowed_cpus();
    for (BoundAddress& address : bound_) {
      for (std::size_t worker = 0; worker < workers_; ++worker) {
        UdpWorker& udp =
            udp_.emplace_back(UdpWorker::Dependencies{.socket = udp_socket(std::move(address.sockets[worker])),
                                                      .endpoint = address.endpoint,
                                                      .responder = context.responder,
                                                      .tables = context.tables,
                                                      .counters = context.add_counters(),
                                                      .snapshots = context.snapshots,
                                                      .reader = context.first_reader + udp_.size(),
                                                      .send_together = options_.send_together});
        const auto started =
            context.add_thread({"udp-" + std::to_string(worker), cpus[worker % cpus.size()], 0}, [&udp] { udp.run(); });
        if (!started) return started;
      }
    }
    return {};
  }
  void stop() override {
    for (UdpWorker& worker : udp_) worker.stop();
  }

 private:
  std::deque<UdpWorker> udp_;
};

class TcpListener final : public SocketListener {
 public:
  TcpListener(const ListenOptions& options, Log log)
      : SocketListener(options, Transport::kTcp, options.tcp.workers), log_(std::move(log)) {}

  std::size_t readers() const override { return workers_; }

  // With more places than descriptors, connections would fail when the server is under attack.
  void limit_descriptors(std::size_t left) override {
    const std::size_t room = std::max<std::size_t>(left / workers_, 1);
    if (room >= options_.tcp.connections_max) return;
    options_.tcp.connections_max = room;
    log_->warn("the limit of open files leaves {} for TCP clients: each worker serves at most {}", left, room);
  }

  dns::Result<void, std::string> start(const ListenerContext& context) override {
    for (std::size_t worker = 0; worker < workers_; ++worker) {
      std::vector<FileDescriptor> sockets;
      for (BoundAddress& address : bound_) sockets.push_back(std::move(address.sockets[worker]));
      TcpWorker& tcp = tcp_.emplace_back(TcpWorker::Dependencies{.sockets = tcp_sockets(std::move(sockets)),
                                                                 .options = options_.tcp,
                                                                 .responder = context.responder,
                                                                 .tables = context.tables,
                                                                 .counters = context.add_counters(),
                                                                 .snapshots = context.snapshots,
                                                                 .reader = context.first_reader + worker,
                                                                 .log = log_});
      const auto started =
          context.add_thread({"tcp-" + std::to_string(worker), std::nullopt, kTcpNiceness, WithoutMemory::kThrow},
                             [this, &tcp] { run(tcp); });
      if (!started) return started;
    }
    return {};
  }
  void stop() override {
    for (TcpWorker& worker : tcp_) worker.stop();
  }

 private:
  // Where no memory is left, the work on a client fails, and the others go on.
  void run(TcpWorker& worker) const {
    run_until_done([&] { worker.run(); },
                   [this](std::string_view what) { log_->error("a TCP worker failed and goes on: {}", what); });
  }

  Log log_;
  std::deque<TcpWorker> tcp_;
};

}  // namespace

std::vector<std::unique_ptr<Listener>> standard_listeners(const ListenOptions& options, const Log& log) {
  std::vector<std::unique_ptr<Listener>> listeners;
  listeners.push_back(std::make_unique<UdpListener>(options));
  listeners.push_back(std::make_unique<TcpListener>(options, log));
  return listeners;
}

std::size_t udp_workers(const ListenOptions& options) {
  return options.workers != 0 ? options.workers : allowed_cpus().size();
}

}  // namespace server
