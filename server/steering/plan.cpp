#include "server/steering/plan.h"

#include <algorithm>
#include <unordered_map>

#include "server/steering/words.h"

namespace server {

namespace {

// Checks in the order of their first use. Equal checks are found by a key.
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
  for (const RecordOptions& record : plan.options.records) {
    if (!record.sla) continue;
    for (const MemberOptions& member : record.members) {
      if (!member.link) continue;
      std::vector<std::size_t>& slas = plan.link_slas[*member.link];
      const auto at = std::lower_bound(slas.begin(), slas.end(), *record.sla);
      if (at == slas.end() || *at != *record.sla) slas.insert(at, *record.sla);
    }
  }
}

// Adds `record` once. Records are added in order, so a duplicate can only be the last one.
void add_record(std::vector<std::size_t>& records, std::size_t record) {
  if (records.empty() || records.back() != record) records.push_back(record);
}

void add_records(Plan& plan) {
  plan.router_records.resize(plan.options.virtual_routers.size());
  plan.link_records.resize(plan.options.links.size());
  plan.check_records.resize(plan.checks.size());
  for (std::size_t i = 0; i < plan.options.records.size(); ++i) {
    for (const MemberOptions& member : plan.options.records[i].members) {
      for (const RouterRequirement& need : member.routers) add_record(plan.router_records[need.virtual_router], i);
      if (member.link) add_record(plan.link_records[*member.link], i);
    }
    for (const std::vector<std::size_t>& checks : plan.member_checks[i]) {
      for (const std::size_t check : checks) add_record(plan.check_records[check], i);
    }
  }
}

}  // namespace

Plan make_plan(SteeringOptions options) {
  Plan plan;
  plan.options = std::move(options);
  CheckList checks;
  for (const LinkOptions& link : plan.options.links) plan.link_checks.push_back(checks.places_of(link.probes));
  for (const RecordOptions& record : plan.options.records) {
    std::vector<std::vector<std::size_t>>& members = plan.member_checks.emplace_back();
    for (const MemberOptions& member : record.members) members.push_back(checks.places_of(member.checks));
  }
  plan.checks = checks.take();
  add_slas(plan);
  add_records(plan);
  return plan;
}

std::string record_name(const SteeringOptions& options, std::size_t record) {
  const RecordOptions& named = options.records[record];
  const std::string name = managed_name(named.owner, named.type);
  return named.view ? name + "@" + options.views[*named.view].name : name;
}

}  // namespace server
