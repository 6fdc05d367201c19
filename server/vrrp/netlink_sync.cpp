#include "server/vrrp/netlink_sync.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace server {
namespace {

constexpr std::size_t kDatagramMax = 64 * 1024;
constexpr int kDatagramsPerWake = 64;
constexpr std::size_t kReplayMax = 4 << 20;                              // octets of notifications during one dump
constexpr std::chrono::milliseconds kFirstDelay{20}, kLongestDelay{80};  // before a dump is repeated

}  // namespace

bool NetlinkSync::advance(Instant now) {
  const bool queue_is_empty = read_queue(now);
  if (phase_ != Phase::kNone && now >= timeout_at_) repeat("the kernel does not answer", now);
  if (phase_ == Phase::kNone && queue_is_empty && now >= request_at_) request(Phase::kLinks, now);
  judge(now);
  return std::exchange(changed_, false);
}

Instant NetlinkSync::next_deadline() const {
  const Instant dump = phase_ == Phase::kNone ? request_at_ : timeout_at_;
  return uncertain_since_ && fault_.empty() ? std::min(dump, *uncertain_since_ + kUncertainAfter) : dump;
}

// True if nothing waits any more.
bool NetlinkSync::read_queue(Instant now) {
  static thread_local std::array<std::uint8_t, kDatagramMax> buffer;
  for (int i = 0; i < kDatagramsPerWake; ++i) {
    const auto size = channel_.receive(buffer);
    if (size) {
      take(dns::Bytes(buffer).first(*size), now);
    } else if (size.error() == EAGAIN || size.error() == EWOULDBLOCK) {
      return true;
    } else if (size.error() != EINTR) {
      lost(size.error() == ENOBUFS ? "the kernel dropped messages" : std::strerror(size.error()), now);
    }
  }
  return false;
}

void NetlinkSync::take(dns::Bytes datagram, Instant now) {
  while (const auto message = take_netlink_message(datagram)) {
    const bool reply = message->type == NLMSG_DONE || message->type == NLMSG_ERROR || (message->flags & NLM_F_MULTI);
    if (message->type == NLMSG_OVERRUN) lost("the kernel dropped messages", now);
    else if (reply) take_reply(*message, now);
    else take_notification(*message);
  }
}

void NetlinkSync::take_reply(const NetlinkMessageView& message, Instant now) {
  if (phase_ == Phase::kNone || message.sequence != sequence_ || message.port != channel_.port()) return;
  if ((message.flags & NLM_F_DUMP_INTR) != 0) interrupted_ = true;
  if (message.type != NLMSG_DONE && message.type != NLMSG_ERROR) return next_.apply(message.type, message.body);
  const int code = read_structure<int>(message.body).value_or(0);
  if (code < 0) return repeat(std::strerror(-code), now);
  if (interrupted_) return repeat("the addresses changed during the dump", now);
  if (message.type == NLMSG_DONE) dump_ended(now);
}

void NetlinkSync::take_notification(const NetlinkMessageView& message) {
  if (!HostAddresses::describes(message.type)) return;
  if (phase_ != Phase::kNone && replay_octets_ <= kReplayMax) {
    replay_octets_ += message.body.size();
    replay_.push_back({message.type, {message.body.begin(), message.body.end()}});
  }
  if (!known_ || uncertain_since_) return;
  current_.apply(message.type, message.body);
  changed_ = true;
}

void NetlinkSync::dump_ended(Instant now) {
  if (phase_ == Phase::kLinks) return request(Phase::kAddresses, now);
  if (replay_octets_ > kReplayMax) return lost("too many changes during the dump", now);
  for (const Notification& each : replay_) next_.apply(each.type, each.body);
  current_ = std::exchange(next_, HostAddresses());
  replay_ = {};
  phase_ = Phase::kNone;
  request_at_ = now + kFullDumpInterval;
  attempts_ = 0;
  uncertain_since_.reset();
  known_ = changed_ = true;
}

void NetlinkSync::lost(const std::string& why, Instant now) {
  if (!uncertain_since_) uncertain_since_ = now;
  repeat(why, now);
}

void NetlinkSync::repeat(const std::string& why, Instant now) {
  last_trouble_ = why;
  if (phase_ != Phase::kNone) ++repeats_;
  // A running dump has been tried; a dump that was not begun yet keeps its time if that is earlier.
  const auto delay = attempts_ == 0 ? std::chrono::milliseconds{0}
                                    : std::min(kLongestDelay, kFirstDelay * (1 << std::min(attempts_ - 1, 2U)));
  request_at_ = phase_ == Phase::kNone ? std::min(request_at_, now + delay) : now + delay;
  phase_ = Phase::kNone;
}

void NetlinkSync::request(Phase phase, Instant now) {
  if (phase == Phase::kLinks) {
    next_ = {};
    replay_.clear();
    replay_octets_ = 0;
    ++attempts_;
  }
  interrupted_ = false;
  phase_ = phase;
  timeout_at_ = now + kDumpTimeout;
  struct {
    nlmsghdr head;
    ifinfomsg body;  // the kernel reads only the family, which is the first field of every body
  } request{};
  request.head.nlmsg_len = sizeof request;
  request.head.nlmsg_type = phase == Phase::kLinks ? RTM_GETLINK : RTM_GETADDR;
  request.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.head.nlmsg_seq = ++sequence_;
  std::array<std::uint8_t, sizeof request> octets;
  std::memcpy(octets.data(), &request, sizeof request);
  const auto sent = channel_.send(octets);
  if (!sent) repeat(std::strerror(sent.error()), now);
}

// A copy that may be wrong counts for a while, because the next dump usually confirms it.
void NetlinkSync::judge(Instant now) {
  if (!uncertain_since_) {
    fault_.clear();
  } else if (fault_.empty() && now - *uncertain_since_ >= kUncertainAfter) {
    fault_ = "the addresses of this host are unknown: " + last_trouble_;
    changed_ = changed_ || known_;
    known_ = false;
  }
}

}  // namespace server
