// How to probe (a monitor) and what to probe (a target). A check is both together; equal checks run once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "server/runtime/thread.h"
#include "zone/base/result.h"
#include "zone/name/name.h"
#include "zone/rr/type.h"

namespace server {

enum class ProbeKind : std::uint8_t {
  kIcmp,   // echo (RFC 792, RFC 4443)
  kTcp,    // connect
  kHttp,   // GET over HTTP/1.1, TLS where `tls`
  kDns,    // a query, any rcode in `expect` (default: NOERROR)
  kStamp,  // RFC 8762 session sender, unauthenticated mode
  kExec,   // a program: exit status 0 is up; its output may contain "latency=12ms jitter=1ms loss=0.5%"
  kFile,   // a file that another program writes: "up", "down", measurements as above; older than `timeout`: unknown
};
inline constexpr std::size_t kProbeKinds = 7;

// `host` of an http or https monitor. A default-constructed value stands for the target's address.
struct HttpHost {
  std::string text;  // the Host header, as configured
  // The host without port, brackets and final dot. One of the two is set if `text` is not empty.
  std::string name;                  // for SNI and for the name in the certificate
  boost::asio::ip::address address;  // for the address in the certificate

  friend bool operator==(const HttpHost&, const HttpHost&) = default;
};

// Parses NAME[:PORT], IPV4[:PORT] or [IPV6][:PORT] (RFC 9110 7.2, RFC 3986 3.2.2). An error names the fault.
dns::Result<HttpHost, std::string> parse_http_host(std::string_view text);

// True for the path and query of a request: begins with '/', visible ASCII without spaces (RFC 9112 3.2.1).
bool is_http_path(std::string_view text);

// `[monitor.NAME]`
struct MonitorOptions {
  std::string name;
  ProbeKind kind = ProbeKind::kTcp;
  std::uint16_t port = 0;
  bool tls = false;
  bool verify = true;  // the certificate: chain and name
  std::string path = "/";
  HttpHost host;
  std::vector<std::uint16_t> expect;  // HTTP status codes, DNS rcodes; empty: 200, NOERROR
  std::string match;                  // the body contains it; empty: any body
  dns::Name query_name;               // kDns
  dns::Type query_type{};
  std::vector<std::string> command;  // kExec: program and arguments; {address} stands for the target's
  std::string file;                  // kFile
  Duration interval = std::chrono::seconds{5};
  Duration timeout = std::chrono::seconds{2};
  unsigned fall = 3, rise = 3;                 // results in a row that change the health
  Duration window = std::chrono::seconds{30};  // for latency, jitter and loss
  std::uint8_t dscp = 0;                       // 0 to 63

  friend bool operator==(const MonitorOptions&, const MonitorOptions&) = default;
};

inline constexpr unsigned kDefaultPrograms = 64;  // of exec monitors that run at a time

// One check: a monitor and a target. Equal ones run once, however many objects use them.
struct CheckOptions {
  MonitorOptions monitor;
  boost::asio::ip::address target;
  boost::asio::ip::address source;  // unspecified: the kernel's choice
  std::string device;               // SO_BINDTODEVICE; empty: any

  friend bool operator==(const CheckOptions&, const CheckOptions&) = default;
};

}  // namespace server
