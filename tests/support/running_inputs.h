// The inputs of failover as they run in reality, in virtual time: a check with its probes, and a virtual router whose
// routers advertise, fail and take over. Their owner calls `work` at each time that `next` returns.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "server/health/health_tracker.h"
#include "server/vrrp/router_tracker.h"
#include "tests/support/steering.h"

namespace steered {

inline constexpr std::size_t kRouters = 3;  // of each virtual router

// One virtual router as its routers run it. The backups wait as long as they may: the first one takes over.
struct RunningRouters {
  server::RouterTracker tracker;
  Duration interval;
  std::uint8_t priority = 200;
  std::array<bool, kRouters> failed{};
  std::optional<std::size_t> active;  // advertises
  Instant next_advert{};
  std::optional<Instant> takeover;

  void advertise(std::size_t router, Instant now, bool leaves = false) {
    const auto own = static_cast<std::uint8_t>(leaves ? 0 : priority - router);
    tracker.advertisement({.version = server::VrrpVersion::kV3,
                           .priority = own,
                           .interval = interval,
                           .source = tracker.options().routers[router].addresses.front(),
                           .router = router,
                           .hmac = {}},
                          now);
    next_advert = now + interval;
  }
  // The active router gives up, and another one takes over.
  void hand_over(std::size_t to, Instant now) {
    if (active) advertise(*active, now, true);
    active = to;
    advertise(to, now);
  }
  // Just after an advertisement.
  void fail(std::size_t router, Instant now) {
    failed[router] = true;
    if (active != router) return;
    advertise(router, now);
    active.reset();
    takeover = now + interval * (tracker.options().down_timer_adverts + 1);
  }
  Instant next() const {
    Instant next = tracker.next_deadline().value_or(Instant::max());
    if (active) next = std::min(next, next_advert);
    return takeover ? std::min(next, *takeover) : next;
  }
  void work(Instant now) {
    if (takeover && *takeover <= now) {
      takeover.reset();
      const auto alive = std::find(failed.begin(), failed.end(), false);
      if (alive != failed.end()) active = static_cast<std::size_t>(alive - failed.begin());
      if (active) advertise(*active, now);
    } else if (active && next_advert <= now) {
      advertise(*active, now);
    }
    tracker.advance(now);
  }
};

// One check as the server runs it. It has a round trip of no time until it fails.
struct RunningCheck {
  server::MonitorOptions monitor;
  server::HealthTracker tracker;
  server::ProbeResult before;  // each result until then
  Instant next_start;
  Instant fails_at = Instant::max();  // just after a probe
  std::vector<Instant> results;       // of the probes that have started, in order
  std::int64_t left = 0;              // results until its window has only failures

  bool overlaps() const { return monitor.kind == server::ProbeKind::kIcmp; }
  Duration wait() const { return monitor.kind == server::ProbeKind::kFile ? Duration{} : monitor.timeout; }
  bool may_start() const { return left > 0 && (overlaps() || results.empty()); }
  Instant next() const {
    const Instant start = may_start() ? next_start : Instant::max();
    return results.empty() ? start : std::min(start, results.front());
  }
  // A probe starts at this time, and works. All later ones fail.
  void fail_after(Instant now, Duration time) {
    left = monitor.window / monitor.interval + monitor.fall + 1;
    fails_at = now + time;
    next_start = now + (time % monitor.interval == Duration{} ? monitor.interval : time % monitor.interval);
  }
  void publish(Instant now, server::CheckState& state) {
    tracker.set_schedule(now, {.next = next_start, .in_flight = static_cast<unsigned>(results.size())});
    state = tracker.state();
  }
  void work(Instant now, server::CheckState& state) {
    if (!results.empty() && results.front() == now) {
      results.erase(results.begin());
      tracker.add_result(now, {server::Outcome::kFailed, {}, "no reply"});
      if (!overlaps()) next_start = std::max(next_start, now);
      --left;
    } else {
      if (now <= fails_at) tracker.add_result(now, before);
      else results.push_back(now + wait());
      next_start = now + monitor.interval;
    }
    publish(now, state);
  }
};

}  // namespace steered
