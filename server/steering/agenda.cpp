#include "server/steering/agenda.h"

#include <algorithm>

namespace server {

namespace {

constexpr Instant kAtOnce = Instant::min();

bool is_measured(const AnswerOptions& answer) {
  return answer.sla || answer.policy == Policy::kBestQuality || answer.policy == Policy::kLowestCostSla;
}

// Whether answers that are not judged by measures may tell the difference.
bool is_alike(const LinkStatus& a, const LinkStatus& b) {
  return a.report.state == b.report.state && a.report.reason == b.report.reason && a.order == b.order && a.change_at == b.change_at;
}

template <class Parts, class Touch>
void touch_differing(const Parts& before, const Parts& now, const Touch& touch) {
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (i >= before.size() || before[i] != now[i]) touch(i);
  }
}

}  // namespace

Agenda::Agenda(const Plan& plan)
    : plan_(&plan), routers_(plan.options.virtual_routers.size()), checks_(plan.checks.size()), due_(plan.options.answers.size(), kAtOnce) {}

void Agenda::touch(const std::vector<std::size_t>& answers, What what) {
  for (const std::size_t answer : answers) {
    if (what == What::kAll || is_measured(plan_->options.answers[answer])) due_[answer] = kAtOnce;
  }
}

void Agenda::look_at(const Facts& facts) {
  for (std::size_t i = 0; i < routers_.size(); ++i) {
    const SeenRouter now{facts.routers[i].state, facts.routers[i].active};
    if (routers_[i] == now) continue;
    routers_[i] = now;
    touch(plan_->router_answers[i], What::kAll);
  }
  for (std::size_t i = 0; i < checks_.size(); ++i) look_at_check(i, facts.checks[i]);
}

void Agenda::look_at_check(std::size_t check, const CheckState& state) {
  SeenCheck& seen = checks_[check];
  const bool tells = state.health == Health::kDown;   // why, in words
  if (seen.health != state.health || seen.contrary != state.contrary || seen.may_change != state.may_change || (tells && seen.detail != state.detail)) {
    touch(plan_->check_answers[check], What::kAll);
    seen = {state.health, state.contrary, state.may_change, tells ? state.detail : std::string(), state.quality};
  } else if (!(seen.quality == state.quality)) {
    touch(plan_->check_answers[check], What::kMeasured);
    seen.quality = state.quality;
  }
}

void Agenda::look_at(const Standing& before, const Standing& now) {
  const auto touch_answer = [&](std::size_t answer) { due_[answer] = kAtOnce; };
  touch_differing(before.forces, now.forces, touch_answer);
  touch_differing(before.freezes, now.freezes, touch_answer);
  touch_differing(before.members, now.members, touch_answer);
  touch_differing(before.routers, now.routers, [&](std::size_t router) { touch(plan_->router_answers[router], What::kAll); });
}

void Agenda::link_judged(std::size_t link, const LinkStatus& before, const LinkStatus& now) {
  if (before == now) return;
  touch(plan_->link_answers[link], is_alike(before, now) ? What::kMeasured : What::kAll);
}

std::optional<Instant> Agenda::next() const {
  const auto first = std::min_element(due_.begin(), due_.end());
  return first == due_.end() || *first == Instant::max() ? std::nullopt : std::optional(*first);
}

}  // namespace server
