// One probe of one target, from start to result. This class contains what all kinds of probes share.
//
//     start() --run()--> waiting --finish()--> done --posted--> on_result(result)
//                           |
//                           +-- timeout: failed, "no reply in 2 s"
//                           +-- cancel(): done, no result
//
// `on_result` is called once, from the io_context and never within start(); after cancel() it is not called. The
// function that ends the probe closes its sockets and kills its program before it returns. Handlers hold the probe, so
// its owner may release it at any time after cancel(). One thread: that of the io_context.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/probe/options.h"
#include "server/probe/result.h"

namespace server {

using OnResult = std::function<void(const ProbeResult&)>;

class Probe : public std::enable_shared_from_this<Probe> {  // shared by its owner and by pending handlers
 public:
  Probe(boost::asio::io_context& context, const CheckOptions& check, OnResult on_result);
  virtual ~Probe() = default;
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  void start();
  void cancel();

 protected:
  virtual void run() = 0;
  virtual void close() = 0;  // ends all pending operations; may be called more than once

  // Only the first call counts.
  void finish(ProbeResult result);
  void succeed(std::string detail, Duration round_trip);
  void fail(std::string detail);
  // An error from the system: kUnknown if it is a local shortage, otherwise kFailed (a local firewall is part of the
  // path).
  void fail(const boost::system::error_code& error);
  void finish_unknown(const std::string& why);  // kUnknown

  bool done() const { return done_; }
  Duration elapsed() const { return std::chrono::steady_clock::now() - started_; }
  boost::asio::io_context& context() { return context_; }
  const CheckOptions& check() const { return check_; }
  const MonitorOptions& monitor() const { return check_.monitor; }

  template <class Derived>
  std::shared_ptr<Derived> self() {
    return std::static_pointer_cast<Derived>(shared_from_this());
  }

 private:
  boost::asio::io_context& context_;
  CheckOptions check_;
  OnResult on_result_;
  boost::asio::steady_timer timer_;
  Instant started_{};
  bool done_ = false;
};

// True if the error is a local shortage (descriptors, memory) and not caused by the target or the path.
bool is_local_shortage(const boost::system::error_code& error);

// The kinds of probes. Each function returns a Probe that has not started.
//
//     datagram.cpp   icmp, dns, stamp: one packet and its reply
//     tcp.cpp        tcp: a connection is accepted
//     http.cpp       http, with or without TLS: a GET and its response
//     external.cpp   exec, file: a program of the operator, a file that another program writes

class EchoSocket;

// The shared TLS contexts, with the system's certification authorities (SSL_CERT_FILE and SSL_CERT_DIR name others);
// read at the first use, and again when their file was replaced or written.
class TlsContexts {
 public:
  TlsContexts();
  ~TlsContexts();
  struct Both;
  std::shared_ptr<Both> get();  // shared: a running probe keeps the contexts that it began with

 private:
  std::shared_ptr<Both> both_;
};

// The monitor's port, or the default of its kind: 80, 443, 53, 862. 0 for kinds without ports, and for tcp.
std::uint16_t port_of(const MonitorOptions& monitor);

std::shared_ptr<Probe> make_icmp(boost::asio::io_context& context, const CheckOptions& check, OnResult on_result,
                                 EchoSocket& socket);
std::shared_ptr<Probe> make_dns(boost::asio::io_context& context, const CheckOptions& check, OnResult on_result);
std::shared_ptr<Probe> make_stamp(boost::asio::io_context& context, const CheckOptions& check, OnResult on_result);
std::shared_ptr<Probe> make_tcp(boost::asio::io_context& context, const CheckOptions& check, OnResult on_result);
std::shared_ptr<Probe> make_http(boost::asio::io_context& context, const CheckOptions& check, OnResult on_result,
                                 TlsContexts& tls);
std::shared_ptr<Probe> make_program(boost::asio::io_context& context, const CheckOptions& check, OnResult on_result);
std::shared_ptr<Probe> make_file(boost::asio::io_context& context, const CheckOptions& check, OnResult on_result);

// The result that a probe of the monitor's file has at `now`: kUnknown, with the reason, if the file cannot be read,
// was not written within `timeout`, is from the future, or contains neither "up" nor "down". Reads the disk.
ProbeResult read_state_file(const MonitorOptions& monitor, std::chrono::system_clock::time_point now);

// Why the program of the monitor cannot be started; empty if it is there. Reads the disk.
std::string program_fault(const MonitorOptions& monitor);

}  // namespace server
