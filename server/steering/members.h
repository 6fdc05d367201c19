// Members evaluated: all that a record needs to know of each, from routers, link, own checks, class floor and
// overrides.
//
//     override on the member ---- decides alone: down, up; drain: what else is true, not chosen while another is usable
//     router required -------- not active: DOWN; releasing or silent: as before; unknown: UNKNOWN
//     link, own checks ------- any down: DOWN; any unknown: UNKNOWN
//     SLA of the record ------ violated: DEGRADED
//
// Down outweighs unknown, unknown outweighs degraded. UNKNOWN is no reason to choose a member, nor to leave one.
// Values.
#pragma once

#include "server/steering/links.h"

namespace server {

struct MemberStatus {
  MemberReport report;
  bool allowed = true;  // its link's class is above the record's floor
  bool last_resort = false;
  bool standby = false;          // down only because another router is active, which is alive
  bool router_unstable = false;  // a router that it needs is silent, leaving, or contested
  bool frozen = false;           // a virtual router that it needs splits or flaps
  bool admin_down = false;
  std::uint32_t cost = 0, quality_rank = 0, weight = 0;
  Quality quality;
  double excess = 0;                 // of the record's SLA: the worst measure in parts of its bound
  SlaStatus own_sla;                 // of a member that no link carries
  std::optional<Instant> change_at;  // the earliest at which it can be another, where anything points to it
  std::optional<Instant> next;       // when to judge again
};

void evaluate_member(const Plan& plan, std::size_t record, std::size_t member, const HealthState& health,
                     const std::vector<LinkStatus>& links, const ActiveOverrides& active_overrides, Instant now,
                     MemberStatus& status);

// The rank of a link where the operator gives none: lower is better.
std::uint32_t quality_rank(const LinkOptions& link);

}  // namespace server
