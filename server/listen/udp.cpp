#include "server/listen/udp.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "server/listen/gso_batch.h"

namespace server {
namespace {

constexpr std::size_t kSlotOutStep = 2048;  // the size of an answer's slot is a multiple of it
// Room for many datagrams that the kernel delivers together (UDP_GRO). Without that, only the first page is used. The
// beginnings of the slots are in different sets of the caches.
constexpr std::size_t kSlotIn = 65536, kSlotInStep = kSlotIn + 192;
constexpr std::size_t kSourceSize = CMSG_SPACE(sizeof(in6_pktinfo));
constexpr std::size_t kControlSize = kSourceSize + CMSG_SPACE(sizeof(int));
constexpr int kDrainBatches = 256;
constexpr std::size_t kGsoDisabledBatches = 4096;              // batches: a device on the path does not support it
constexpr int kGroScoreMax = 256;                              // batches until UDP_GRO is switched
constexpr std::chrono::milliseconds kReceiveFailurePause{10};  // a permanent error must not use a whole core

// Information from the kernel about a message: its destination, and the size of its datagrams.
struct PacketInfo {
  Endpoint local;           // address_size 0: unknown
  std::size_t segment = 0;  // octets of each datagram except the last; 0: it is one datagram
  const cmsghdr* source = nullptr;
};

PacketInfo parse_packet_info(msghdr& header) {
  PacketInfo info;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
      std::memcpy(info.local.address.data(), &reinterpret_cast<const in_pktinfo*>(CMSG_DATA(part))->ipi_addr, 4);
      info.local.address_size = 4;
      info.source = part;
    } else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
      std::memcpy(info.local.address.data(), &reinterpret_cast<const in6_pktinfo*>(CMSG_DATA(part))->ipi6_addr, 16);
      info.local.address_size = 16;
      info.source = part;
    } else if (part->cmsg_level == SOL_UDP && part->cmsg_type == UDP_GRO) {
      int segment = 0;
      std::memcpy(&segment, CMSG_DATA(part), sizeof segment);
      info.segment = static_cast<std::size_t>(std::max(segment, 0));
    }
  }
  return info;
}

// Makes the destination of the question the source of the answer. The interface is not kept, because routes back may
// use another one. Link-local addresses need it. Returns the number of octets at `room`.
std::size_t put_source(const cmsghdr& destination, std::uint8_t* room) {
  std::memcpy(room, &destination, destination.cmsg_len);
  cmsghdr* const part = reinterpret_cast<cmsghdr*>(room);
  if (part->cmsg_level == IPPROTO_IP) {
    reinterpret_cast<in_pktinfo*>(CMSG_DATA(part))->ipi_ifindex = 0;
    return CMSG_SPACE(sizeof(in_pktinfo));
  }
  auto& info = *reinterpret_cast<in6_pktinfo*>(CMSG_DATA(part));
  if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
  return CMSG_SPACE(sizeof(in6_pktinfo));
}

// Tells the kernel how to cut the message. Returns the number of octets at `room`.
std::size_t put_segment(std::uint16_t segment, std::uint8_t* room) {
  cmsghdr* const part = reinterpret_cast<cmsghdr*>(room);
  part->cmsg_level = SOL_UDP;
  part->cmsg_type = UDP_SEGMENT;
  part->cmsg_len = CMSG_LEN(sizeof segment);
  std::memcpy(CMSG_DATA(part), &segment, sizeof segment);
  return CMSG_SPACE(sizeof segment);
}

}  // namespace

struct UdpWorker::Batch {
  Batch(std::size_t slot_out, const Endpoint& endpoint)
      : octets(new std::uint8_t[kUdpBatch * (kSlotInStep + slot_out)]),
        bound(endpoint),
        control_size(kControlSize - (is_wildcard(bound) ? 0 : kSourceSize)) {
    for (std::size_t i = 0; i < kUdpBatch; ++i) {
      in[i] = {&octets[i * kSlotInStep], kSlotIn};
      slots[i].out = {&octets[kUdpBatch * kSlotInStep + i * slot_out], slot_out};
      received[i].msg_hdr = {&clients[i], 0, &in[i], 1, controls[i].octets.data(), 0, 0};
      reset_header(i);
    }
  }
  // Sets the sizes of the buffers for the next message.
  void reset_header(std::size_t i) {
    received[i].msg_hdr.msg_namelen = sizeof(sockaddr_in6);
    received[i].msg_hdr.msg_controllen = control_size;
  }

  // With the largest size, and the alignment that the kernel needs.
  struct alignas(cmsghdr) Control {
    std::array<std::uint8_t, kControlSize> octets;
  };
  // A received message: its unanswered rest, and the source of its answers.
  struct Message {
    dns::Bytes left;
    std::size_t segment = 0;
    Endpoint local;
    std::size_t source_size = 0;
    Control source;
  };

  std::unique_ptr<std::uint8_t[]> octets;
  Endpoint bound;
  std::size_t control_size;
  std::array<mmsghdr, kUdpBatch> received{}, sent{};
  std::size_t filled = 0;  // of those received
  std::array<iovec, kUdpBatch> in{}, out{};
  std::array<sockaddr_in6, kUdpBatch> clients{};  // large enough for either family
  std::array<Control, kUdpBatch> controls{};
  std::array<Message, kUdpBatch> messages{};
  // Questions that are answered together, and the message of each.
  std::array<Responder::Slot, kUdpBatch> slots{};
  std::array<std::uint8_t, kUdpBatch> message_of{};
  // Replies, in the order of their questions.
  std::array<OutgoingDatagram, kUdpBatch> outgoing{};
  GsoBatch gso;
  std::array<Control, kUdpBatch> gso_controls{};
};

UdpWorker::UdpWorker(Dependencies dependencies)
    : socket_(std::move(dependencies.socket)),
      port_(*socket_, dependencies.counters, [this](const Inbound& inbound) { return find_client(inbound); }),
      responder_(dependencies.responder, dependencies.counters, dependencies.tables,
                 {.port = &port_, .pins = &dependencies.snapshots.pins()}),
      counters_(dependencies.counters),
      snapshots_(dependencies.snapshots),
      reader_(dependencies.reader),
      send_together_(dependencies.send_together),
      batch_(std::make_unique<Batch>(
          (dependencies.responder.udp_size_max + kSlotOutStep - 1) / kSlotOutStep * kSlotOutStep,
          dependencies.endpoint)) {}

UdpWorker::~UdpWorker() = default;

void UdpWorker::run() {
  while (!stopping_.load(std::memory_order_acquire)) answer(receive(MSG_WAITFORONE));
  drain();
}

void UdpWorker::stop() {
  stopping_.store(true, std::memory_order_release);
  socket_->shut_down();
}

std::size_t UdpWorker::receive(int flags) {
  Batch& batch = *batch_;
  for (std::size_t i = 0; i < batch.filled; ++i) batch.reset_header(i);  // the kernel overwrote the sizes
  const int count = socket_->receive(batch.received, flags);
  batch.filled = static_cast<std::size_t>(std::max(count, 1));
  if (count >= 0) return static_cast<std::size_t>(count);
  if (errno != EINTR && errno != EAGAIN) socket_->pause(kReceiveFailurePause);
  return 0;
}

void UdpWorker::answer(std::size_t messages) {
  if (messages == 0) return;
  Batch& batch = *batch_;
  for (std::size_t i = 0; i < messages; ++i) {
    Batch::Message& message = batch.messages[i];
    msghdr& header = batch.received[i].msg_hdr;
    message.left = {static_cast<const std::uint8_t*>(batch.in[i].iov_base), batch.received[i].msg_len};
    message.segment = message.left.size();
    message.local = batch.bound;
    message.source_size = 0;
    if (header.msg_controllen == 0) continue;
    const PacketInfo info = parse_packet_info(header);
    if (info.segment != 0) message.segment = info.segment;
    if (info.local.address_size != 0) message.local = info.local;
    if (info.source != nullptr) message.source_size = put_source(*info.source, message.source.octets.data());
  }
  std::size_t next = 0;
  while (const std::size_t count = split_questions(messages, next)) {
    {
      const PublishedSnapshot::ReadGuard snapshot(snapshots_, reader_);
      responder_.respond(std::span(batch.slots.data(), count), *snapshot);
    }
    const std::size_t replies = collect_replies(count);
    send(build_messages(replies));
  }
}

// The next questions of the received messages, at most kUdpBatch; `next` is the first message with unanswered
// questions.
std::size_t UdpWorker::split_questions(std::size_t messages, std::size_t& next) {
  Batch& batch = *batch_;
  std::size_t count = 0;
  while (next < messages && count < kUdpBatch) {
    Batch::Message& message = batch.messages[next];
    Inbound& inbound = batch.slots[count].inbound;
    const std::size_t size = std::min(message.segment, message.left.size());
    inbound.bytes = message.left.first(std::min(size, kUdpSlotIn));
    inbound.client = to_endpoint(&batch.clients[next]);
    inbound.local = message.local;
    batch.message_of[count++] = static_cast<std::uint8_t>(next);
    message.left = message.left.subspan(size);
    if (message.left.empty()) ++next;
  }
  return count;
}

// Collects the replies; some questions have none.
std::size_t UdpWorker::collect_replies(std::size_t questions) {
  Batch& batch = *batch_;
  std::size_t replies = 0;
  for (std::size_t i = 0; i < questions; ++i) {
    if (batch.slots[i].size == 0) continue;
    const std::size_t of = batch.message_of[i];
    const Batch::Message& message = batch.messages[of];
    batch.outgoing[replies++] = {
        {batch.slots[i].out.data(), batch.slots[i].size},
        {static_cast<const std::uint8_t*>(batch.received[of].msg_hdr.msg_name), batch.received[of].msg_hdr.msg_namelen},
        {message.source.octets.data(), message.source_size}};
  }
  return replies;
}

// Builds the messages to send: one for each reply, or one for each group of replies. Returns their number.
std::size_t UdpWorker::build_messages(std::size_t replies) {
  Batch& batch = *batch_;
  const std::span<const OutgoingDatagram> outgoing(batch.outgoing.data(), replies);
  const auto set_reply = [&](std::size_t place, std::size_t reply) {
    batch.out[place] = {const_cast<std::uint8_t*>(outgoing[reply].answer.data()), outgoing[reply].answer.size()};
  };
  const auto address = [&](std::size_t message, std::size_t first, std::size_t count, std::size_t reply) -> msghdr& {
    const OutgoingDatagram& one = outgoing[reply];
    return batch.sent[message].msg_hdr = {const_cast<std::uint8_t*>(one.client.data()),
                                          static_cast<socklen_t>(one.client.size()),
                                          &batch.out[first],
                                          count,
                                          const_cast<std::uint8_t*>(one.control.data()),
                                          one.control.size(),
                                          0};
  };
  if (gso_disabled_ > 0) --gso_disabled_;
  if (replies < 2 || send_together_ == GsoGrouping::kNone || gso_disabled_ > 0 || !batch.gso.group(outgoing)) {
    for (std::size_t i = 0; i < replies; ++i) {
      set_reply(i, i);
      address(i, i, 1, i);
    }
    tune_gro(replies, replies);
    return replies;
  }
  for (std::size_t i = 0; i < replies; ++i) set_reply(i, batch.gso.answer(i));
  std::size_t message = 0;
  for (const GsoBatch::Group& group : batch.gso.groups()) {
    const std::size_t reply = batch.gso.answer(group.first);
    msghdr& header = address(message, group.first, group.count, reply);
    if (group.count > 1) {
      std::uint8_t* const room = batch.gso_controls[message].octets.data();
      if (header.msg_controllen != 0) std::memcpy(room, header.msg_control, header.msg_controllen);
      header.msg_controllen += put_segment(group.segment, room + header.msg_controllen);
      header.msg_control = room;
    }
    ++message;
  }
  tune_gro(replies, message);
  return message;
}

// While many questions come from one port, the kernel delivers such datagrams together (UDP_GRO). It is switched off
// when they do not, because the kernel has to compare all datagrams.
void UdpWorker::tune_gro(std::size_t replies, std::size_t messages) {
  if (replies == 0) return;
  const bool grouped = 2 * messages <= replies;
  gro_score_ = std::clamp(gro_score_ + (grouped ? 1 : -1), 0, kGroScoreMax);
  const int wanted = gro_score_ == kGroScoreMax ? 1 : gro_score_ == 0 ? 0 : gro_enabled_;
  if (wanted == gro_enabled_) return;
  gro_enabled_ = wanted;
  socket_->set_gro(wanted);
}

// Never waits. If the kernel cannot take an answer (no route, no neighbour, full queue), that answer is dropped, as the
// network itself may do, and the others are sent.
void UdpWorker::send(std::size_t count) {
  for (std::size_t at = 0; at < count;) {
    const int sent = socket_->send(std::span(batch_->sent).subspan(at, count - at));
    if (sent > 0) {
      at += static_cast<std::size_t>(sent);
    } else if (errno != EINTR) {
      if (batch_->sent[at].msg_hdr.msg_iovlen > 1) send_individually(at);
      else counters_.unsent.add();
      ++at;
    }
  }
}

// For a group that the kernel did not take: the path MTU is smaller than a segment, a device cannot cut it, or nothing
// can be sent at all.
void UdpWorker::send_individually(std::size_t message) {
  mmsghdr one = batch_->sent[message];
  msghdr& header = one.msg_hdr;
  if (errno == EINVAL || errno == EIO || errno == EMSGSIZE || errno == EOPNOTSUPP) gso_disabled_ = kGsoDisabledBatches;
  header.msg_controllen -= CMSG_SPACE(sizeof(std::uint16_t));
  for (std::size_t left = std::exchange(header.msg_iovlen, 1); left > 0; --left, ++header.msg_iov)
    if (socket_->send({&one, 1}) < 0) counters_.unsent.add();
}

void UdpWorker::drain() {
  for (int round = 0; round < kDrainBatches; ++round) {
    const std::size_t count = receive(MSG_DONTWAIT);
    if (count == 0) break;
    answer(count);
  }
  responder_.drain();
  port_.close(kLateDrainTime);
}

// The buffer of a request tells its message.
UdpRoute UdpWorker::find_client(const Inbound& inbound) const {
  const Batch& batch = *batch_;
  const std::size_t at = static_cast<std::size_t>(inbound.bytes.data() - batch.octets.get()) / kSlotInStep;
  UdpRoute route;
  route.client = batch.clients[at];
  route.client_size = batch.received[at].msg_hdr.msg_namelen;
  route.source_size = batch.messages[at].source_size;
  std::memcpy(route.source.octets.data(), batch.messages[at].source.octets.data(), route.source_size);
  return route;
}

}  // namespace server
