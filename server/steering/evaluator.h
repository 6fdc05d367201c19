// The evaluator: facts and orders in, address sets out. A pure state machine in whatever time it is given.
//
//     Facts + orders + now --> judge links (reliability, SLA windows) --> members (usable, degraded, down, unknown)
//                          --> policy --> hold-down, failback delay, dampening, all-down --> TTL --> Decision
//
// A value: copying it is how `simulate` looks ahead. It never gives an empty set where the policy did not ask for NODATA, and
// what is UNKNOWN keeps the last decision, or none (the zone file's own set). One thread at a time.
#pragma once

#include "server/steering/admin.h"
#include "server/steering/facts.h"
#include "server/store/overlay.h"

namespace server {

enum class MemberState : std::uint8_t { kUnknown, kUsable, kDegraded, kDrained, kDown };
enum class LinkState : std::uint8_t { kUnknown, kUp, kDegraded, kDown };

struct MemberReport {
  MemberState state = MemberState::kUnknown;
  Instant since{};
  bool chosen = false;
  std::string reason;                 // for people: "rtr-b is active on lan-gw", "loss 5.2% over 1%", "down: connection refused"

  friend bool operator==(const MemberReport&, const MemberReport&) = default;
};

enum class AnswerState : std::uint8_t {
  kUndecided,     // the zone file's own set
  kNormal,        // the best member or members
  kFailedOver,    // others than the best configured
  kDegraded,      // none meets the SLA, or a last resort is in use
  kAllDown,
  kFrozen,        // by order, by dampening, or by a virtual router that splits or flaps
  kForced,
};

struct AnswerReport {
  AnswerState state = AnswerState::kUndecided;
  Instant since{};
  std::vector<MemberReport> members;
  std::vector<std::size_t> chosen;    // members that are answered; of a weighted answer all that have slots
  std::uint32_t ttl = 0;              // seconds, as served
  std::string rule;                   // for people: why these: "failover: via-a is down (…), via-b is the first usable"
  std::uint64_t transitions = 0;

  friend bool operator==(const AnswerReport&, const AnswerReport&) = default;
};

struct LinkReport {
  LinkState state = LinkState::kUnknown;
  Instant since{};
  Quality quality;                    // over its targets
  std::string reason;
  std::uint64_t transitions = 0;

  friend bool operator==(const LinkReport&, const LinkReport&) = default;
};

// A change of state, told once.
struct Transition {
  enum class Of : std::uint8_t { kVirtualRouter, kLink, kMember, kAnswer } of{};
  std::string subject;                // "lan-gw", "isp-a", "www.example.com/A:via-a", "www.example.com/A"
  std::string from, to;               // words of the state
  std::string evidence;

  friend bool operator==(const Transition&, const Transition&) = default;
};

struct Decision {
  std::vector<ManagedSet> sets;       // as Overlay::sets; without those that are undecided
  std::vector<Transition> transitions;
  std::optional<Instant> next;        // when to evaluate again though nothing happens
};

class Evaluator {
 public:
  explicit Evaluator(const Plan& plan);   // the plan outlives it and its copies

  // Idempotent: the same facts, orders and time give the same decision, without transitions the second time.
  Decision evaluate(const Facts& facts, const std::vector<Order>& orders, Instant now, std::chrono::system_clock::time_point wall);

  const std::vector<AnswerReport>& answers() const;
  const std::vector<LinkReport>& links() const;

  // What must outlive a restart, as text (a JSON object); members and links go by name, so that another plan can take it up:
  // what it does not know is passed over, and what is not in the text starts UNKNOWN.
  std::string save(Instant now, std::chrono::system_clock::time_point wall) const;
  void restore(std::string_view saved, Instant now, std::chrono::system_clock::time_point wall);
};

}  // namespace server
