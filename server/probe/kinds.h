// The kinds of probes, each made as an Attempt that has not begun.
//
//     datagram.cpp   icmp, dns, stamp: a packet there and one back
//     tcp.cpp        tcp: a connection is accepted
//     http.cpp       http, with TLS where asked for: a GET and its answer
//     program.cpp    exec: a program of the operator's
//     file.cpp       file: what others have written
#pragma once

#include <boost/asio/io_context.hpp>

#include <memory>

#include "server/probe/attempt.h"

namespace server {

class EchoSocket;

// What TLS sessions share: the system's certification authorities (SSL_CERT_FILE and SSL_CERT_DIR name others), read when
// first needed.
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

std::shared_ptr<Attempt> make_icmp(boost::asio::io_context& context, const CheckOptions& check, Report report, EchoSocket& socket);
std::shared_ptr<Attempt> make_dns(boost::asio::io_context& context, const CheckOptions& check, Report report);
std::shared_ptr<Attempt> make_stamp(boost::asio::io_context& context, const CheckOptions& check, Report report);
std::shared_ptr<Attempt> make_tcp(boost::asio::io_context& context, const CheckOptions& check, Report report);
std::shared_ptr<Attempt> make_http(boost::asio::io_context& context, const CheckOptions& check, Report report, TlsContexts& tls);
std::shared_ptr<Attempt> make_program(boost::asio::io_context& context, const CheckOptions& check, Report report);
std::shared_ptr<Attempt> make_file(boost::asio::io_context& context, const CheckOptions& check, Report report);

}  // namespace server
