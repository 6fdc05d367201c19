// Starts probes of all kinds, and owns what they share: echo sockets, TLS contexts. One thread: that of the io_context.
#pragma once

#include "server/probe/echo.h"
#include "server/probe/kinds.h"
#include "zone/base/result.h"

namespace server {

class Prober {
 public:
  explicit Prober(boost::asio::io_context& context);

  // Opens the echo sockets, while there is the right to. A family that the host does not have is no error.
  dns::Result<void, std::string> open();

  // Begun. Outlives neither the prober nor, unless ended, the interest in its report.
  std::shared_ptr<Attempt> start(const CheckOptions& check, Report report);

 private:
  std::shared_ptr<Attempt> make(const CheckOptions& check, Report report);

  boost::asio::io_context& context_;
  EchoSocket echo4_, echo6_;
  TlsContexts tls_;
};

}  // namespace server
