// How to probe (a monitor) and what to probe (a target). A check is both together; equal checks run once.
#pragma once

#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "server/runtime/thread.h"
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

// `[monitor.NAME]`
struct MonitorOptions {
  std::string name;
  ProbeKind kind = ProbeKind::kTcp;
  std::uint16_t port = 0;
  bool tls = false;
  bool verify = true;  // the certificate: chain and name
  std::string path = "/";
  std::string host;                   // Host header and SNI; empty: the target's address
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

// One check: a monitor and a target. Equal ones run once, however many objects use them.
struct CheckOptions {
  MonitorOptions monitor;
  boost::asio::ip::address target;
  boost::asio::ip::address source;  // unspecified: the kernel's choice
  std::string device;               // SO_BINDTODEVICE; empty: any

  friend bool operator==(const CheckOptions&, const CheckOptions&) = default;
};

}  // namespace server
