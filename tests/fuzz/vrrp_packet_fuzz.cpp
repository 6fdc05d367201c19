// Any octets as a packet: the result is a reason or an advertisement of a configured router. Nothing outside the packet
// is read.
#include <cstdlib>

#include "server/vrrp/packet.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<server::VirtualRouterOptions> options = [] {
    server::VirtualRouterOptions plain;
    plain.vrid = 51;
    plain.vips = {boost::asio::ip::make_address("192.0.2.1")};
    plain.routers = {{"rtr-a", {boost::asio::ip::make_address("192.0.2.2")}},
                     {"rtr-b", {boost::asio::ip::make_address("192.0.2.3")}}};
    server::VirtualRouterOptions keyed = plain, unicast = plain, six = plain;
    keyed.vrid = 52;
    keyed.hmac_key.assign(32, 1);
    keyed.v2_password = "s3cretpw";
    unicast.vrid = 53;
    unicast.unicast = true;
    unicast.ttl_min = 1;
    unicast.vips.clear();
    six.family = server::Family::kIpv6;
    six.vips = {boost::asio::ip::make_address("2001:db8::1")};
    six.routers = {{"rtr-a", {boost::asio::ip::make_address("fe80::4878:3fff:fe16:df9")}}};
    return std::vector{plain, keyed, unicast, six};
  }();
  static const std::vector<const server::VirtualRouterOptions*> configured{&options[0], &options[1], &options[2],
                                                                           &options[3]};
  const server::AdvertResult reception = server::validate_advert({data, size}, configured);
  if (reception.reject) {
    if (server::word(*reception.reject).empty()) std::abort();
    return 0;
  }
  if (!reception.virtual_router || *reception.virtual_router >= options.size()) std::abort();
  const server::Advertisement& found = reception.advertisement;
  if (found.router >= options[*reception.virtual_router].routers.size() || found.interval <= server::Duration{})
    std::abort();
  if (found.version == server::VrrpVersion::kAny) std::abort();
  return 0;
}
