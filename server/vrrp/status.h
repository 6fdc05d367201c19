// What is known of a virtual router at an instant: the outcome of all evidence, and the only thing that steering sees
// of VRRP.
//
// `active` is an index among the configured routers: an address that a packet carried is never passed on.
#pragma once

#include <optional>
#include <string>

#include "server/runtime/instant.h"

namespace server {

enum class VirtualRouterState : std::uint8_t {
  kUnknown,    // nothing heard yet: changes no record
  kActive,     // `active` is it
  kReleasing,  // the active one said that it leaves (priority 0) and no other spoke yet: `active` is still the old one
  kSuspect,    // silent for longer than a healthy router is: `active` is still the old one; TTLs go down
  kNoActive,   // silent for longer than any backup waits: nobody is active
  kSplit,      // several claim to be: `active` is as on_split says, or nobody
  kFlapping,   // moves too often: `active` is the last stable one, frozen
};

struct VirtualRouterStatus {
  VirtualRouterState state = VirtualRouterState::kUnknown;
  std::optional<std::size_t> active;  // index in VirtualRouterOptions::routers
  Instant since{};                    // of this state and active router
  std::optional<Instant> may_change;  // the earliest instant at which silence alone would change it
  std::string reason;                 // for people: "advertisement of rtr-b, priority 100, 12 ms ago"
  bool stale_vip = false;             // this host holds the virtual address and another router is active: alarm

  friend bool operator==(const VirtualRouterStatus&, const VirtualRouterStatus&) = default;
};

}  // namespace server
