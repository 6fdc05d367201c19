#include "server/listen/udp.h"

#include <netinet/in.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace server {
namespace {

constexpr std::size_t kSlotOutStep = 2048;                     // slots of answers are a multiple of it
constexpr std::size_t kControlSize = CMSG_SPACE(sizeof(in6_pktinfo));
constexpr int kDrainBatches = 256;
constexpr std::chrono::milliseconds kReceiveFailurePause{10};  // an error that stays must not spin a core

// What the kernel told about the destination becomes the source of the answer. The interface is forgotten, since routes
// may lead back another way, except for link-local addresses, which mean nothing without it.
void answer_from_destination(msghdr& header) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
      reinterpret_cast<in_pktinfo*>(CMSG_DATA(part))->ipi_ifindex = 0;
    } else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
      auto& info = *reinterpret_cast<in6_pktinfo*>(CMSG_DATA(part));
      if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
    }
  }
}

// Where the message was sent to.
Endpoint destination_of(msghdr& header) {
  Endpoint endpoint;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
      std::memcpy(endpoint.address.data(), &reinterpret_cast<const in_pktinfo*>(CMSG_DATA(part))->ipi_addr, 4);
      endpoint.address_size = 4;
    } else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
      std::memcpy(endpoint.address.data(), &reinterpret_cast<const in6_pktinfo*>(CMSG_DATA(part))->ipi6_addr, 16);
      endpoint.address_size = 16;
    }
  }
  return endpoint;
}

}  // namespace

struct UdpCourier::Batch {
  Batch(std::size_t slot_out, const Endpoint& bound)
      : octets(new std::uint8_t[kUdpBatch * (kUdpSlotIn + slot_out)]), control_size(is_wildcard(bound) ? kControlSize : 0) {
    for (std::size_t i = 0; i < kUdpBatch; ++i) {
      in[i] = {&octets[i * kUdpSlotIn], kUdpSlotIn};
      slots[i].out = {&octets[kUdpBatch * kUdpSlotIn + i * slot_out], slot_out};
      slots[i].inbound.local = bound;   // for all time, but on a wildcard socket
      received[i].msg_hdr = {&clients[i], 0, &in[i], 1, control_size == 0 ? nullptr : controls[i].octets.data(), 0, 0};
      sent[i].msg_hdr.msg_iov = &out[i];
      sent[i].msg_hdr.msg_iovlen = 1;
    }
  }

  struct alignas(cmsghdr) Control {
    std::array<std::uint8_t, kControlSize> octets;
  };

  std::unique_ptr<std::uint8_t[]> octets;
  std::size_t control_size;
  std::array<mmsghdr, kUdpBatch> received{}, sent{};
  std::array<iovec, kUdpBatch> in{}, out{};
  std::array<sockaddr_in6, kUdpBatch> clients{};   // large enough for either family
  std::array<Control, kUdpBatch> controls{};
  std::array<Responder::Slot, kUdpBatch> slots{};
};

UdpCourier::UdpCourier(Wiring wiring)
    : socket_(std::move(wiring.socket)),
      responder_(wiring.responder, wiring.counters),
      counters_(wiring.counters),
      snapshots_(wiring.snapshots),
      reader_(wiring.reader),
      batch_(std::make_unique<Batch>((wiring.responder.udp_size_max + kSlotOutStep - 1) / kSlotOutStep * kSlotOutStep,
                                     wiring.endpoint)) {}

UdpCourier::~UdpCourier() = default;

void UdpCourier::run() {
  while (!stopping_.load(std::memory_order_acquire)) answer(receive(MSG_WAITFORONE));
  drain();
}

// On an unconnected socket shutdown() complains, and still wakes who blocks, for good: Linux marks the socket first.
void UdpCourier::stop() {
  stopping_.store(true, std::memory_order_release);
  ::shutdown(socket_.get(), SHUT_RD);
}

std::size_t UdpCourier::receive(int flags) {
  Batch& batch = *batch_;
  for (std::size_t i = 0; i < kUdpBatch; ++i) {
    batch.received[i].msg_hdr.msg_namelen = sizeof(sockaddr_in6);
    batch.received[i].msg_hdr.msg_controllen = batch.control_size;
  }
  const int count = ::recvmmsg(socket_.get(), batch.received.data(), kUdpBatch, flags, nullptr);
  if (count >= 0) return static_cast<std::size_t>(count);
  if (errno != EINTR && errno != EAGAIN) std::this_thread::sleep_for(kReceiveFailurePause);
  return 0;
}

void UdpCourier::answer(std::size_t count) {
  if (count == 0) return;
  Batch& batch = *batch_;
  for (std::size_t i = 0; i < count; ++i) {
    Inbound& inbound = batch.slots[i].inbound;
    inbound.bytes = {static_cast<const std::uint8_t*>(batch.in[i].iov_base), batch.received[i].msg_len};
    inbound.client = to_endpoint(&batch.clients[i]);
    if (batch.control_size != 0) inbound.local = destination_of(batch.received[i].msg_hdr);
  }
  {
    const PublishedSnapshot::Reading snapshot(snapshots_, reader_);
    responder_.respond(std::span(batch.slots.data(), count), *snapshot);
  }
  std::size_t replies = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (batch.slots[i].size == 0) continue;
    msghdr& header = batch.sent[replies].msg_hdr;
    const msghdr& from = batch.received[i].msg_hdr;
    header.msg_name = from.msg_name;
    header.msg_namelen = from.msg_namelen;
    header.msg_control = from.msg_control;
    header.msg_controllen = from.msg_controllen;
    if (batch.control_size != 0) answer_from_destination(header);
    batch.out[replies++] = {batch.slots[i].out.data(), batch.slots[i].size};
  }
  send(replies);
}

// Never waits: where the kernel cannot take an answer (no route, no neighbour, full queue) that one is dropped, as the
// network itself might, and the others go on.
void UdpCourier::send(std::size_t count) {
  for (std::size_t at = 0; at < count;) {
    const int sent = ::sendmmsg(socket_.get(), &batch_->sent[at], static_cast<unsigned>(count - at), MSG_DONTWAIT);
    if (sent > 0) {
      at += static_cast<std::size_t>(sent);
    } else if (errno != EINTR) {
      ++at;
      counters_.unsent.add();
    }
  }
}

void UdpCourier::drain() {
  for (int round = 0; round < kDrainBatches; ++round) {
    const std::size_t count = receive(MSG_DONTWAIT);
    if (count == 0) return;
    answer(count);
  }
}

}  // namespace server
