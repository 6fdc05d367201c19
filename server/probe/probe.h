// One probe of one target, from its start to its result. Kinds differ in what they do; what they share is here.
//
//     start() --run()--> waiting --finish()--> done --posted--> on_result(result)
//                           |
//                           +-- timeout: failed, "no reply in 2 s"
//                           +-- cancel(): done, no result
//
// `on_result` is called once, from the io_context and never from within start(); not at all after cancel(). Whatever
// ends the probe has closed its sockets and killed its program before it returns. Handlers hold the probe, so that its
// owner may let it go at any time after cancel(). One thread: that of the io_context.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/probe/options.h"
#include "server/probe/result.h"

namespace server {

using OnResult = std::function<void(const ProbeResult&)>;

class Probe : public std::enable_shared_from_this<Probe> {  // shared: by its owner and the handlers that are under way
 public:
  Probe(boost::asio::io_context& context, const CheckOptions& check, OnResult on_result);
  virtual ~Probe() = default;
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  void start();
  void cancel();

 protected:
  virtual void run() = 0;
  virtual void close() = 0;  // ends all that is under way; may be called more than once

  // The first of these counts.
  void finish(ProbeResult result);
  void succeed(std::string detail, Duration round_trip);
  void fail(std::string detail);
  // A refusal of the system: kUnknown where it is our own lack, else kFailed; a firewall of ours is a part of the path.
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

// Whether a refusal is our own lack (descriptors, memory), and not the target's or the path's doing.
bool is_local_shortage(const boost::system::error_code& error);

// The kinds of probes, each made as a Probe that has not started.
//
//     datagram.cpp   icmp, dns, stamp: a packet there and one back
//     tcp.cpp        tcp: a connection is accepted
//     http.cpp       http, with TLS where asked for: a GET and its answer
//     external.cpp   exec, file: a program of the operator, a file that others write

class EchoSocket;

// What TLS sessions share: the system's certification authorities (SSL_CERT_FILE and SSL_CERT_DIR name others), read
// when first needed.
class TlsContexts {
 public:
  TlsContexts();
  ~TlsContexts();
  struct Both;
  Both& get();

 private:
  std::unique_ptr<Both> both_;
};

// The monitor's, or its kind's where it names none: 80, 443, 53, 862. 0 for kinds without ports, and for tcp.
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

}  // namespace server
