// Any octets as netlink datagrams: nothing outside them is read, and an unknown interface is not usable.
#include <cstdlib>

#include "server/vrrp/netlink.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  server::HostAddresses host;
  const std::vector<boost::asio::ip::address> vips{boost::asio::ip::make_address("192.0.2.1")};
  host.take({data, size});
  if (size > 0) host.take({data + 1, size - 1});
  if (host.state_of(vips) == server::VipState::kUnknown) std::abort();
  host.clear();
  if (host.state_of(vips) != server::VipState::kAbsent || host.is_usable(0)) std::abort();
  return 0;
}
