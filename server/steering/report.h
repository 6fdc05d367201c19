// What the evaluator says of links, members and records: the states, since when, and why. Values, for status, log and
// tests.
#pragma once

#include <string>
#include <vector>

#include "server/health/state.h"

namespace server {

enum class MemberState : std::uint8_t { kUnknown, kUsable, kDegraded, kDrained, kDown };
enum class LinkState : std::uint8_t { kUnknown, kUp, kDegraded, kDown };

struct MemberReport {
  MemberState state = MemberState::kUnknown;
  Instant since{};
  bool chosen = false;
  std::string reason;  // for people: "rtr-b is active on lan-gw", "loss 5.2% over 1%", "down: connection refused"

  friend bool operator==(const MemberReport&, const MemberReport&) = default;
};

enum class RecordState : std::uint8_t {
  kUndecided,   // the zone file's own set
  kNormal,      // the best member or members
  kFailedOver,  // others than the best configured
  kDegraded,    // none meets the SLA, or a last resort is in use
  kAllDown,
  kFrozen,  // by order, by dampening, or by a virtual router that splits or flaps
  kForced,
};

struct RecordReport {
  RecordState state = RecordState::kUndecided;
  Instant since{};
  std::vector<MemberReport> members;
  std::vector<std::size_t> chosen;  // members that are answered; of a weighted record all that have slots
  std::uint32_t ttl = 0;            // seconds, as served
  std::string rule;                 // for people: why these: "failover: via-a is down (…), via-b is the first usable"
  std::uint64_t transitions = 0;

  friend bool operator==(const RecordReport&, const RecordReport&) = default;
};

struct LinkReport {
  LinkState state = LinkState::kUnknown;
  Instant since{};
  Quality quality;  // over its targets
  std::string reason;
  std::uint64_t transitions = 0;

  friend bool operator==(const LinkReport&, const LinkReport&) = default;
};

// A change of state, told once.
struct Transition {
  enum class Of : std::uint8_t { kVirtualRouter, kLink, kMember, kRecord } of{};
  std::string subject;   // "lan-gw", "isp-a", "www.example.com/A:via-a", "www.example.com/A"
  std::string from, to;  // words of the state
  std::string reason;

  friend bool operator==(const Transition&, const Transition&) = default;
};

}  // namespace server
