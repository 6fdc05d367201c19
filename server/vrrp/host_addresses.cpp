#include "server/vrrp/host_addresses.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>

namespace server {
namespace {

namespace ip = boost::asio::ip;
using dns::Bytes;

constexpr std::size_t padded(std::size_t length) { return (length + 3) & ~std::size_t{3}; }

// Calls visit(type, value) for each attribute (struct rtattr).
template <class Visit>
void each_attribute(Bytes bytes, const Visit& visit) {
  while (const auto head = read_structure<rtattr>(bytes)) {
    if (head->rta_len < sizeof(rtattr) || head->rta_len > bytes.size()) return;
    visit(head->rta_type, bytes.subspan(sizeof(rtattr), head->rta_len - sizeof(rtattr)));
    bytes = bytes.subspan(std::min(padded(head->rta_len), bytes.size()));
  }
}

std::optional<ip::address> address_of(int family, Bytes bytes) {
  if (family == AF_INET && bytes.size() == 4) return ip::address_v4(dns::load32(bytes.data()));
  if (family != AF_INET6 || bytes.size() != 16) return std::nullopt;
  ip::address_v6::bytes_type octets;
  std::ranges::copy(bytes, octets.begin());
  return ip::address_v6(octets);
}

ip::address without_zone(const ip::address& address) {
  return address.is_v4() ? address : ip::address(ip::address_v6(address.to_v6().to_bytes()));
}

}  // namespace

std::optional<NetlinkMessageView> take_netlink_message(Bytes& datagram) {
  const auto head = read_structure<nlmsghdr>(datagram);
  if (!head || head->nlmsg_len < sizeof(nlmsghdr) || head->nlmsg_len > datagram.size()) return std::nullopt;
  const NetlinkMessageView message{.type = head->nlmsg_type,
                                   .flags = head->nlmsg_flags,
                                   .sequence = head->nlmsg_seq,
                                   .port = head->nlmsg_pid,
                                   .body = datagram.first(head->nlmsg_len).subspan(sizeof(nlmsghdr))};
  datagram = datagram.subspan(std::min(padded(head->nlmsg_len), datagram.size()));
  return message;
}

bool HostAddresses::describes(std::uint16_t type) {
  return type == RTM_NEWLINK || type == RTM_DELLINK || type == RTM_NEWADDR || type == RTM_DELADDR;
}

void HostAddresses::apply(std::uint16_t type, Bytes body) {
  if (!describes(type)) return;
  if (type == RTM_NEWLINK || type == RTM_DELLINK) return apply_link(body, type == RTM_DELLINK);
  apply_address(body, type == RTM_DELADDR);
}

void HostAddresses::apply_link(Bytes body, bool removed) {
  const auto link = read_structure<ifinfomsg>(body);
  // A bridge port also reports itself in that family, with less information.
  if (!link || link->ifi_family == AF_BRIDGE) return;
  if (removed) {
    links_.erase(link->ifi_index);
    for (auto& address : addresses_) address.second.erase(link->ifi_index);
    return;
  }
  constexpr unsigned kRunning = unsigned{IFF_UP} | unsigned{IFF_LOWER_UP};
  Link& state = links_[link->ifi_index];
  state.running = (link->ifi_flags & kRunning) == kRunning;
  each_attribute(body.subspan(sizeof(ifinfomsg)), [&](int type, Bytes value) {
    if (type == IFLA_PROTO_DOWN && !value.empty()) state.protodown = value[0] != 0;
  });
}

void HostAddresses::apply_address(Bytes body, bool removed) {
  const auto head = read_structure<ifaddrmsg>(body);
  if (!head) return;
  // On a point-to-point interface IFA_LOCAL is the host's own address and IFA_ADDRESS is the peer's. IPv6 without a
  // peer has only IFA_ADDRESS.
  std::optional<ip::address> address, local;
  each_attribute(body.subspan(sizeof(ifaddrmsg)), [&](int type, Bytes value) {
    if (type == IFA_ADDRESS) address = address_of(head->ifa_family, value);
    if (type == IFA_LOCAL) local = address_of(head->ifa_family, value);
  });
  const auto& own = local ? local : address;
  if (!own) return;
  const int interface = static_cast<int>(head->ifa_index);
  if (!removed) {
    addresses_[*own].insert(interface);
  } else if (const auto found = addresses_.find(*own); found != addresses_.end()) {
    found->second.erase(interface);
    if (found->second.empty()) addresses_.erase(found);
  }
}

bool HostAddresses::is_usable(int interface) const {
  const auto link = links_.find(interface);
  return link != links_.end() && link->second.running && !link->second.protodown;
}

VipState HostAddresses::state_of(const std::vector<ip::address>& vips) const {
  if (vips.empty()) return VipState::kUnknown;
  bool live = true;
  for (const ip::address& vip : vips) {
    const auto found = addresses_.find(without_zone(vip));
    if (found == addresses_.end() || found->second.empty()) return VipState::kAbsent;
    live = live && std::ranges::any_of(found->second, [this](int interface) { return is_usable(interface); });
  }
  return live ? VipState::kLive : VipState::kNotLive;
}

}  // namespace server
