#include "server/steering/plan.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "server/steering/words.h"
#include "zone/snapshot/weighted_slots.h"

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

Duration detection_of(const CheckOptions& check) {
  return check.monitor.interval * std::max(check.monitor.fall, 1U) + time_to_fail(check.monitor);
}

Duration detection_of(const Plan& plan, std::size_t record) {
  Duration longest{};
  const RecordOptions& options = plan.options.records[record];
  for (std::size_t i = 0; i < options.members.size(); ++i) {
    for (const std::size_t check : plan.member_checks[record][i])
      longest = std::max(longest, detection_of(plan.checks[check]));
    for (const RouterRequirement& need : options.members[i].routers) {
      const unsigned adverts = plan.options.virtual_routers[need.virtual_router].down_timer_adverts + 1;
      longest = std::max(longest, kUsualAdvertisement * adverts);
    }
    if (!options.members[i].link) continue;
    for (const std::size_t check : plan.link_checks[*options.members[i].link])
      longest = std::max(longest, detection_of(plan.checks[check]));
  }
  return longest;
}

// Changes with everything that people configure and that decides between usable members.
std::uint64_t configuration_of(const SteeringOptions& options, const RecordOptions& record) {
  std::string text = fmt::format("{} {} {}", word(record.policy), static_cast<int>(record.prefer), record.min_up);
  for (const LinkClass allowed : record.allowed_classes) text += fmt::format(" {}", word(allowed));
  for (const MemberOptions& member : record.members) {
    text += fmt::format("\n{} {}", member.name, member.weight);
    if (!member.link) continue;
    const LinkOptions& link = options.links[*member.link];
    text += fmt::format(" {} {} {} {}", word(link.link_class), link.cost, link.quality, link.last_resort);
  }
  if (record.migrate)
    text += fmt::format("\n{} {} {}", record.members[record.migrate->from].name,
                        record.members[record.migrate->to].name, record.migrate->percent);
  return dns::member_key(text);
}

}  // namespace

Duration time_to_fail(const MonitorOptions& monitor) {
  return monitor.kind == ProbeKind::kFile ? Duration{} : monitor.timeout;
}

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
  for (std::size_t i = 0; i < plan.options.records.size(); ++i) {
    plan.detection.push_back(detection_of(plan, i));
    plan.configurations.push_back(configuration_of(plan.options, plan.options.records[i]));
  }
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
