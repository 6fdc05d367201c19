#include "tools/load/udp_burst.h"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cstring>
#include <numeric>

namespace tools {
namespace {

constexpr std::size_t kIdOctets = 2;

// Sets the size of the datagrams into which the kernel cuts a message.
void put_segment(cmsghdr& part, std::uint16_t segment) {
  part.cmsg_level = SOL_UDP;
  part.cmsg_type = UDP_SEGMENT;
  part.cmsg_len = CMSG_LEN(sizeof segment);
  std::memcpy(CMSG_DATA(&part), &segment, sizeof segment);
}

}  // namespace

void UdpBurst::add(std::uint16_t id, dns::Bytes request) {
  ids_[count_] = id;
  requests_[count_++] = request;
}

// Returns the number of messages.
std::size_t UdpBurst::build_messages(SendMode how) {
  const auto order = std::span(order_).first(count_);
  std::iota(order.begin(), order.end(), std::uint8_t{0});
  const auto size = [this](std::uint8_t question) { return requests_[question].size(); };
  if (how == SendMode::kTogether) std::ranges::sort(order, {}, size);
  std::size_t messages = 0;
  for (std::size_t first = 0; first < count_;) {
    std::size_t next = first;
    do {
      const dns::Bytes request = requests_[order[next]];
      dns::store16(id_octets_[next].data(), ids_[order[next]]);
      parts_[next] = {iovec{id_octets_[next].data(), kIdOctets},
                      iovec{const_cast<std::uint8_t*>(request.data()) + kIdOctets, request.size() - kIdOctets}};
    } while (++next < count_ && how == SendMode::kTogether && size(order[next]) == size(order[first]));
    msghdr& header = messages_[messages].msg_hdr = {};
    header.msg_iov = parts_[first].data();
    header.msg_iovlen = 2 * (next - first);
    if (next - first > 1) {
      header.msg_control = segments_[messages].octets.data();
      header.msg_controllen = segments_[messages].octets.size();
      put_segment(*CMSG_FIRSTHDR(&header), static_cast<std::uint16_t>(size(order[first])));
    }
    ++messages;
    first = next;
  }
  return messages;
}

std::span<const std::uint16_t> UdpBurst::send(int socket, SendMode how) {
  const int sent = ::sendmmsg(socket, messages_.data(), static_cast<unsigned>(build_messages(how)), 0);
  std::size_t taken = 0, refused = 0;
  for (int message = 0; message < sent; ++message)
    taken += messages_[static_cast<std::size_t>(message)].msg_hdr.msg_iovlen / 2;
  for (; taken < count_; ++taken) refused_[refused++] = ids_[order_[taken]];
  return std::span(refused_).first(refused);
}

}  // namespace tools
