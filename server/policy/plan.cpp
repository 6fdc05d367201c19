#include "server/policy/plan.h"

#include <algorithm>
#include <unordered_map>

#include "server/policy/words.h"

namespace server {

namespace {

// Checks in the order of their first use, found again by what nearly tells them apart.
class CheckList {
 public:
  std::vector<std::size_t> places_of(const std::vector<CheckOptions>& used) {
    std::vector<std::size_t> places;
    for (const CheckOptions& check : used) {
      const std::size_t place = place_of(check);
      if (std::find(places.begin(), places.end(), place) == places.end()) places.push_back(place);
    }
    return places;
  }
  std::vector<CheckOptions> take() { return std::move(checks_); }

 private:
  std::size_t place_of(const CheckOptions& check) {
    std::vector<std::size_t>& alike = by_key_[check.monitor.name + " " + check.target.to_string()];
    for (const std::size_t place : alike) {
      if (checks_[place] == check) return place;
    }
    alike.push_back(checks_.size());
    checks_.push_back(check);
    return alike.back();
  }

  std::vector<CheckOptions> checks_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_key_;
};

void add_slas(Plan& plan) {
  plan.link_slas.resize(plan.options.links.size());
  for (const AnswerOptions& answer : plan.options.answers) {
    if (!answer.sla) continue;
    for (const MemberOptions& member : answer.members) {
      if (!member.link) continue;
      std::vector<std::size_t>& slas = plan.link_slas[*member.link];
      const auto at = std::lower_bound(slas.begin(), slas.end(), *answer.sla);
      if (at == slas.end() || *at != *answer.sla) slas.insert(at, *answer.sla);
    }
  }
}

// Of one answer after the other: each is there once, and last if at all.
void add_answer(std::vector<std::size_t>& answers, std::size_t answer) {
  if (answers.empty() || answers.back() != answer) answers.push_back(answer);
}

void add_answers(Plan& plan) {
  plan.router_answers.resize(plan.options.virtual_routers.size());
  plan.link_answers.resize(plan.options.links.size());
  plan.check_answers.resize(plan.checks.size());
  for (std::size_t i = 0; i < plan.options.answers.size(); ++i) {
    for (const MemberOptions& member : plan.options.answers[i].members) {
      for (const RouterRequirement& need : member.routers) add_answer(plan.router_answers[need.virtual_router], i);
      if (member.link) add_answer(plan.link_answers[*member.link], i);
    }
    for (const std::vector<std::size_t>& checks : plan.member_checks[i]) {
      for (const std::size_t check : checks) add_answer(plan.check_answers[check], i);
    }
  }
}

}  // namespace

Plan make_plan(SteeringOptions options) {
  Plan plan;
  plan.options = std::move(options);
  CheckList checks;
  for (const LinkOptions& link : plan.options.links) plan.link_checks.push_back(checks.places_of(link.probes));
  for (const AnswerOptions& answer : plan.options.answers) {
    std::vector<std::vector<std::size_t>>& members = plan.member_checks.emplace_back();
    for (const MemberOptions& member : answer.members) members.push_back(checks.places_of(member.checks));
  }
  plan.checks = checks.take();
  add_slas(plan);
  add_answers(plan);
  return plan;
}

std::string answer_name(const SteeringOptions& options, std::size_t answer) {
  const AnswerOptions& named = options.answers[answer];
  const std::string name = managed_name(named.owner, named.type);
  return named.view ? name + "@" + options.views[*named.view].name : name;
}

}  // namespace server
