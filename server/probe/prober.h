// Starts probes of all kinds, and owns what they share: echo sockets, TLS contexts. One thread: that of the io_context.
#pragma once

#include "server/probe/echo_socket.h"
#include "server/probe/probe.h"
#include "zone/base/result.h"

namespace server {

class Prober {
 public:
  explicit Prober(boost::asio::io_context& context);

  // Opens the echo sockets, while there is the right to. A family that the host does not have is no error.
  dns::Result<void, std::string> open();

  // Begun. Outlives neither the prober nor, unless ended, the interest in its result.
  std::shared_ptr<Probe> start(const CheckOptions& check, OnResult on_result);

 private:
  std::shared_ptr<Probe> make(const CheckOptions& check, OnResult on_result);

  boost::asio::io_context& context_;
  EchoSocket echo4_, echo6_;
  TlsContexts tls_;
};

}  // namespace server
