#include "server/health/judge.h"

#include <algorithm>

namespace server {

JudgeOptions judge_options(const MonitorOptions& monitor) {
  return {.fall = monitor.fall,
          .rise = monitor.rise,
          .unknown_after = monitor.kind == ProbeKind::kFile ? 1 : monitor.fall,
          .interval = monitor.interval,
          .window = monitor.window};
}

Judge::Judge(const JudgeOptions& options, Instant now) : options_(options), window_(options.window) { state_.since = now; }

void Judge::restore(Health health, Instant since) {
  if (state_.health != Health::kUnknown || state_.probes > 0) return;
  state_.health = health;
  state_.since = since;
}

bool Judge::take(Instant now, const ProbeResult& result) {
  ++state_.probes;
  if (result.outcome == Outcome::kFailed) ++state_.failures;
  window_.add(now, result);
  state_.quality = window_.quality(now);
  state_.detail = result.detail;
  const Health health = next_health(result.outcome);
  state_.contrary = health == Health::kUnknown ? 0 : std::max(health == Health::kUp ? failures_ : successes_, silences_);
  if (health == state_.health) return false;
  state_.health = health;
  state_.since = now;
  ++state_.transitions;
  return true;
}

Health Judge::next_health(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      ++successes_;
      failures_ = silences_ = 0;
      if (state_.health == Health::kUnknown || successes_ >= options_.rise) return Health::kUp;
      break;
    case Outcome::kFailed:
      ++failures_;
      successes_ = silences_ = 0;
      if (state_.health == Health::kUnknown || failures_ >= options_.fall) return Health::kDown;
      break;
    case Outcome::kUnknown:
      if (++silences_ < options_.unknown_after) break;
      failures_ = successes_ = 0;
      return Health::kUnknown;
  }
  return state_.health;
}

// The fewest results after which the health can be another.
unsigned Judge::results_to_turn() const {
  const auto left = [](unsigned needed, unsigned had) { return needed > had ? needed - had : 1; };
  if (state_.health == Health::kUnknown) return 1;
  const unsigned turn = state_.health == Health::kUp ? left(options_.fall, failures_) : left(options_.rise, successes_);
  return std::min(turn, left(options_.unknown_after, silences_));
}

void Judge::plan(Instant now, const Schedule& schedule) {
  const unsigned needed = results_to_turn();
  if (needed <= schedule.under_way) {
    state_.may_change = now;
  } else {
    state_.may_change = std::max(now, schedule.next + options_.interval * (needed - schedule.under_way - 1));
  }
}

}  // namespace server
