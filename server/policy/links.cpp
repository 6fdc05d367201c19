#include "server/policy/links.h"

#include <fmt/format.h>

#include <algorithm>

namespace server {

namespace {

double seconds_of(Duration duration) { return std::chrono::duration<double>(duration).count(); }

enum class Reading : std::uint8_t { kGood, kBetween, kBad };

// Every measure against its bounds: the worst counts.
class Comparison {
 public:
  void take(std::string_view name, const std::optional<Bounds>& bounds, double value, std::string (*text)(double)) {
    if (!bounds) return;
    const double part = bounds->bad > 0 ? value / bounds->bad : value;
    if (value > bounds->good) reading_ = std::max(reading_, Reading::kBetween);
    if (value > bounds->bad) reading_ = Reading::kBad;
    if (part < excess_) return;
    excess_ = part;
    reason_ = fmt::format("{} {} {} {}", name, text(value), value > bounds->bad ? "over" : "within", text(bounds->bad));
  }
  Reading reading() const { return reading_; }
  double excess() const { return excess_; }
  std::string reason() const { return reason_; }

 private:
  Reading reading_ = Reading::kGood;
  double excess_ = 0;
  std::string reason_;
};

std::string seconds_text(double seconds) { return fmt::format("{:.1f}ms", seconds * 1e3); }

// The value that `needed` of `values` are no worse than; the worst where there are fewer.
template <class T>
T shown_by(std::vector<T> values, std::size_t needed) {
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

void move_to(LinkReport& report, LinkState state, std::string reason, Instant now) {
  report.reason = std::move(reason);
  if (report.state == state) return;
  report.state = state;
  report.since = now;
  ++report.transitions;
}

// Words for the targets that are not up.
std::string failing(const std::vector<const CheckState*>& checks, const std::vector<std::size_t>& places, const Plan& plan) {
  std::string words;
  for (std::size_t i = 0; i < checks.size(); ++i) {
    if (checks[i]->health == Health::kUp) continue;
    words += fmt::format("{}{} {}", words.empty() ? ": " : "; ", plan.checks[places[i]].target.to_string(),
                         checks[i]->health == Health::kUnknown ? "unknown" : checks[i]->detail.empty() ? "down" : checks[i]->detail);
  }
  return words;
}

void judge_slas(const Plan& plan, std::size_t link, Instant now, LinkStatus& status) {
  for (std::size_t i = 0; i < status.slas.size(); ++i) {
    const SlaOptions& sla = plan.options.sla_classes[plan.link_slas[link][i]];
    const std::optional<Instant> again = judge_sla(status.slas[i], sla, status.report.quality, now);
    if (again) {
      status.next = std::min(status.next.value_or(*again), *again);
      const unsigned needed = status.slas[i].violated ? sla.good_windows : sla.bad_windows;
      const Instant turn = *again + kDecisionTick * (std::max(needed, status.slas[i].run + 1) - status.slas[i].run - 1);
      status.change_at = std::min(status.change_at.value_or(turn), turn);
    }
  }
}

// The state by order; nothing where its own evidence counts.
std::optional<LinkState> ordered(const LinkStatus& status) {
  if (!status.order || status.order->kind == OrderKind::kDrain) return std::nullopt;
  return status.order->kind == OrderKind::kUp ? LinkState::kUp : LinkState::kDown;
}

}  // namespace

std::string milliseconds_text(Duration duration) { return seconds_text(seconds_of(duration)); }
std::string percent_text(double part) { return fmt::format("{:.1f}%", part * 100); }

std::optional<Instant> wavers(const CheckState& check, Instant now) {
  if (check.health == Health::kUnknown || check.contrary == 0) return std::nullopt;
  return std::max(check.may_change.value_or(now), now);
}

Quality quality_of(std::span<const CheckState* const> checks, std::size_t needed) {
  Quality quality;
  std::vector<Duration> latencies, jitters;
  std::vector<double> losses;
  for (const CheckState* check : checks) {
    if (check->quality.samples == 0) continue;
    quality.samples += check->quality.samples;
    losses.push_back(check->quality.loss);
    if (check->quality.loss >= 1) continue;   // nothing came back that could be measured
    latencies.push_back(check->quality.latency);
    jitters.push_back(check->quality.jitter);
  }
  if (!losses.empty()) quality.loss = shown_by(losses, std::max<std::size_t>(needed, 1));
  if (!latencies.empty()) {
    quality.latency = shown_by(latencies, std::max<std::size_t>(needed, 1));
    quality.jitter = shown_by(jitters, std::max<std::size_t>(needed, 1));
  }
  return quality;
}

std::optional<Instant> judge_sla(SlaTrack& track, const SlaOptions& sla, const Quality& quality, Instant now) {
  if (quality.samples == 0) return std::nullopt;
  Comparison comparison;
  comparison.take("latency", sla.latency, seconds_of(quality.latency), seconds_text);
  comparison.take("jitter", sla.jitter, seconds_of(quality.jitter), seconds_text);
  comparison.take("loss", sla.loss, quality.loss, percent_text);
  track.excess = comparison.excess();
  track.reason = comparison.reason();
  const bool contrary = comparison.reading() == (track.violated ? Reading::kGood : Reading::kBad);
  if (!contrary) {
    track.run = 0;
    track.last_tick = std::nullopt;
    return std::nullopt;
  }
  if (track.last_tick && now < *track.last_tick + kDecisionTick) return *track.last_tick + kDecisionTick;
  track.last_tick = now;
  ++track.run;
  if (track.run < (track.violated ? sla.good_windows : sla.bad_windows)) return now + kDecisionTick;
  track.violated = !track.violated;
  track.run = 0;
  track.last_tick = std::nullopt;
  return std::nullopt;
}

void judge_link(const Plan& plan, std::size_t link, const Facts& facts, const Standing& standing, Instant now, LinkStatus& status) {
  const LinkOptions& options = plan.options.links[link];
  const std::vector<std::size_t>& places = plan.link_checks[link];
  status.slas.resize(plan.link_slas[link].size());
  status.order = standing.links[link];
  status.change_at = status.next = std::nullopt;
  std::vector<const CheckState*> checks;
  Count count;
  for (const std::size_t place : places) {
    checks.push_back(&facts.checks[place]);
    ++(checks.back()->health == Health::kUp ? count.up : checks.back()->health == Health::kDown ? count.down : count.unknown);
  }
  const std::size_t needed = std::clamp<std::size_t>(options.reliability, 1, std::max<std::size_t>(checks.size(), 1));
  status.report.quality = quality_of(checks, needed);
  judge_slas(plan, link, now, status);
  if (const std::optional<LinkState> state = ordered(status)) {
    return move_to(status.report, *state, fmt::format("{} by order of {}", *state == LinkState::kUp ? "up" : "down", status.order->by), now);
  }
  if (checks.empty()) return move_to(status.report, LinkState::kUp, "not probed", now);

  LinkState state = state_of(count, needed);
  std::string reason = fmt::format("{} of {} targets answer, {} needed{}", count.up, checks.size(), needed, failing(checks, places, plan));
  for (std::size_t i = 0; i < status.slas.size() && state == LinkState::kUp; ++i) {
    if (!status.slas[i].violated) continue;
    state = LinkState::kDegraded;
    reason = fmt::format("{}: {}", plan.options.sla_classes[plan.link_slas[link][i]].name, status.slas[i].reason);
  }
  std::size_t firm = 0;   // targets that are up and show no failure
  std::optional<Instant> first;
  for (const CheckState* check : checks) {
    const std::optional<Instant> turn = wavers(*check, now);
    if (check->health == Health::kUp && !turn) ++firm;
    if (check->health == Health::kUp && turn) first = std::min(first.value_or(*turn), *turn);
  }
  if (state != LinkState::kDown && firm < needed && first) status.change_at = std::min(status.change_at.value_or(*first), *first);
  move_to(status.report, state, std::move(reason), now);
}

}  // namespace server
