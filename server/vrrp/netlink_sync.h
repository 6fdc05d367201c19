// Keeps a copy of the kernel's addresses and links by netlink: dumps, and notifications between them.
//
//     request links --> parts, end --> request addresses --> parts, end --> replay --> the new copy replaces the old
//     one
//                                                                             ^
//     notification --> kept for the replay -----------------------------------'
//                '---> the old copy, unless messages were lost since
//
// Each dump has a sequence number, so parts of an older dump are not mixed into a newer one. A dump is repeated if the
// kernel reports that messages were lost (ENOBUFS) or that it changed during the dump (NLM_F_DUMP_INTR), if it fails,
// or if it does not end within kDumpTimeout. After a loss the kernel also drops all notifications until its queue is
// empty, so the queue is read to its end before a request. The old copy stays unchanged until the new one is complete:
// a few of the lost changes could make an address appear absent. A full dump each kFullDumpInterval finds what was lost
// without a report.
//
// If there is no complete copy for kUncertainAfter, the copy counts as unknown (`current` returns null) and `fault`
// says why. The caller passes the time. One thread.
#pragma once

#include <span>
#include <string>

#include "server/vrrp/host_addresses.h"
#include "zone/base/result.h"

namespace server {

// A netlink socket that does not block; a model of the kernel in tests. Errors are errno.
class NetlinkChannel {
 public:
  virtual ~NetlinkChannel() = default;
  // The size of one datagram from the kernel; 0 for a datagram of another sender. EAGAIN: the queue is empty.
  virtual dns::Result<std::size_t, int> receive(std::span<std::uint8_t> buffer) = 0;
  virtual dns::Result<void, int> send(dns::Bytes request) = 0;
  virtual std::uint32_t port() const = 0;
};

class NetlinkSync {
 public:
  static constexpr std::chrono::seconds kFullDumpInterval{60};
  static constexpr std::chrono::seconds kDumpTimeout{1};
  static constexpr std::chrono::seconds kUncertainAfter{10};

  NetlinkSync(NetlinkChannel& channel, Instant now) : channel_(channel), uncertain_since_(now), request_at_(now) {}

  // Reads what waits and requests a dump if one is due. Call it when the channel is readable, and at `next_deadline`.
  // True: `current` may have changed.
  bool advance(Instant now);
  Instant next_deadline() const;
  // A step ended with an exception: what it read may be missing, as after a loss.
  void distrust(Instant now) { lost("a step failed", now); }

  const HostAddresses* current() const { return known_ ? &current_ : nullptr; }
  const std::string& fault() const { return fault_; }  // empty: none
  std::uint64_t repeated_dumps() const { return repeats_; }

 private:
  enum class Phase : std::uint8_t { kNone, kLinks, kAddresses };  // which dump is running

  bool read_queue(Instant now);
  void take(dns::Bytes datagram, Instant now);
  void take_reply(const NetlinkMessageView& message, Instant now);
  void take_notification(const NetlinkMessageView& message);
  void dump_ended(Instant now);
  void lost(const std::string& why, Instant now);
  void repeat(const std::string& why, Instant now);
  void request(Phase phase, Instant now);
  void judge(Instant now);

  struct Notification {
    std::uint16_t type;
    std::vector<std::uint8_t> body;
  };

  NetlinkChannel& channel_;
  HostAddresses current_, next_;
  std::vector<Notification> replay_;  // since the running dump was requested
  std::size_t replay_octets_ = 0;
  bool known_ = false;    // there is a copy that counts
  bool changed_ = false;  // since the last advance()
  std::string fault_, last_trouble_;
  std::optional<Instant> uncertain_since_;  // changes may have been lost since then
  Phase phase_ = Phase::kNone;
  bool interrupted_ = false;
  std::uint32_t sequence_ = 0;
  unsigned attempts_ = 0;  // of the dump that is due, since the last complete one
  std::uint64_t repeats_ = 0;
  Instant request_at_;    // idle: of the next dump
  Instant timeout_at_{};  // of the running dump
};

}  // namespace server
