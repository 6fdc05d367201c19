// The virtual addresses and links of this host, as the kernel reports them: RTM_NEWADDR, RTM_DELADDR, RTM_NEWLINK,
// RTM_DELLINK.
//
// A virtual address is live if it is present on an interface that is up, has carrier and is not protodown: keepalived
// adds and deletes the address, on the interface or on a macvlan vrrp.<vrid>; FRR leaves it and sets protodown.
//
// A value. Malformed messages and messages of other kinds are ignored.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "server/vrrp/router_tracker.h"
#include "zone/base/bytes.h"

namespace server {

// One message of a netlink datagram.
struct NetlinkMessageView {
  std::uint16_t type = 0, flags = 0;
  std::uint32_t sequence = 0, port = 0;  // of the request that it replies to; notifications may have those of others
  dns::Bytes body;                       // after the header
};

// Takes the first message of a datagram off; nothing at its end, or if the rest is malformed.
std::optional<NetlinkMessageView> take_netlink_message(dns::Bytes& datagram);

// Reads a kernel structure at the start of `bytes`; nothing if there are too few bytes.
template <class T>
std::optional<T> read_structure(dns::Bytes bytes) {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

class HostAddresses {
 public:
  static bool describes(std::uint16_t type);  // a message of this type changes addresses or links
  void apply(std::uint16_t type, dns::Bytes body);

  VipState state_of(const std::vector<boost::asio::ip::address>& vips) const;  // kAbsent unless all are present
  bool is_usable(int interface) const;                                         // up, with carrier, not protodown

 private:
  struct Link {
    bool running = false;  // IFF_UP and IFF_LOWER_UP
    bool protodown = false;
  };
  void apply_link(dns::Bytes body, bool removed);
  void apply_address(dns::Bytes body, bool removed);

  std::map<int, Link> links_;
  std::map<boost::asio::ip::address, std::set<int>> addresses_;  // without zone index
};

}  // namespace server
