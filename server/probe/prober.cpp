#include "server/probe/prober.h"

#include <boost/asio/error.hpp>
#include <fmt/format.h>

#include "server/probe/stamp.h"

namespace server {
namespace {

constexpr std::uint16_t kHttpPort = 80, kHttpsPort = 443, kDnsProbePort = 53;

}  // namespace

std::uint16_t port_of(const MonitorOptions& monitor) {
  if (monitor.port != 0) return monitor.port;
  switch (monitor.kind) {
    case ProbeKind::kHttp: return monitor.tls ? kHttpsPort : kHttpPort;
    case ProbeKind::kDns: return kDnsProbePort;
    case ProbeKind::kStamp: return kStampPort;
    case ProbeKind::kIcmp:
    case ProbeKind::kTcp:
    case ProbeKind::kExec:
    case ProbeKind::kFile: break;
  }
  return 0;
}

Prober::Prober(boost::asio::io_context& context)
    : context_(context), echo4_(context, EchoFamily::kIpv4), echo6_(context, EchoFamily::kIpv6) {}

dns::Result<void, std::string> Prober::open() {
  for (EchoSocket* socket : {&echo4_, &echo6_}) {
    const auto error = socket->open();
    if (error && error != boost::asio::error::address_family_not_supported)
      return dns::Failure(fmt::format(
          "cannot open ICMP sockets: {}; icmp checks stay unknown; grant CAP_NET_RAW, or add the server's group to "
          "net.ipv4.ping_group_range",
          error.message()));
  }
  return {};
}

std::shared_ptr<Probe> Prober::start(const CheckOptions& check, OnResult on_result) {
  auto probe = make(check, std::move(on_result));
  probe->start();
  return probe;
}

std::shared_ptr<Probe> Prober::make(const CheckOptions& check, OnResult on_result) {
  switch (check.monitor.kind) {
    case ProbeKind::kIcmp:
      return make_icmp(context_, check, std::move(on_result), check.target.is_v4() ? echo4_ : echo6_);
    case ProbeKind::kTcp: return make_tcp(context_, check, std::move(on_result));
    case ProbeKind::kHttp: return make_http(context_, check, std::move(on_result), tls_);
    case ProbeKind::kDns: return make_dns(context_, check, std::move(on_result));
    case ProbeKind::kStamp: return make_stamp(context_, check, std::move(on_result));
    case ProbeKind::kExec: return make_program(context_, check, std::move(on_result));
    case ProbeKind::kFile: return make_file(context_, check, std::move(on_result));
  }
  dns::abort_broken("unknown kind of probe");
}

}  // namespace server
