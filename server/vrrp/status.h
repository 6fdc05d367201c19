// The state of a virtual router at one instant: the result of all sources, and all that failover sees of VRRP.
//
// `active` is an index of a configured router: an address from a packet is never passed on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/runtime/thread.h"

namespace server {

enum class VirtualRouterState : std::uint8_t {
  kUnknown,    // nothing heard yet: no record changes
  kActive,     // `active` is the active router
  kReleasing,  // the active router gave up (priority 0) and no other was heard yet: `active` is still the old one
  kSuspect,    // silent for longer than a healthy router is: `active` is still the old one; TTLs are lowered
  kNoActive,   // silent for longer than any backup waits: there is no active router
  kSplit,      // several routers claim to be active: `active` as on_split says, or none
  kFlapping,   // moves too often: `active` is frozen at the last stable one
};

struct VirtualRouterStatus {
  VirtualRouterState state = VirtualRouterState::kUnknown;
  std::optional<std::size_t> active;  // index in VirtualRouterOptions::routers
  Instant since{};                    // when this state and active router began
  std::optional<Instant> may_change;  // the earliest instant at which silence alone would change the state
  std::string reason;                 // for people: "advertisement of rtr-b, priority 100, 12 ms ago"
  bool stale_vip = false;             // this host holds the virtual address while another router is active: alarm

  friend bool operator==(const VirtualRouterStatus&, const VirtualRouterStatus&) = default;
};

}  // namespace server
