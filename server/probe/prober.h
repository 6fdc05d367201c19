// Starts probes of all kinds, and owns what they share: echo sockets and TLS contexts. One thread: that of the
// io_context.
#pragma once

#include "server/probe/echo_socket.h"
#include "server/probe/probe.h"
#include "zone/base/result.h"

namespace server {

class Prober {
 public:
  explicit Prober(boost::asio::io_context& context);

  // Opens the echo sockets; call it before privileges are dropped. A family that the host does not support is no error.
  dns::Result<void, std::string> open();

  // Returns a started probe. It must end, or be cancelled, before the prober is destroyed.
  std::shared_ptr<Probe> start(const CheckOptions& check, OnResult on_result);

 private:
  std::shared_ptr<Probe> make(const CheckOptions& check, OnResult on_result);

  boost::asio::io_context& context_;
  EchoSocket echo4_, echo6_;
  TlsContexts tls_;
};

}  // namespace server
