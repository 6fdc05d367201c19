#include "server/steering/links.h"

#include <algorithm>

#include <fmt/format.h>

namespace server {

namespace {

double seconds_of(Duration duration) { return std::chrono::duration<double>(duration).count(); }

enum class Level : std::uint8_t { kGood, kBetween, kBad };

// Measurements are quotients: a value that differs from a bound by less than this share is equal to it.
inline constexpr double kRounding = 1e-9;
inline constexpr int kMaxDigits = 4;  // after the decimal point

using Text = std::string (*)(double, int digits);

std::string seconds_text(double seconds, int digits) { return fmt::format("{:.{}f}ms", seconds * 1e3, digits); }
std::string share_text(double share, int digits) { return fmt::format("{:.{}f}%", share * 100, digits); }

// "loss 5.2% over 1.0%". Values that differ have texts that differ, if few digits are enough for that.
std::string comparison_text(std::string_view name, double value, double bound, Text text) {
  const bool is_equal = std::abs(value - bound) <= bound * kRounding;
  const std::string_view relation = is_equal ? "at the bound of" : value > bound ? "over" : "within";
  int digits = 1;
  while (!is_equal && digits < kMaxDigits && text(value, digits) == text(bound, digits)) ++digits;
  return fmt::format("{} {} {} {}", name, text(value, digits), relation, text(bound, digits));
}

// Compares each measurement with its bounds; the worst one counts.
class Comparison {
 public:
  // A value at `bad` violates the bound, and a value at `good` meets it. Nothing is worse than a bound of 0.
  void take(std::string_view name, const std::optional<Bounds>& bounds, double value, Text text) {
    if (!bounds) return;
    const double part = bounds->bad > 0 ? value / bounds->bad : value;
    if (value > bounds->good * (1 + kRounding)) level_ = std::max(level_, Level::kBetween);
    if (value >= bounds->bad * (1 - kRounding) && value > 0) level_ = Level::kBad;
    if (part < excess_) return;
    excess_ = part;
    reason_ = comparison_text(name, value, bounds->bad, text);
  }
  Level level() const { return level_; }
  double excess() const { return excess_; }
  std::string reason() const { return reason_; }

 private:
  Level level_ = Level::kGood;
  double excess_ = 0;
  std::string reason_;
};

// The value that `needed` of `values` reach or do better than; the worst one if there are fewer values.
template <class T>
T value_of_best(std::vector<T> values, std::size_t needed) {
  std::sort(values.begin(), values.end());
  return values[std::min(needed, values.size()) - 1];
}

struct Count {
  std::size_t up = 0, down = 0, unknown = 0;
};

LinkState state_of(const Count& count, std::size_t needed) {
  if (count.up >= needed) return LinkState::kUp;
  return count.up + count.unknown < needed ? LinkState::kDown : LinkState::kUnknown;
}

void set_state(LinkReport& report, LinkState state, std::string reason, Instant now) {
  report.reason = std::move(reason);
  if (report.state == state) return;
  report.state = state;
  report.since = now;
  ++report.transitions;
}

// Lists the targets that are not up.
std::string failing(const std::vector<const CheckState*>& checks, const std::vector<std::size_t>& places,
                    const Plan& plan) {
  std::string words;
  for (std::size_t i = 0; i < checks.size(); ++i) {
    if (checks[i]->health == Health::kUp) continue;
    words += fmt::format("{}{} {}", words.empty() ? ": " : "; ", plan.checks[places[i]].target.to_string(),
                         !checks[i]->detail.empty()              ? checks[i]->detail
                         : checks[i]->health == Health::kUnknown ? "no result yet"
                                                                 : "down");
  }
  return words;
}

void update_slas(const Plan& plan, std::size_t link, Instant now, LinkStatus& status) {
  for (std::size_t i = 0; i < status.slas.size(); ++i) {
    const SlaOptions& sla = plan.options.sla_classes[plan.link_slas[link][i]];
    const std::optional<Instant> again = update_sla(status.slas[i], sla, status.report.quality, now);
    if (again) status.next = std::min(status.next.value_or(*again), *again);
  }
}

// The loss of a check if the results that are missing in its window were received.
double judged_loss(const MonitorOptions& monitor, const Quality& quality) {
  const auto full = static_cast<std::size_t>(monitor.window / std::max(monitor.interval, Duration{1}));
  if (quality.samples >= full) return quality.loss;
  return quality.loss * static_cast<double>(quality.samples) / static_cast<double>(full);
}

// The state set by an override; nothing if the link's own checks count.
std::optional<LinkState> overridden_state(const LinkStatus& status) {
  if (!status.admin_override || status.admin_override->kind == OverrideKind::kDrain) return std::nullopt;
  return status.admin_override->kind == OverrideKind::kUp ? LinkState::kUp : LinkState::kDown;
}

}  // namespace

std::string milliseconds_text(Duration duration) { return seconds_text(seconds_of(duration), 1); }
std::string percent_text(double part) { return share_text(part, 1); }

std::optional<Instant> earliest_turn(const CheckState& check, Instant now) {
  if (check.health == Health::kUnknown || check.contrary_results == 0) return std::nullopt;
  return std::max(check.may_change.value_or(now), now);
}

Quality quality_of(const Plan& plan, const std::vector<std::size_t>& places, const HealthState& health,
                   std::size_t needed) {
  Quality quality;
  std::vector<Duration> latencies, jitters;
  std::vector<double> losses;
  for (const std::size_t place : places) {
    const Quality& seen = health.checks[place].quality;
    if (seen.samples == 0) continue;
    quality.samples += seen.samples;
    losses.push_back(judged_loss(plan.checks[place].monitor, seen));
    if (seen.loss >= 1) continue;  // no packet came back, so there is nothing to measure
    latencies.push_back(seen.latency);
    jitters.push_back(seen.jitter);
  }
  if (!losses.empty()) quality.loss = value_of_best(losses, std::max<std::size_t>(needed, 1));
  if (!latencies.empty()) {
    quality.latency = value_of_best(latencies, std::max<std::size_t>(needed, 1));
    quality.jitter = value_of_best(jitters, std::max<std::size_t>(needed, 1));
  }
  return quality;
}

std::optional<Instant> update_sla(SlaStatus& status, const SlaOptions& sla, const Quality& quality, Instant now) {
  status.change_at = std::nullopt;
  if (quality.samples == 0) return std::nullopt;
  Comparison comparison;
  comparison.take("latency", sla.latency, seconds_of(quality.latency), seconds_text);
  comparison.take("jitter", sla.jitter, seconds_of(quality.jitter), seconds_text);
  comparison.take("loss", sla.loss, quality.loss, share_text);
  status.excess = comparison.excess();
  status.reason = comparison.reason();
  const bool contrary = comparison.level() == (status.violated ? Level::kGood : Level::kBad);
  if (!contrary) {
    status.streak = 0;
    status.last_tick = std::nullopt;
    return std::nullopt;
  }
  const unsigned needed = std::max(status.violated ? sla.good_windows : sla.bad_windows, 1U);
  if (!status.last_tick) {
    status.last_tick = now;
  } else if (now >= *status.last_tick + kDecisionTick) {
    status.last_tick = now;
    ++status.streak;
  }
  if (status.streak < needed) {
    status.change_at = *status.last_tick + kDecisionTick * (needed - status.streak);
    return *status.last_tick + kDecisionTick;
  }
  status.violated = !status.violated;
  status.streak = 0;
  status.last_tick = std::nullopt;
  return std::nullopt;
}

void evaluate_link(const Plan& plan, std::size_t link, const HealthState& health,
                   const ActiveOverrides& active_overrides, Instant now, LinkStatus& status) {
  const LinkOptions& options = plan.options.links[link];
  const std::vector<std::size_t>& places = plan.link_checks[link];
  status.slas.resize(plan.link_slas[link].size());
  status.admin_override = active_overrides.links[link];
  status.change_at = status.next = std::nullopt;
  std::vector<const CheckState*> checks;
  Count count;
  for (const std::size_t place : places) {
    checks.push_back(&health.checks[place]);
    ++(checks.back()->health == Health::kUp     ? count.up
       : checks.back()->health == Health::kDown ? count.down
                                                : count.unknown);
  }
  const std::size_t needed = std::clamp<std::size_t>(options.reliability, 1, std::max<std::size_t>(checks.size(), 1));
  status.report.quality = quality_of(plan, places, health, needed);
  update_slas(plan, link, now, status);
  if (const std::optional<LinkState> state = overridden_state(status)) {
    return set_state(
        status.report, *state,
        fmt::format("{} (override by {})", *state == LinkState::kUp ? "up" : "down", status.admin_override->by), now);
  }
  if (checks.empty()) return set_state(status.report, LinkState::kUp, "no probes configured", now);

  LinkState state = state_of(count, needed);
  std::string reason = fmt::format("{} of {} targets answer, {} needed{}", count.up, checks.size(), needed,
                                   failing(checks, places, plan));
  for (std::size_t i = 0; i < status.slas.size() && state == LinkState::kUp; ++i) {
    if (!status.slas[i].violated) continue;
    state = LinkState::kDegraded;
    reason = fmt::format("{}: {}", plan.options.sla_classes[plan.link_slas[link][i]].name, status.slas[i].reason);
  }
  std::size_t stable = 0;  // targets that are up and show no failure
  std::optional<Instant> first;
  for (const CheckState* check : checks) {
    const std::optional<Instant> turn = earliest_turn(*check, now);
    if (check->health == Health::kUp && !turn) ++stable;
    if (check->health == Health::kUp && turn) first = std::min(first.value_or(*turn), *turn);
  }
  if (state != LinkState::kDown && stable < needed && first)
    status.change_at = std::min(status.change_at.value_or(*first), *first);
  set_state(status.report, state, std::move(reason), now);
}

}  // namespace server
