#include "server/health/health_tracker.h"

#include <algorithm>
#include <utility>

namespace server {

HealthTrackerOptions tracker_options(const MonitorOptions& monitor) {
  return {.fall = monitor.fall,
          .rise = monitor.rise,
          .unknown_after = monitor.kind == ProbeKind::kFile ? 1 : monitor.fall,
          .interval = monitor.interval,
          .window = monitor.window};
}

HealthTracker::HealthTracker(const HealthTrackerOptions& options, Instant now)
    : options_(options), window_(options.window) {
  state_.since = now;
}

void HealthTracker::restore(Health health, Instant since) {
  if (state_.health != Health::kUnknown || state_.probes > 0) return;
  state_.health = health;
  state_.since = since;
}

bool HealthTracker::add_result(Instant now, const ProbeResult& result) {
  ++state_.probes;
  if (result.outcome == Outcome::kFailed) ++state_.failures;
  window_.add(now, result);
  state_.quality = window_.quality(now);
  state_.detail = result.detail;
  const Health health = next_health(result.outcome);
  state_.contrary_results =
      health == Health::kUnknown ? 0 : std::max(health == Health::kUp ? failures_ : successes_, unknowns_);
  if (health == state_.health) return false;
  state_.health = health;
  state_.since = now;
  ++state_.transitions;
  return true;
}

Health HealthTracker::next_health(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      ++successes_;
      failures_ = unknowns_ = 0;
      if (state_.health == Health::kUnknown || successes_ >= options_.rise) return Health::kUp;
      break;
    case Outcome::kFailed:
      ++failures_;
      successes_ = unknowns_ = 0;
      if (state_.health == Health::kUnknown || failures_ >= options_.fall) return Health::kDown;
      break;
    case Outcome::kUnknown:
      if (++unknowns_ < options_.unknown_after) break;
      failures_ = successes_ = 0;
      return Health::kUnknown;
  }
  return state_.health;
}

bool HealthTracker::expire(Instant now, std::string why) {
  if (state_.health == Health::kUnknown) return false;
  failures_ = successes_ = 0;
  state_.health = Health::kUnknown;
  state_.since = now;
  state_.contrary_results = 0;
  state_.detail = std::move(why);
  ++state_.transitions;
  return true;
}

// The smallest number of results after which the health can change.
unsigned HealthTracker::results_until_change() const {
  const auto left = [](unsigned needed, unsigned had) { return needed > had ? needed - had : 1; };
  if (state_.health == Health::kUnknown) return 1;
  const unsigned turn = state_.health == Health::kUp ? left(options_.fall, failures_) : left(options_.rise, successes_);
  return std::min(turn, left(options_.unknown_after, unknowns_));
}

void HealthTracker::set_schedule(Instant now, const Schedule& schedule) {
  const unsigned needed = results_until_change();
  if (needed <= schedule.in_flight) {
    state_.may_change = now;
  } else {
    state_.may_change = std::max(now, schedule.next + options_.interval * (needed - schedule.in_flight - 1));
  }
}

}  // namespace server
