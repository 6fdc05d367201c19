#include "server/control/status_json.h"

#include <algorithm>
#include <array>
#include <set>

#include "server/steering/words.h"
#include "zone/field/text.h"
#include "zone/name/text.h"

namespace server {
namespace {

constexpr std::string_view kSuspended = "suspended";  // the zone file's records are served, whatever is decided

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// Adds when the state began (wall clock) and its age. A state that has not begun has neither.
void add_since(JsonValue& object, Instant since, Moment at) {
  if (since == Instant{}) {
    object["since"] = nullptr;
    object["age"] = nullptr;
    return;
  }
  object["since"] = to_text(at.wall - std::chrono::duration_cast<WallTime::duration>(at.now - since));
  object["age"] = seconds(at.now - since);
}

JsonValue quality_json(const Quality& quality) {
  return {{"samples", quality.samples},
          {"latency", seconds(quality.latency)},
          {"jitter", seconds(quality.jitter)},
          {"loss", quality.loss}};
}

JsonValue router_json(const FailoverController& controller, std::size_t index, Moment at) {
  const VirtualRouterOptions& options = controller.plan().options.virtual_routers[index];
  const VirtualRouterStatus none,
      &seen = index < controller.health().routers.size() ? controller.health().routers[index] : none;
  JsonValue routers = JsonValue::array(), vips = JsonValue::array();
  for (const RouterOptions& router : options.routers) routers.push_back(router.name);
  for (const auto& vip : options.vips) vips.push_back(vip.to_string());
  JsonValue object{
      {"name", options.name}, {"vrid", options.vrid}, {"interface", options.interface}, {"state", word(seen.state)}};
  object["active"] = seen.active ? JsonValue(options.routers[*seen.active].name) : JsonValue();
  add_since(object, seen.since, at);
  object["reason"] = seen.reason;
  object["stale_vip"] = seen.stale_vip;
  object["routers"] = std::move(routers);
  object["vips"] = std::move(vips);
  return object;
}

JsonValue link_json(const FailoverController& controller, std::size_t index, Moment at) {
  const LinkOptions& options = controller.plan().options.links[index];
  const LinkReport& report = controller.evaluator().links()[index];
  JsonValue object{{"name", options.name},
                   {"class", word(options.link_class)},
                   {"cost", options.cost},
                   {"state", word(report.state)}};
  add_since(object, report.since, at);
  object["reason"] = report.reason;
  object["quality"] = quality_json(report.quality);
  object["transitions"] = report.transitions;
  return object;
}

JsonValue check_json(const FailoverController& controller, std::size_t index, Moment at) {
  const CheckState none, &state = index < controller.health().checks.size() ? controller.health().checks[index] : none;
  JsonValue object{{"name", check_key(controller.plan().checks[index])}, {"health", word(state.health)}};
  add_since(object, state.since, at);
  object["detail"] = state.detail;
  object["quality"] = quality_json(state.quality);
  object["probes"] = state.probes;
  object["failures"] = state.failures;
  object["transitions"] = state.transitions;
  object["late"] = state.late;
  return object;
}

// What is served. The saved state is not reported before the first evaluation: it may be stale.
RecordReport report_of(const FailoverController& controller, std::size_t record) {
  RecordReport report = controller.evaluator().records()[record];
  report.members.resize(controller.plan().options.records[record].members.size());
  const std::string* const suspended = controller.suspended(record);
  if (!controller.starting() && suspended == nullptr) return report;
  report.state = RecordState::kUndecided;
  report.chosen.clear();
  report.rule =
      suspended != nullptr
          ? *suspended
          : "starting: serving the records published last, or the zone file's records, until the first inputs arrive";
  for (MemberReport& member : report.members) member.chosen = false;
  return report;
}

JsonValue member_json(const SteeringOptions& options, const MemberOptions& member, const MemberReport& report,
                      Moment at) {
  JsonValue addresses = JsonValue::array();
  for (const auto& address : member.addresses) addresses.push_back(address.to_string());
  JsonValue object{{"name", member.name},
                   {"addresses", std::move(addresses)},
                   {"state", word(report.state)},
                   {"chosen", report.chosen}};
  add_since(object, report.since, at);
  object["reason"] = report.reason;
  object["weight"] = member.weight;
  object["link"] = member.link ? JsonValue(options.links[*member.link].name) : JsonValue();
  return object;
}

// The subjects of a status; nothing: all.
using Shown = std::optional<std::set<std::string, std::less<>>>;

JsonValue overrides_json(const FailoverController& controller, const Shown& shown) {
  JsonValue list = JsonValue::array();
  for (const AdminOverride& entry : controller.overrides().all()) {
    const std::string_view whole = entry.subject;
    const bool of_all = whole == "*" || whole.starts_with("*:");
    if (!shown || of_all || shown->contains(whole) || shown->contains(whole.substr(0, whole.rfind(':'))))
      list.push_back(override_json(controller.plan().options, entry));
  }
  return list;
}

JsonValue alarm_json(const std::string& key, const Alarm& alarm) {
  return {{"key", key}, {"subject", alarm.subject}, {"message", alarm.message}, {"since", to_text(alarm.since)}};
}

JsonValue alarms_json(const FailoverController& controller, const Shown& shown) {
  JsonValue list = JsonValue::array();
  for (const auto& [key, alarm] : controller.alarms()) {
    if (!shown || shown->contains(alarm.subject) || shown->contains(key.substr(key.find('/') + 1)))
      list.push_back(alarm_json(key, alarm));
  }
  return list;
}

JsonValue counters_json(const SteeringCounters& counters) {
  return {{"transitions",
           {{"virtual_routers", counters.transitions_routers.value()},
            {"links", counters.transitions_links.value()},
            {"members", counters.transitions_members.value()},
            {"records", counters.transitions_records.value()}}},
          {"rewrites", counters.rewrites.value()},
          {"evaluations", counters.evaluations.value()},
          {"overrides", counters.overrides.value()},
          {"alarms", counters.alarms.value()}};
}

JsonValue adverts_json(const AdvertCounters& counters) {
  JsonValue rejected = JsonValue::object();
  for (std::size_t reason = 0; reason < kAdvertRejects; ++reason)
    if (const auto count = counters.of(static_cast<AdvertReject>(reason)); count != 0)
      rejected[std::string(word(static_cast<AdvertReject>(reason)))] = count;
  return {{"accepted", counters.accepted()}, {"rejected", std::move(rejected)}, {"lost", counters.lost()}};
}

std::string_view word(SteeringMode mode) { return mode == SteeringMode::kActive ? "act" : "observe"; }

JsonValue simulated_json(const RecordOptions& options, const SimulatedRecord& record) {
  JsonValue members = JsonValue::array(), addresses = JsonValue::array();
  for (const std::size_t member : record.members) {
    members.push_back(options.members[member].name);
    for (const auto& address : options.members[member].addresses) addresses.push_back(address.to_string());
  }
  return {{"state", word(record.state)},
          {"members", std::move(members)},
          {"addresses", std::move(addresses)},
          {"ttl", record.ttl},
          {"rule", record.rule}};
}

JsonValue head_json(const FailoverController& controller) {
  return {{"mode", word(controller.plan().options.mode)},
          {"starting", controller.starting()},
          {"generation", controller.generation()}};
}

}  // namespace

std::string reply_text(const JsonValue& reply) {
  return reply.dump(-1, ' ', true, JsonValue::error_handler_t::replace);
}

JsonValue record_json(const FailoverController& controller, std::size_t record, Moment at) {
  const SteeringOptions& all = controller.plan().options;
  const RecordOptions& options = all.records[record];
  const RecordReport report = report_of(controller, record);
  JsonValue chosen = JsonValue::array(), members = JsonValue::array(), addresses = JsonValue::array();
  for (const std::size_t member : report.chosen) {
    chosen.push_back(options.members[member].name);
    for (const auto& address : options.members[member].addresses) addresses.push_back(address.to_string());
  }
  for (std::size_t i = 0; i < options.members.size(); ++i)
    members.push_back(member_json(all, options.members[i], report.members[i], at));
  JsonValue object{
      {"name", record_name(all, record)}, {"owner", dns::to_text(options.owner)}, {"type", dns::to_text(options.type)}};
  object["view"] = options.view ? JsonValue(all.views[*options.view].name) : JsonValue();
  object["state"] = controller.suspended(record) != nullptr ? kSuspended : word(report.state);
  add_since(object, report.since, at);
  object["chosen"] = std::move(chosen);
  object["addresses"] = std::move(addresses);
  object["ttl"] = report.ttl;
  object["rule"] = report.rule;
  object["transitions"] = report.transitions;
  object["members"] = std::move(members);
  return object;
}

JsonValue event_json(const Event& event) {
  return {{"number", event.number},   {"time", to_text(event.at)}, {"kind", word(event.kind)},
          {"subject", event.subject}, {"from", event.from},        {"to", event.to},
          {"reason", event.reason}};
}

JsonValue override_json(const SteeringOptions& options, const AdminOverride& entry) {
  JsonValue object{{"override", word(entry.kind)}, {"subject", entry.subject}};
  object["to"] = entry.member.empty() ? JsonValue() : JsonValue(entry.member);
  object["until"] = entry.until ? JsonValue(to_text(*entry.until)) : JsonValue();
  object["by"] = entry.by;
  object["effect"] = has_effect(options, entry);
  return object;
}

bool SteeringJson::add_slice(Moment at) {
  if (plan_ != controller_.shared_plan()) begin();
  std::size_t room = kSliceItems;
  if (!add_items(records_, plan_->options.records.size(), room, at, record_json) ||
      !add_items(checks_, plan_->checks.size(), room, at, check_json) || !add_alarms(room))
    return false;
  finish(at);
  return true;
}

void SteeringJson::begin() {
  plan_ = controller_.shared_plan();
  records_ = checks_ = alarms_ = JsonValue::array();
  last_alarm_.clear();
}

// A record counts as one item and one for each of its members. True if the list is complete.
bool SteeringJson::add_items(JsonValue& list, std::size_t end, std::size_t& room, Moment at,
                             JsonValue (*item)(const FailoverController&, std::size_t, Moment)) {
  for (; list.size() < end && room > 0; --room) {
    list.push_back(item(controller_, list.size(), at));
    const auto members = list.back().find("members");
    if (members != list.back().end()) room -= std::min(room - 1, members->size());
  }
  return list.size() == end;
}

// Alarms may come and go between two slices, so the key says where to go on.
bool SteeringJson::add_alarms(std::size_t& room) {
  const auto& all = controller_.alarms();
  for (auto next = all.upper_bound(last_alarm_); next != all.end(); ++next, --room) {
    if (room == 0) return false;
    alarms_.push_back(alarm_json(next->first, next->second));
    last_alarm_ = next->first;
  }
  return true;
}

void SteeringJson::finish(Moment at) {
  object_ = head_json(controller_);
  JsonValue routers = JsonValue::array(), links = JsonValue::array();
  for (std::size_t i = 0; i < plan_->options.virtual_routers.size(); ++i)
    routers.push_back(router_json(controller_, i, at));
  for (std::size_t i = 0; i < plan_->options.links.size(); ++i) links.push_back(link_json(controller_, i, at));
  object_["virtual_routers"] = std::move(routers);
  object_["links"] = std::move(links);
  object_["records"] = std::move(records_);
  object_["checks"] = std::move(checks_);
  object_["overrides"] = overrides_json(controller_, std::nullopt);
  object_["alarms"] = std::move(alarms_);
  object_["counters"] = counters_json(controller_.counters());
}

namespace {

// What a status of `subject` is about: its records with the links and virtual routers that they use.
std::set<std::string, std::less<>> subjects_of(const SteeringOptions& options, std::string_view subject) {
  std::set<std::string, std::less<>> subjects{std::string(subject)};
  for (const std::size_t i : find_records(options, subject)) {
    subjects.insert(record_name(options, i));
    for (const MemberOptions& member : options.records[i].members) {
      if (member.link) subjects.insert(options.links[*member.link].name);
      for (const RouterRequirement& need : member.routers)
        subjects.insert(options.virtual_routers[need.virtual_router].name);
    }
  }
  return subjects;
}

}  // namespace

std::optional<JsonValue> subject_json(const FailoverController& controller, std::string_view subject, Moment at) {
  const SteeringOptions& options = controller.plan().options;
  JsonValue object = head_json(controller);
  JsonValue routers = JsonValue::array(), links = JsonValue::array(), records = JsonValue::array();
  for (std::size_t i = 0; i < options.virtual_routers.size(); ++i)
    if (options.virtual_routers[i].name == subject) routers.push_back(router_json(controller, i, at));
  for (std::size_t i = 0; i < options.links.size(); ++i)
    if (options.links[i].name == subject) links.push_back(link_json(controller, i, at));
  for (const std::size_t i : find_records(options, subject)) records.push_back(record_json(controller, i, at));
  if (routers.empty() && links.empty() && records.empty()) return std::nullopt;
  object["virtual_routers"] = std::move(routers);
  object["links"] = std::move(links);
  object["records"] = std::move(records);
  const Shown shown = subjects_of(options, subject);
  object["overrides"] = overrides_json(controller, shown);
  object["alarms"] = alarms_json(controller, shown);
  return object;
}

dns::Result<std::vector<SimulatedFailure>, std::string> parse_failures(const SteeringOptions& options,
                                                                       const std::vector<std::string>& typed) {
  if (typed.empty()) return dns::Failure<std::string>("no failure given: name links, routers or members");
  std::vector<SimulatedFailure> failures;
  for (const std::string& each : typed) {
    if (std::ranges::find(options.virtual_routers, each, &VirtualRouterOptions::name) !=
        options.virtual_routers.end()) {
      failures.push_back({FailureKind::kVirtualRouter, each, {}});
      continue;
    }
    const auto subjects = health_subjects(options, each);
    if (!subjects) return dns::Failure(subjects.error());
    for (const std::string& subject : *subjects) {
      const std::string owner = subject.substr(0, subject.rfind(':'));
      const bool of_router = std::ranges::find(options.virtual_routers, owner, &VirtualRouterOptions::name) !=
                             options.virtual_routers.end();
      failures.push_back({!subject.contains(':') ? FailureKind::kLink
                          : of_router            ? FailureKind::kRouter
                                                 : FailureKind::kMember,
                          subject,
                          {}});
    }
  }
  return failures;
}

JsonValue simulation_json(const SteeringOptions& options, const Simulation& simulation,
                          const std::vector<SimulatedFailure>& failures) {
  JsonValue subjects = JsonValue::array(), undetected = JsonValue::array(), records = JsonValue::array();
  for (const SimulatedFailure& failure : failures) subjects.push_back(failure.subject);
  for (const std::size_t index : simulation.undetected) undetected.push_back(failures[index].subject);
  const auto span = [](const std::optional<Duration>& duration) {
    return duration ? JsonValue(seconds(*duration)) : JsonValue();
  };
  for (std::size_t i = 0; i < simulation.records.size(); ++i) {
    const RecordTimeline& timeline = simulation.records[i];
    JsonValue changes = JsonValue::array();
    for (const SimulatedChange& change : timeline.changes) {
      JsonValue at = simulated_json(options.records[i], change.to);
      at["at"] = seconds(change.at);
      changes.push_back(std::move(at));
    }
    records.push_back({{"name", record_name(options, i)},
                       {"before", simulated_json(options.records[i], timeline.before)},
                       {"after", simulated_json(options.records[i], timeline.after)},
                       {"changes", std::move(changes)},
                       {"detection", span(timeline.detection)},
                       {"exposure", span(timeline.exposure)}});
  }
  return {{"fail", std::move(subjects)},
          {"undetected", std::move(undetected)},
          {"stopped", span(simulation.stopped)},
          {"records", std::move(records)}};
}

JsonValue input_counters_json(const HealthInputs& inputs, const Plan& plan) {
  JsonValue adverts = JsonValue::object(), foreign = JsonValue::object(), probes = JsonValue::object();
  for (std::size_t i = 0; i < plan.options.virtual_routers.size(); ++i) {
    const VirtualRouterOptions& options = plan.options.virtual_routers[i];
    adverts[options.name] = adverts_json(inputs.routers().counters(i));
    adverts[options.name]["transitions"] = inputs.routers().transitions(i);
    if (const AdvertCounters* counters = inputs.routers().interface_counters(options.interface))
      foreign[options.interface] = adverts_json(*counters);
  }
  static constexpr std::array<std::string_view, kProbeKinds> kKinds = {"icmp",  "tcp",  "http", "dns",
                                                                       "stamp", "exec", "file"};
  static constexpr std::array<std::string_view, kOutcomes> kResults = {"ok", "failed", "unknown"};
  for (std::size_t kind = 0; kind < kProbeKinds; ++kind)
    for (std::size_t result = 0; result < kOutcomes; ++result)
      if (const auto count = inputs.checks().counters().results[kind][result].load(std::memory_order_relaxed);
          count != 0)
        probes[std::string(kKinds[kind])][std::string(kResults[result])] = count;
  return {{"advertisements", std::move(adverts)},
          {"foreign_advertisements", std::move(foreign)},
          {"probes", std::move(probes)},
          {"late_probes", inputs.checks().counters().late.load(std::memory_order_relaxed)}};
}

}  // namespace server
