#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cstring>

#include <doctest/doctest.h>

#include "server/vrrp/fifo.h"
#include "server/vrrp/netlink.h"

using namespace server;

namespace {

namespace ip = boost::asio::ip;

template <class T>
void append(std::vector<std::uint8_t>& bytes, const T& value) {
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(&bytes[at], &value, sizeof value);
}

void append_attribute(std::vector<std::uint8_t>& bytes, int type, const std::vector<std::uint8_t>& value) {
  append(bytes, rtattr{static_cast<unsigned short>(sizeof(rtattr) + value.size()), static_cast<unsigned short>(type)});
  bytes.insert(bytes.end(), value.begin(), value.end());
  bytes.resize((bytes.size() + 3) & ~std::size_t{3});
}

std::vector<std::uint8_t> message(int type, const std::vector<std::uint8_t>& body) {
  nlmsghdr head{};
  head.nlmsg_len = static_cast<std::uint32_t>(sizeof head + body.size());
  head.nlmsg_type = static_cast<std::uint16_t>(type);
  std::vector<std::uint8_t> bytes(sizeof head + body.size());
  std::memcpy(bytes.data(), &head, sizeof head);
  std::ranges::copy(body, bytes.begin() + sizeof head);
  return bytes;
}

enum class Proto : std::uint8_t { kUp, kDown };

std::vector<std::uint8_t> link(int type, int index, unsigned flags, Proto proto = Proto::kUp) {
  std::vector<std::uint8_t> body;
  ifinfomsg head{};
  head.ifi_index = index;
  head.ifi_flags = flags;
  append(body, head);
  append_attribute(body, IFLA_IFNAME, {'e', 't', 'h', '0', 0});
  append_attribute(body, IFLA_PROTO_DOWN, {static_cast<std::uint8_t>(proto == Proto::kDown)});
  return message(type, body);
}

std::vector<std::uint8_t> address(int type, unsigned index, const char* text) {
  std::vector<std::uint8_t> body, octets;
  const auto parsed = ip::make_address(text);
  if (parsed.is_v4()) {
    for (const std::uint8_t octet : parsed.to_v4().to_bytes()) octets.push_back(octet);
  } else {
    for (const std::uint8_t octet : parsed.to_v6().to_bytes()) octets.push_back(octet);
  }
  ifaddrmsg head{};
  head.ifa_family = parsed.is_v4() ? AF_INET : AF_INET6;
  head.ifa_index = index;
  append(body, head);
  append_attribute(body, IFA_ADDRESS, octets);
  if (parsed.is_v4()) append_attribute(body, IFA_LOCAL, octets);
  return message(type, body);
}

constexpr unsigned kRunning = unsigned{IFF_UP} | 0x10000U;  // IFF_LOWER_UP
const std::vector<ip::address> kVips{ip::make_address("192.0.2.1"), ip::make_address("2001:db8::1")};

VipState after(const std::vector<std::vector<std::uint8_t>>& messages) {
  HostAddresses host;
  for (const auto& one : messages) host.take(one);
  return host.state_of(kVips);
}

}  // namespace

TEST_CASE("netlink: virtual addresses are live if all are present on links that are up, with carrier, not protodown") {
  const auto up = link(RTM_NEWLINK, 2, kRunning), v4 = address(RTM_NEWADDR, 2, "192.0.2.1"),
             v6 = address(RTM_NEWADDR, 2, "2001:db8::1");
  CHECK(after({}) == VipState::kAbsent);
  CHECK(after({up, v4}) == VipState::kAbsent);
  CHECK(after({up, v4, v6}) == VipState::kLive);
  CHECK(after({v4, v6}) == VipState::kNotLive);
  CHECK(after({up, v4, v6, link(RTM_NEWLINK, 2, IFF_UP)}) == VipState::kNotLive);
  CHECK(after({up, v4, v6, link(RTM_NEWLINK, 2, kRunning, Proto::kDown)}) == VipState::kNotLive);
  CHECK(after({up, v4, v6, link(RTM_NEWLINK, 2, kRunning, Proto::kDown), up}) == VipState::kLive);
  CHECK(after({up, v4, v6, address(RTM_DELADDR, 2, "192.0.2.1")}) == VipState::kAbsent);
  CHECK(after({up, v4, v6, link(RTM_DELLINK, 2, 0)}) == VipState::kAbsent);
  // On a macvlan that was added later, while the old interface is down.
  CHECK(after({link(RTM_NEWLINK, 2, 0), v4, v6, link(RTM_NEWLINK, 9, kRunning), address(RTM_NEWADDR, 9, "192.0.2.1"),
               address(RTM_NEWADDR, 9, "2001:db8::1")}) == VipState::kLive);
}

TEST_CASE("netlink: reads several messages in a datagram and ignores a truncated message") {
  std::vector<std::uint8_t> datagram = link(RTM_NEWLINK, 2, kRunning);
  for (const auto& part : {address(RTM_NEWADDR, 2, "192.0.2.1"), address(RTM_NEWADDR, 2, "2001:db8::1"),
                           message(NLMSG_DONE, {0, 0, 0, 0})})
    datagram.insert(datagram.end(), part.begin(), part.end());
  HostAddresses host;
  CHECK(host.take(datagram) == HostAddresses::Read::kEndOfDump);
  CHECK(host.state_of(kVips) == VipState::kLive);
  CHECK(host.is_usable(2));
  CHECK_FALSE(host.is_usable(3));
  CHECK(host.state_of({}) == VipState::kUnknown);
  for (std::size_t size = 0; size < datagram.size(); ++size) {
    HostAddresses partial;
    partial.take(dns::Bytes(datagram).first(size));
    CHECK((size + 20 >= datagram.size() || partial.state_of(kVips) == VipState::kAbsent));
  }
  CHECK(host.take(message(NLMSG_ERROR, std::vector<std::uint8_t>(20))) == HostAddresses::Read::kError);
}

TEST_CASE("FIFO: parses the instance lines of the notify FIFO and ignores other lines") {
  const auto role = [](std::string_view line) { return parse_fifo_line(line).value_or(FifoLine{}); };
  CHECK(role("INSTANCE \"VI_1\" MASTER 200") == FifoLine{"VI_1", FifoRole::kMaster});
  CHECK(role("INSTANCE \"VI 1\" BACKUP 100") == FifoLine{"VI 1", FifoRole::kBackup});
  CHECK(role("INSTANCE \"VI_1\" FAULT 0") == FifoLine{"VI_1", FifoRole::kFault});
  CHECK(role("INSTANCE \"VI_1\" STOP 200") == FifoLine{"VI_1", FifoRole::kStop});
  CHECK(role("INSTANCE \"VI_1\" DELETED 200") == FifoLine{"VI_1", FifoRole::kStop});
  CHECK(role("INSTANCE \"VI_1\" MASTER") == FifoLine{"VI_1", FifoRole::kMaster});
  for (const char* ignored :
       {"", "GROUP \"VG\" BACKUP 0", "INSTANCE \"VI_1\" MASTER_RX_LOWER_PRI 200",
        "INSTANCE \"VI_1\" MASTER_PRIORITY 200", "INSTANCE VI_1 MASTER 200", "INSTANCE \"\" MASTER 200",
        "INSTANCE \"VI_1", "INSTANCE \"VI_1\"", "INSTANCE \"VI_1\"MASTER 200", "instance \"VI_1\" MASTER 200"})
    CHECK_MESSAGE(!parse_fifo_line(ignored), std::string(ignored));
}

TEST_CASE("keepalived snapshot: parses the role of an instance; invalid JSON is unknown") {
  const char* const json =
      R"([{"data":{"iname":"VI_0","state":1}},{"data":{"iname":"VI_1","vrid":51,"state":2},"stats":{}},)"
      R"({"data":{"iname":"VI_2","state":3}},{"data":{"iname":"VI_3","state":0}}])";
  CHECK(parse_snapshot(json, "VI_0") == FifoRole::kBackup);
  CHECK(parse_snapshot(json, "VI_1") == FifoRole::kMaster);
  CHECK(parse_snapshot(json, "VI_2") == FifoRole::kFault);
  CHECK(parse_snapshot(json, "VI_3") == FifoRole::kUnknown);
  CHECK(parse_snapshot(json, "VI_9") == FifoRole::kUnknown);
  for (const char* broken : {"", "{}", "[", "[1,null,{\"data\":5}]", R"([{"data":{"iname":"VI_1","state":"2"}}])",
                             R"([{"data":{"iname":"VI_1","state":99999999999}}])", R"([{"data":{"iname":1}}])"})
    CHECK(parse_snapshot(broken, "VI_1") == FifoRole::kUnknown);
}
