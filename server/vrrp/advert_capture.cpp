#include "server/vrrp/advert_capture.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "server/vrrp/rejected_adverts.h"

namespace server {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr std::size_t kPacketMax = 4608;  // an IPv6 packet with 255 addresses, and headers
constexpr std::size_t kBatch = 32;
constexpr int kBatchesPerWake = 8;
constexpr int kQueueOctets = 1 << 20;
constexpr seconds kOldestStamp{1};  // an older timestamp means that the clock was set

constexpr std::uint32_t kGroup4Address = 0xe0000012;  // 224.0.0.18

using Jump = std::uint8_t;
constexpr sock_filter statement(int code, std::uint32_t value) {
  return {static_cast<std::uint16_t>(code), 0, 0, value};
}
constexpr sock_filter jump(int code, std::uint32_t value, Jump yes, Jump no) {
  return {static_cast<std::uint16_t>(code), yes, no, value};
}

// Offsets are from the network header. Authentication headers only if sent to the group: other IPsec traffic of a
// router is of no interest.
constexpr std::array<sock_filter, 12> kFilter{
    statement(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF) + SKF_AD_PROTOCOL),
    jump(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 0, 2),
    statement(BPF_LD | BPF_B | BPF_ABS, 6),
    jump(BPF_JMP | BPF_JEQ | BPF_K, kProtocolVrrp, 6, 7),
    jump(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 6),
    statement(BPF_LD | BPF_B | BPF_ABS, 9),
    jump(BPF_JMP | BPF_JEQ | BPF_K, kProtocolVrrp, 3, 0),
    jump(BPF_JMP | BPF_JEQ | BPF_K, kProtocolAuthHeader, 0, 3),
    statement(BPF_LD | BPF_W | BPF_ABS, 16),
    jump(BPF_JMP | BPF_JEQ | BPF_K, kGroup4Address, 0, 1),
    statement(BPF_RET | BPF_K, kPacketMax),
    statement(BPF_RET | BPF_K, 0),
};
constexpr std::array<sock_filter, 1> kNothing{statement(BPF_RET | BPF_K, 0)};

template <std::size_t Size>
bool attach(int socket, const std::array<sock_filter, Size>& filter) {
  std::array<sock_filter, Size> copy = filter;
  const sock_fprog program{Size, copy.data()};
  return ::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

template <class T>
sockaddr* as_address(T& address) {
  return static_cast<sockaddr*>(static_cast<void*>(&address));
}

std::string error_text(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

// The kernel's timestamp is wall-clock time; its age is subtracted from the monotonic clock.
Instant instant_of(const msghdr& message, Instant now, system_clock::time_point wall) {
  for (const cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(part))) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp;
    std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    const nanoseconds age = wall.time_since_epoch() - (seconds{stamp.tv_sec} + nanoseconds{stamp.tv_nsec});
    if (age > nanoseconds{} && age < kOldestStamp) return now - age;
  }
  return now;
}

}  // namespace

dns::Result<FileDescriptor, int> open_packet_socket() {
  FileDescriptor socket(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0 || !attach(socket.get(), kFilter)) return dns::Failure<int>(errno);
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &kQueueOctets, sizeof kQueueOctets);
  return socket;
}

dns::Result<FileDescriptor, int> open_guard_socket(Family family) {
  FileDescriptor socket(
      ::socket(family == Family::kIpv4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, kProtocolVrrp));
  if (socket.get() < 0 || !attach(socket.get(), kNothing)) return dns::Failure<int>(errno);
  return socket;
}

AdvertCapture::AdvertCapture(boost::asio::io_context& context, std::string interface)
    : interface_(std::move(interface)), socket_(context) {}

void AdvertCapture::adopt(FileDescriptor packet_socket) {
  attach(packet_socket.get(), kFilter);
  socket_.assign(packet_socket.release());
}

FileDescriptor AdvertCapture::release() {
  if (!socket_.is_open()) return FileDescriptor{};
  FileDescriptor socket(socket_.release());
  attach(socket.get(), kNothing);  // a socket can be bound again but not unbound
  return socket;
}

void AdvertCapture::subscribe(std::vector<AdvertSubscriber> subscribers) {
  subscribers_ = std::move(subscribers);
  configured_.clear();
  for (const AdvertSubscriber& subscriber : subscribers_) configured_.push_back(subscriber.options);
}

void AdvertCapture::start() {
  if (!socket_.is_open()) return;
  alive_ = std::make_shared<const int>();
  socket_.cancel();
  wait();
}

dns::Result<void, std::string> AdvertCapture::refresh(const HostAddresses* host) {
  if (!socket_.is_open()) return dns::Failure<std::string>(interface_ + ": no packet socket");
  const int index = static_cast<int>(::if_nametoindex(interface_.c_str()));
  if (index == 0) {
    bound_ = 0;
    return dns::Failure<std::string>(interface_ + ": no such interface");
  }
  if (index != bound_)
    if (auto bound = bind(index); !bound) return bound;
  if (host != nullptr && !host->is_usable(index)) return dns::Failure<std::string>(interface_ + ": the link is down");
  return {};
}

dns::Result<void, std::string> AdvertCapture::bind(int index) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);  // with ETH_P_ALL the socket also sees outgoing packets
  address.sll_ifindex = index;
  if (::bind(socket_.native_handle(), as_address(address), sizeof address) != 0)
    return dns::Failure<std::string>(interface_ + ": " + error_text("bind"));
  bound_ = index;
  join(index);
  return {};
}

// New sockets each time: memberships of deleted interfaces count against the limit of a socket
// (net.ipv4.igmp_max_memberships). Errors are ignored: an interface without the address family has no such
// advertisements either.
void AdvertCapture::join(int index) {
  groups4_ = FileDescriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  groups6_ = FileDescriptor(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ip_mreqn four{};
  four.imr_multiaddr.s_addr = htonl(kGroup4Address);
  four.imr_ifindex = index;
  ::setsockopt(groups4_.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &four, sizeof four);
  ipv6_mreq six{};
  six.ipv6mr_multiaddr.s6_addr[0] = 0xff;
  six.ipv6mr_multiaddr.s6_addr[1] = 0x02;
  six.ipv6mr_multiaddr.s6_addr[15] = 0x12;
  six.ipv6mr_interface = static_cast<unsigned>(index);
  ::setsockopt(groups6_.get(), IPPROTO_IPV6, IPV6_JOIN_GROUP, &six, sizeof six);
}

void AdvertCapture::wait() {
  socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
                       if (error || alive.expired() || !socket_.is_open()) return;
                       drain();
                       wait();
                     });
}

void AdvertCapture::drain() {
  static thread_local std::array<std::array<std::uint8_t, kPacketMax>, kBatch> packets;
  std::array<std::array<std::uint8_t, 64>, kBatch> controls;
  std::array<sockaddr_ll, kBatch> senders;
  std::array<iovec, kBatch> parts;
  std::array<mmsghdr, kBatch> messages{};
  for (int batch = 0; batch < kBatchesPerWake; ++batch) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts[i] = {packets[i].data(), packets[i].size()};
      messages[i].msg_hdr = {&senders[i], sizeof senders[i], &parts[i], 1, controls[i].data(), controls[i].size(), 0};
    }
    const int count = ::recvmmsg(socket_.native_handle(), messages.data(), kBatch, 0, nullptr);
    if (count < 0 && errno == ENETDOWN) continue;  // reported once; refresh() handles the return of the interface
    if (count <= 0) break;
    const Instant now = steady_clock::now();
    const auto wall = system_clock::now();
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      if (senders[i].sll_pkttype == PACKET_OTHERHOST || senders[i].sll_ifindex != bound_) continue;
      take({packets[i].data(), messages[i].msg_len}, senders[i].sll_pkttype == PACKET_OUTGOING,
           instant_of(messages[i].msg_hdr, now, wall));
    }
    if (static_cast<std::size_t>(count) < kBatch) break;
  }
  tpacket_stats lost{};
  socklen_t size = sizeof lost;
  if (::getsockopt(socket_.native_handle(), SOL_PACKET, PACKET_STATISTICS, &lost, &size) == 0 && lost.tp_drops > 0)
    counters_.count_lost(lost.tp_drops);
}

void AdvertCapture::take(dns::Bytes packet, bool outgoing, Instant at) {
  const AdvertResult result = validate_advert(packet, configured_);
  const AdvertSubscriber* subscriber = result.virtual_router ? &subscribers_[*result.virtual_router] : nullptr;
  AdvertCounters& counters = subscriber != nullptr ? *subscriber->counters : counters_;
  if (result.reject) {
    counters.count(*result.reject);
    return reject(result, packet, at);
  }
  const Advertisement& found = result.advertisement;
  counters.count_accepted();
  counters.count(found.checksum);
  if (found.auth_header) counters.count(AdvertForm::kAuthHeader);
  if (found.hmac) counters.count(*found.hmac);
  if (outgoing) counters.count(AdvertForm::kOutgoing);
  subscriber->on_advert(found, at);
}

// Another VRID of a configured router is of interest only while nothing is heard of the configured one: a router may
// have several.
void AdvertCapture::reject(const AdvertResult& result, dns::Bytes packet, Instant at) {
  if (result.virtual_router) return subscribers_[*result.virtual_router].on_rejected(result, packet, at);
  if (result.reject != AdvertReject::kVrid) return;
  for (const AdvertSubscriber& each : subscribers_)
    if (each.counters->accepted() == 0 && router_with(*each.options, result.source))
      each.on_rejected(result, packet, at);
}

}  // namespace server
