// The evaluator's results for links, members and records: the state, since when, and why. Values, for status, log and
// tests.
#pragma once

#include <cstdint>
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
  bool standby = false;  // down only because another router took over from its live router
  std::string reason;    // for people: "rtr-b is active on lan-gw", "loss 5.2% over 1%", "down: connection refused"

  friend bool operator==(const MemberReport&, const MemberReport&) = default;
};

enum class RecordState : std::uint8_t {
  kUndecided,   // the zone file's records are served
  kNormal,      // the best member or members are served
  kFailedOver,  // other members than the best ones are served
  kDegraded,    // no member meets the SLA, a last resort is used, or nothing is known about the served members
  kAllDown,
  kFrozen,  // by an override, by damping, or because a virtual router is split or flapping
  kForced,
};

struct RecordReport {
  RecordState state = RecordState::kUndecided;
  Instant since{};
  std::vector<MemberReport> members;
  std::vector<std::size_t> chosen;  // the served members; of a weighted record all that have slots
  std::uint32_t ttl = 0;            // seconds, as served
  std::string rule;       // for people: why these: "via-b; via-a is down: rtr-b is active on lan-gw, not rtr-a"
  std::string frozen_by;  // kFrozen: "override by kim", "virtual router lan-gw is split"
  std::uint64_t transitions = 0;

  friend bool operator==(const RecordReport&, const RecordReport&) = default;
};

struct LinkReport {
  LinkState state = LinkState::kUnknown;
  Instant since{};
  Quality quality;  // over all its targets
  std::string reason;
  std::uint64_t transitions = 0;

  friend bool operator==(const LinkReport&, const LinkReport&) = default;
};

// A change of state; reported once.
struct Transition {
  enum class Of : std::uint8_t { kVirtualRouter, kLink, kMember, kRecord } of{};
  std::string subject;   // "lan-gw", "isp-a", "www.example.com/A:via-a", "www.example.com/A"
  std::string from, to;  // names of states
  std::string reason;

  friend bool operator==(const Transition&, const Transition&) = default;
};

}  // namespace server
