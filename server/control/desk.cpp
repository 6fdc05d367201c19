#include "server/control/desk.h"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <unistd.h>

#include "zone/base/suggest.h"
#include "zone/field/text.h"

namespace server {
namespace {

constexpr std::size_t kDefaultEvents = 20;

const SteeringOptions& options_of(const Engine& engine) { return engine.helm().plan().options; }

// All subjects of a request, each as orders name it; the first that there is not ends it.
template <class Resolve>
Subjects resolve_all(const Engine& engine, const std::vector<std::string>& typed, Resolve resolve) {
  if (options_of(engine).empty()) return dns::Failure<std::string>("this server steers no name: its configuration has no [[answer]]");
  if (typed.empty()) return dns::Failure<std::string>("`subject` is missing");
  std::vector<std::string> all;
  for (const std::string& each : typed) {
    auto found = resolve(options_of(engine), each);
    if (!found) return found;
    all.insert(all.end(), found->begin(), found->end());
  }
  return all;
}

std::optional<WallTime> end_of(const Request& request) {
  if (!request.duration) return std::nullopt;
  return Engine::moment().wall + *request.duration;
}

JsonValue names(const std::vector<std::string>& list) { return JsonValue(list); }

std::vector<std::uint8_t> octets_of(const boost::asio::ip::address& address) {
  if (address.is_v4()) {
    const auto octets = address.to_v4().to_bytes();
    return {octets.begin(), octets.end()};
  }
  const auto octets = address.to_v6().to_bytes();
  return {octets.begin(), octets.end()};
}

JsonValue addresses_of(const dns::RrsetView& set) {
  JsonValue list = JsonValue::array();
  for (const dns::Bytes rdata : set) {
    std::string text;
    dns::append_rdata(text, set.type, rdata);
    list.push_back(text);
  }
  return list;
}

}  // namespace

JsonValue failure(std::string_view error, std::string_view message) {
  return {{"ok", false}, {"error", error}, {"message", message}};
}

void Desk::handle(const Request& request, const Peer& peer, Reply reply) {
  if (info(request.command).right == Right::kOrder && !may_order(peer, wiring_.identity))
    return reply(failure("not-permitted", fmt::format("{} may look and not order: that takes root, the server's user, or its group", peer.name)));
  switch (request.command) {
    case Command::kStatus: return status(request, peer, std::move(reply));
    case Command::kExplain: return explain(request, peer, std::move(reply));
    case Command::kEvents: return events(request, peer, std::move(reply));
    case Command::kSimulate: return simulate(request, peer, std::move(reply));
    case Command::kFailover: return failover(request, peer, std::move(reply));
    case Command::kDrain: return drain(request, peer, std::move(reply));
    case Command::kFreeze: return freeze(request, peer, std::move(reply));
  }
}

void Desk::status(const Request& request, const Peer&, Reply reply) {
  if (request.subjects.empty())
    return wiring_.server([this, reply = std::move(reply)](const ServerReport& server) { reply(whole_status(server)); });
  const Moment at = Engine::moment();
  const std::string& subject = request.subjects.front();
  auto found = report_subject(wiring_.engine.helm(), subject, at);
  if (!found) return reply(failure("unknown-subject", unknown_subject(options_of(wiring_.engine), subject)));
  reply({{"ok", true}, {"time", to_text(at.wall)}, {"steering", std::move(*found)}});
}

JsonValue Desk::whole_status(const ServerReport& server) const {
  const Helm& helm = wiring_.engine.helm();
  const Moment at = Engine::moment();
  JsonValue zones = JsonValue::array(), counters = JsonValue::object();
  for (const ServerReport::Zone& zone : server.zones) zones.push_back({{"apex", zone.apex}, {"serial", zone.serial}, {"records", zone.records}});
  for (const auto& [name, count] : server.counters) counters[name] = count;
  JsonValue object{{"ok", true}, {"time", to_text(at.wall)}};
  object["server"] = {{"pid", ::getpid()}, {"started", to_text(started_.wall)},
                      {"uptime", std::chrono::duration<double>(at.now - started_.now).count()}, {"addresses", server.addresses},
                      {"zones", std::move(zones)}, {"counters", std::move(counters)}};
  object["steering"] = report_steering(helm, at);
  object["steering"]["counters"].update(report_evidence_counters(wiring_.engine.evidence(), helm.plan()));
  return object;
}

// Whom a client gets: its view, and the addresses that the choice has for it.
JsonValue Desk::for_client(const Request& request, std::size_t answer) const {
  const Helm& helm = wiring_.engine.helm();
  const AnswerOptions& options = helm.plan().options.answers[answer];
  JsonValue object{{"client", request.client}, {"type", dns::to_text(options.type)}, {"view", nullptr}};
  const ManagedSet* set = helm.decided(options.owner, options.type);
  if (set == nullptr) {
    object["addresses"] = nullptr;   // the zone file's own
    return object;
  }
  boost::system::error_code error;
  const auto client = octets_of(boost::asio::ip::make_address(request.client, error));
  const dns::ClientInfo asker{.address = client, .local = {}, .salt = 0, .views = helm.views()};
  const std::uint8_t view = helm.views() == nullptr ? dns::kNoView : helm.views()->find(client, {});
  if (view != dns::kNoView) object["view"] = helm.views()->views()[view].name;
  if (!set->choice) {
    object["addresses"] = addresses_of(set->set.view());
    return object;
  }
  const dns::Rrset packed = dns::encode(*set->choice);
  object["addresses"] = addresses_of(dns::choose_set(packed.view(), options.type, asker));
  return object;
}

void Desk::explain(const Request& request, const Peer&, Reply reply) {
  const Helm& helm = wiring_.engine.helm();
  const SteeringOptions& options = helm.plan().options;
  if (request.subjects.size() != 1) return reply(failure("bad-request", "`subject` is missing: a name"));
  if (!request.client.empty()) {
    boost::system::error_code error;
    boost::asio::ip::make_address(request.client, error);
    if (error) return reply(failure("bad-request", fmt::format("`{}` is not an address", request.client)));
  }
  const Moment at = Engine::moment();
  JsonValue answers = JsonValue::array(), clients = JsonValue::array();
  std::vector<dns::Type> seen;
  for (const std::size_t i : answers_named(options, request.subjects.front())) {
    const AnswerOptions& answer = options.answers[i];
    if (!request.type.empty() && dns::parse_type(request.type) != answer.type) continue;
    const bool in_view = request.view.empty() || (answer.view && options.views[*answer.view].name == request.view);
    if (in_view) answers.push_back(report_answer(helm, i, at));
    if (request.client.empty() || std::ranges::find(seen, answer.type) != seen.end()) continue;
    seen.push_back(answer.type);
    clients.push_back(for_client(request, i));
  }
  reply({{"ok", true}, {"managed", !answers.empty()}, {"mode", options.mode == SteeringMode::kAct ? "act" : "observe"},
         {"answers", std::move(answers)}, {"clients", std::move(clients)}});
}

void Desk::events(const Request& request, const Peer&, Reply reply) {
  JsonValue list = JsonValue::array();
  for (const Event& event : wiring_.engine.helm().events().after(0, request.count.value_or(kDefaultEvents)))
    list.push_back(report_event(event));
  reply({{"ok", true}, {"events", std::move(list)}});
}

void Desk::simulate(const Request& request, const Peer&, Reply reply) {
  const Helm& helm = wiring_.engine.helm();
  const auto faults = faults_of(helm.plan().options, request.subjects);
  if (!faults) return reply(failure("unknown-subject", faults.error()));
  const Moment at = Engine::moment();
  const auto simulated = server::simulate(helm.evaluator(), {helm.facts(), helm.orders().all(), at.now, at.wall}, *faults, kSimulatedTime);
  if (!simulated) return reply(failure("unknown-subject", unknown_subject(helm.plan().options, (*faults)[simulated.error().fault].subject)));
  JsonValue object = report_simulation(helm.plan().options, *simulated, *faults);
  object["ok"] = true;
  reply(object);
}

void Desk::place(std::vector<Order> orders, Reply reply) {
  JsonValue list = JsonValue::array();
  for (const Order& order : orders) list.push_back(report_order(options_of(wiring_.engine), order));
  wiring_.engine.place(std::move(orders), [reply = std::move(reply), list = std::move(list)](const WriteOutcome& outcome) {
    JsonValue object{{"ok", true}, {"orders", list}};
    if (!outcome) object["warning"] = fmt::format("in force, but it will not outlive a restart: {}", outcome.error());
    reply(object);
  });
}

void Desk::take_back(OrderFamily of, const std::vector<std::string>& subjects, const Peer& peer, Reply reply) {
  const auto& all = wiring_.engine.helm().orders().all();
  const bool any = std::ranges::any_of(all, [&](const Order& order) {
    return family(order.kind) == of && std::ranges::find(subjects, order.subject) != subjects.end();
  });
  if (!any) return reply(failure("no-such-order", fmt::format("there is no such order on {}", fmt::join(subjects, ", "))));
  wiring_.engine.take_back(of, subjects, peer.name, [reply = std::move(reply), subjects](const WriteOutcome& outcome) {
    JsonValue object{{"ok", true}, {"taken_back", names(subjects)}};
    if (!outcome) object["warning"] = fmt::format("taken back, but a restart may bring it again: {}", outcome.error());
    reply(object);
  });
}

void Desk::failover(const Request& request, const Peer& peer, Reply reply) {
  auto subjects = resolve_all(wiring_.engine, request.subjects, answer_subjects);
  if (!subjects) return reply(failure("unknown-subject", subjects.error()));
  if (request.member.empty()) return reply(failure("bad-request", "`to` is missing: a member, or auto"));
  if (request.member == "auto") return take_back(OrderFamily::kForce, *subjects, peer, std::move(reply));
  std::vector<Order> orders;
  std::vector<std::string_view> members;
  const SteeringOptions& options = options_of(wiring_.engine);
  for (const std::string& subject : *subjects) {
    for (const std::size_t i : answers_named(options, subject))
      for (const MemberOptions& member : options.answers[i].members) members.push_back(member.name);
    Order order{.kind = OrderKind::kForce, .subject = subject, .member = request.member, .until = end_of(request), .by = peer.name};
    if (has_effect(options, order)) orders.push_back(std::move(order));
  }
  if (!orders.empty()) return place(std::move(orders), std::move(reply));
  const std::string_view near = dns::nearest_word(request.member, members);
  reply(failure("unknown-subject", fmt::format("{} has no member `{}`{}", request.subjects.front(), request.member,
                                               near.empty() ? "" : fmt::format("; did you mean `{}`?", near))));
}

void Desk::drain(const Request& request, const Peer& peer, Reply reply) {
  const auto subjects = resolve_all(wiring_.engine, request.subjects, health_subjects);
  if (!subjects) return reply(failure("unknown-subject", subjects.error()));
  if (request.undo) return take_back(OrderFamily::kHealth, *subjects, peer, std::move(reply));
  const OrderKind kind = request.as == "down" ? OrderKind::kDown : request.as == "up" ? OrderKind::kUp : OrderKind::kDrain;
  std::vector<Order> orders;
  for (const std::string& subject : *subjects) orders.push_back({.kind = kind, .subject = subject, .member = {}, .until = end_of(request), .by = peer.name});
  place(std::move(orders), std::move(reply));
}

void Desk::freeze(const Request& request, const Peer& peer, Reply reply) {
  const auto subjects = resolve_all(wiring_.engine, request.subjects, answer_subjects);
  if (!subjects) return reply(failure("unknown-subject", subjects.error()));
  if (request.undo) return take_back(OrderFamily::kFreeze, *subjects, peer, std::move(reply));
  std::vector<Order> orders;
  for (const std::string& subject : *subjects)
    orders.push_back({.kind = OrderKind::kFreeze, .subject = subject, .member = {}, .until = end_of(request), .by = peer.name});
  place(std::move(orders), std::move(reply));
}

}  // namespace server
