#include "server/control/report.h"

#include <algorithm>
#include <array>

#include "server/policy/words.h"
#include "zone/name/text.h"
#include "zone/field/text.h"

namespace server {
namespace {

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// Since when, by the wall, and for how long. A state that nothing entered yet has neither.
void add_since(JsonValue& object, Instant since, Moment at) {
  if (since == Instant{}) {
    object["since"] = nullptr;
    object["age"] = nullptr;
    return;
  }
  object["since"] = to_text(at.wall - std::chrono::duration_cast<WallTime::duration>(at.now - since));
  object["age"] = seconds(at.now - since);
}

JsonValue report_quality(const Quality& quality) {
  return {{"samples", quality.samples}, {"latency", seconds(quality.latency)}, {"jitter", seconds(quality.jitter)}, {"loss", quality.loss}};
}

JsonValue report_router(const Helm& helm, std::size_t index, Moment at) {
  const VirtualRouterOptions& options = helm.plan().options.virtual_routers[index];
  const Observation none, &seen = index < helm.facts().routers.size() ? helm.facts().routers[index] : none;
  JsonValue routers = JsonValue::array(), vips = JsonValue::array();
  for (const RouterOptions& router : options.routers) routers.push_back(router.name);
  for (const auto& vip : options.vips) vips.push_back(vip.to_string());
  JsonValue object{{"name", options.name}, {"vrid", options.vrid}, {"interface", options.interface}, {"state", word(seen.state)}};
  object["active"] = seen.active ? JsonValue(options.routers[*seen.active].name) : JsonValue();
  add_since(object, seen.since, at);
  object["evidence"] = seen.evidence;
  object["stale_vip"] = seen.stale_vip;
  object["routers"] = std::move(routers);
  object["vips"] = std::move(vips);
  return object;
}

JsonValue report_link(const Helm& helm, std::size_t index, Moment at) {
  const LinkOptions& options = helm.plan().options.links[index];
  const LinkReport& report = helm.evaluator().links()[index];
  JsonValue object{{"name", options.name}, {"class", word(options.link_class)}, {"cost", options.cost}, {"state", word(report.state)}};
  add_since(object, report.since, at);
  object["reason"] = report.reason;
  object["quality"] = report_quality(report.quality);
  object["transitions"] = report.transitions;
  return object;
}

JsonValue report_check(const Helm& helm, std::size_t index, Moment at) {
  const CheckState none, &state = index < helm.facts().checks.size() ? helm.facts().checks[index] : none;
  JsonValue object{{"name", check_key(helm.plan().checks[index])}, {"health", word(state.health)}};
  add_since(object, state.since, at);
  object["detail"] = state.detail;
  object["quality"] = report_quality(state.quality);
  object["probes"] = state.probes;
  object["failures"] = state.failures;
  object["transitions"] = state.transitions;
  return object;
}

// What is remembered is not served before it was judged again: it may be late.
AnswerReport report_of(const Helm& helm, std::size_t answer) {
  AnswerReport report = helm.evaluator().answers()[answer];
  report.members.resize(helm.plan().options.answers[answer].members.size());
  if (!helm.starting()) return report;
  report.state = AnswerState::kUndecided;
  report.chosen.clear();
  report.rule = "starting: what was published last is served, or the zone's own set, until the first evidence is in";
  for (MemberReport& member : report.members) member.chosen = false;
  return report;
}

JsonValue report_member(const Helm& helm, std::size_t answer, std::size_t index, Moment at) {
  const SteeringOptions& options = helm.plan().options;
  const MemberOptions& member = options.answers[answer].members[index];
  const MemberReport report = report_of(helm, answer).members.at(index);
  JsonValue addresses = JsonValue::array();
  for (const auto& address : member.addresses) addresses.push_back(address.to_string());
  JsonValue object{{"name", member.name}, {"addresses", std::move(addresses)}, {"state", word(report.state)}, {"chosen", report.chosen}};
  add_since(object, report.since, at);
  object["reason"] = report.reason;
  object["weight"] = member.weight;
  object["link"] = member.link ? JsonValue(options.links[*member.link].name) : JsonValue();
  return object;
}

JsonValue report_orders(const Helm& helm) {
  JsonValue list = JsonValue::array();
  for (const Order& order : helm.orders().all()) list.push_back(report_order(helm.plan().options, order));
  return list;
}

JsonValue report_alarms(const Helm& helm) {
  JsonValue list = JsonValue::array();
  for (const auto& [key, alarm] : helm.alarms())
    list.push_back({{"key", key}, {"subject", alarm.subject}, {"words", alarm.words}, {"since", to_text(alarm.since)}});
  return list;
}

JsonValue report_counters(const SteeringCounters& counters) {
  return {{"transitions", {{"virtual_routers", counters.transitions_routers.value()}, {"links", counters.transitions_links.value()},
                           {"members", counters.transitions_members.value()}, {"answers", counters.transitions_answers.value()}}},
          {"rewrites", counters.rewrites.value()}, {"evaluations", counters.evaluations.value()},
          {"orders", counters.orders.value()}, {"alarms", counters.alarms.value()}};
}

JsonValue report_adverts(const AdvertCounters& counters) {
  JsonValue rejected = JsonValue::object();
  for (std::size_t reason = 0; reason < kAdvertRejects; ++reason)
    if (const auto count = counters.of(static_cast<AdvertReject>(reason)); count != 0) rejected[std::string(word(static_cast<AdvertReject>(reason)))] = count;
  return {{"accepted", counters.accepted()}, {"rejected", std::move(rejected)}, {"lost", counters.lost()}};
}

std::string_view word(SteeringMode mode) { return mode == SteeringMode::kAct ? "act" : "observe"; }

JsonValue report_simulated(const AnswerOptions& options, const SimulatedAnswer& answer) {
  JsonValue members = JsonValue::array(), addresses = JsonValue::array();
  for (const std::size_t member : answer.members) {
    members.push_back(options.members[member].name);
    for (const auto& address : options.members[member].addresses) addresses.push_back(address.to_string());
  }
  return {{"state", word(answer.state)}, {"members", std::move(members)}, {"addresses", std::move(addresses)}, {"ttl", answer.ttl}, {"rule", answer.rule}};
}

JsonValue report_head(const Helm& helm) {
  return {{"mode", word(helm.plan().options.mode)}, {"starting", helm.starting()}, {"generation", helm.generation()}};
}

}  // namespace

JsonValue report_answer(const Helm& helm, std::size_t answer, Moment at) {
  const SteeringOptions& all = helm.plan().options;
  const AnswerOptions& options = all.answers[answer];
  const AnswerReport report = report_of(helm, answer);
  JsonValue chosen = JsonValue::array(), members = JsonValue::array(), addresses = JsonValue::array();
  for (const std::size_t member : report.chosen) {
    chosen.push_back(options.members[member].name);
    for (const auto& address : options.members[member].addresses) addresses.push_back(address.to_string());
  }
  for (std::size_t i = 0; i < options.members.size(); ++i) members.push_back(report_member(helm, answer, i, at));
  JsonValue object{{"name", answer_name(all, answer)}, {"owner", dns::to_text(options.owner)}, {"type", dns::to_text(options.type)}};
  object["view"] = options.view ? JsonValue(all.views[*options.view].name) : JsonValue();
  object["state"] = word(report.state);
  add_since(object, report.since, at);
  object["chosen"] = std::move(chosen);
  object["addresses"] = std::move(addresses);
  object["ttl"] = report.ttl;
  object["rule"] = report.rule;
  object["transitions"] = report.transitions;
  object["members"] = std::move(members);
  return object;
}

JsonValue report_event(const Event& event) {
  return {{"number", event.number}, {"time", to_text(event.at)}, {"kind", word(event.kind)}, {"subject", event.subject},
          {"from", event.from}, {"to", event.to}, {"evidence", event.evidence}};
}

JsonValue report_order(const SteeringOptions& options, const Order& order) {
  JsonValue object{{"order", word(order.kind)}, {"subject", order.subject}};
  object["to"] = order.member.empty() ? JsonValue() : JsonValue(order.member);
  object["until"] = order.until ? JsonValue(to_text(*order.until)) : JsonValue();
  object["by"] = order.by;
  object["effect"] = has_effect(options, order);
  return object;
}

JsonValue report_steering(const Helm& helm, Moment at) {
  const Plan& plan = helm.plan();
  JsonValue object = report_head(helm);
  JsonValue routers = JsonValue::array(), links = JsonValue::array(), answers = JsonValue::array(), checks = JsonValue::array();
  for (std::size_t i = 0; i < plan.options.virtual_routers.size(); ++i) routers.push_back(report_router(helm, i, at));
  for (std::size_t i = 0; i < plan.options.links.size(); ++i) links.push_back(report_link(helm, i, at));
  for (std::size_t i = 0; i < plan.options.answers.size(); ++i) answers.push_back(report_answer(helm, i, at));
  for (std::size_t i = 0; i < plan.checks.size(); ++i) checks.push_back(report_check(helm, i, at));
  object["virtual_routers"] = std::move(routers);
  object["links"] = std::move(links);
  object["answers"] = std::move(answers);
  object["checks"] = std::move(checks);
  object["orders"] = report_orders(helm);
  object["alarms"] = report_alarms(helm);
  object["counters"] = report_counters(helm.counters());
  return object;
}

std::optional<JsonValue> report_subject(const Helm& helm, std::string_view subject, Moment at) {
  const SteeringOptions& options = helm.plan().options;
  JsonValue object = report_head(helm);
  JsonValue routers = JsonValue::array(), links = JsonValue::array(), answers = JsonValue::array();
  for (std::size_t i = 0; i < options.virtual_routers.size(); ++i)
    if (options.virtual_routers[i].name == subject) routers.push_back(report_router(helm, i, at));
  for (std::size_t i = 0; i < options.links.size(); ++i)
    if (options.links[i].name == subject) links.push_back(report_link(helm, i, at));
  for (const std::size_t i : answers_named(options, subject)) answers.push_back(report_answer(helm, i, at));
  if (routers.empty() && links.empty() && answers.empty()) return std::nullopt;
  object["virtual_routers"] = std::move(routers);
  object["links"] = std::move(links);
  object["answers"] = std::move(answers);
  object["orders"] = report_orders(helm);
  object["alarms"] = report_alarms(helm);
  return object;
}

dns::Result<std::vector<Fault>, std::string> faults_of(const SteeringOptions& options, const std::vector<std::string>& typed) {
  if (typed.empty()) return dns::Failure<std::string>("nothing fails: name links, routers or members");
  std::vector<Fault> faults;
  for (const std::string& each : typed) {
    if (std::ranges::find(options.virtual_routers, each, &VirtualRouterOptions::name) != options.virtual_routers.end()) {
      faults.push_back({FaultKind::kVirtualRouter, each, {}});
      continue;
    }
    const auto subjects = health_subjects(options, each);
    if (!subjects) return dns::Failure(subjects.error());
    for (const std::string& subject : *subjects) {
      const std::string owner = subject.substr(0, subject.rfind(':'));
      const bool of_router = std::ranges::find(options.virtual_routers, owner, &VirtualRouterOptions::name) != options.virtual_routers.end();
      faults.push_back({!subject.contains(':') ? FaultKind::kLink : of_router ? FaultKind::kRouter : FaultKind::kMember, subject, {}});
    }
  }
  return faults;
}

JsonValue report_simulation(const SteeringOptions& options, const Simulation& simulation, const std::vector<Fault>& faults) {
  JsonValue subjects = JsonValue::array(), unseen = JsonValue::array(), answers = JsonValue::array();
  for (const Fault& fault : faults) subjects.push_back(fault.subject);
  for (const std::size_t index : simulation.unseen) unseen.push_back(faults[index].subject);
  const auto span = [](const std::optional<Duration>& duration) { return duration ? JsonValue(seconds(*duration)) : JsonValue(); };
  for (std::size_t i = 0; i < simulation.answers.size(); ++i) {
    const AnswerCourse& course = simulation.answers[i];
    JsonValue changes = JsonValue::array();
    for (const SimulatedChange& change : course.changes) {
      JsonValue at = report_simulated(options.answers[i], change.to);
      at["at"] = seconds(change.at);
      changes.push_back(std::move(at));
    }
    answers.push_back({{"name", answer_name(options, i)}, {"before", report_simulated(options.answers[i], course.before)},
                       {"after", report_simulated(options.answers[i], course.after)}, {"changes", std::move(changes)},
                       {"detection", span(course.detection)}, {"exposure", span(course.exposure)}});
  }
  return {{"fail", std::move(subjects)}, {"unseen", std::move(unseen)}, {"answers", std::move(answers)}};
}

JsonValue report_evidence_counters(const Evidence& evidence, const Plan& plan) {
  JsonValue adverts = JsonValue::object(), foreign = JsonValue::object(), probes = JsonValue::object();
  for (std::size_t i = 0; i < plan.options.virtual_routers.size(); ++i) {
    const VirtualRouterOptions& options = plan.options.virtual_routers[i];
    adverts[options.name] = report_adverts(evidence.routers().counters(i));
    adverts[options.name]["transitions"] = evidence.routers().transitions(i);
    if (const AdvertCounters* counters = evidence.routers().interface_counters(options.interface)) foreign[options.interface] = report_adverts(*counters);
  }
  static constexpr std::array<std::string_view, kProbeKinds> kKinds = {"icmp", "tcp", "http", "dns", "stamp", "exec", "file"};
  static constexpr std::array<std::string_view, kOutcomes> kResults = {"ok", "failed", "unknown"};
  for (std::size_t kind = 0; kind < kProbeKinds; ++kind)
    for (std::size_t result = 0; result < kOutcomes; ++result)
      if (const auto count = evidence.checks().counters().results[kind][result].load(std::memory_order_relaxed); count != 0)
        probes[std::string(kKinds[kind])][std::string(kResults[result])] = count;
  return {{"advertisements", std::move(adverts)}, {"foreign_advertisements", std::move(foreign)}, {"probes", std::move(probes)}};
}

}  // namespace server
