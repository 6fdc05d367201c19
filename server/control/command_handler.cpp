#include "server/control/command_handler.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <new>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "server/runtime/memory_reserve.h"
#include "zone/base/suggest.h"
#include "zone/field/rdata_text.h"
#include "zone/field/text.h"
#include "zone/name/text.h"
#include "zone/snapshot/record_lines.h"

namespace server {
namespace {

constexpr std::size_t kDefaultEvents = 20;
constexpr std::size_t kMostChangeLines = 10'000;
constexpr std::string_view kNoMemory = "no memory is left for the reply";

const SteeringOptions& options_of(const FailoverThread& failover_thread) {
  return failover_thread.controller().plan().options;
}

// Resolves all subjects of a request; the first unknown one is the error.
template <class Resolve>
Subjects resolve_all(const FailoverThread& failover_thread, const std::vector<std::string>& typed, Resolve resolve) {
  if (options_of(failover_thread).empty())
    return dns::Failure<std::string>("this server has no managed records: add a [[record]] to its configuration");
  if (typed.empty()) return dns::Failure<std::string>("`subject` is missing");
  std::vector<std::string> all;
  for (const std::string& each : typed) {
    auto found = resolve(options_of(failover_thread), each);
    if (!found) return found;
    all.insert(all.end(), found->begin(), found->end());
  }
  return all;
}

// Resolves the subjects of overrides to remove. A reload may have removed the subject of an override: it can still be
// named as `waymark status` lists it.
template <class Resolve>
Subjects resolve_overrides(const FailoverThread& failover_thread, OverrideGroup of,
                           const std::vector<std::string>& typed, Resolve resolve) {
  std::vector<std::string> all, others;
  for (const std::string& each : typed) {
    const auto listed = failover_thread.controller().overrides().subjects_like(of, each);
    if (listed.empty()) others.push_back(each);
    all.insert(all.end(), listed.begin(), listed.end());
  }
  if (others.empty() && !all.empty()) return all;
  auto found = resolve_all(failover_thread, others, resolve);
  if (found) found->insert(found->end(), all.begin(), all.end());
  return found;
}

std::optional<WallTime> end_of(const Request& request) {
  if (!request.duration) return std::nullopt;
  return FailoverThread::moment().wall + *request.duration;
}

JsonValue durations_json(const Durations& durations) {
  const auto seconds = [](Duration duration) { return std::chrono::duration<double>(duration).count(); };
  return {{"count", durations.count()},
          {"median", seconds(durations.quantile(0.5))},
          {"p99", seconds(durations.quantile(0.99))},
          {"longest", seconds(durations.longest())}};
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

// What was published since the serial, or since the earliest version that is known.
JsonValue changes_json(const std::string& zone, const dns::Name& apex, const ZoneHistory& of,
                       std::optional<std::uint32_t> since) {
  const auto steps = of.history.steps();
  const dns::Serial earliest = steps.empty() ? of.serial : steps.front()->from;
  const dns::Serial from = since ? dns::Serial{*since} : earliest;
  const auto change = from == of.serial ? dns::Change{apex, {}, from, from} : of.history.since(from, apex);
  if (!change)
    return error_reply("unknown-serial",
                       fmt::format("the changes since serial {} are not known; they are known since serial {}",
                                   from.value, earliest.value));
  JsonValue lines = JsonValue::array();
  const std::vector<dns::RecordLine> all = dns::record_lines(*change);
  const std::size_t shown = std::min(all.size(), kMostChangeLines);
  for (std::size_t i = 0; i < shown; ++i) lines.push_back(fmt::format("{} {}", all[i].sign, all[i].record));
  return {{"ok", true},
          {"zone", zone},
          {"from", change->from.value},
          {"to", change->to.value},
          {"earliest", earliest.value},
          {"changes", std::move(lines)},
          {"more", all.size() - shown}};
}

}  // namespace

JsonValue error_reply(std::string_view error, std::string_view message) {
  return {{"ok", false}, {"error", error}, {"message", message}};
}

void CommandHandler::handle(const Request& request, const Peer& peer, Reply reply) {
  status_.go_on();
  if (command_info(request.command).permission == Permission::kAdmin && !is_admin(peer, dependencies_.identity))
    return reply(error_reply(
        "not-permitted",
        fmt::format("{} may not change the server: use root, the server's user, or a member of the server's group",
                    peer.name)));
  switch (request.command) {
    case Command::kStatus: return status(request, peer, std::move(reply));
    case Command::kExplain: return explain(request, peer, std::move(reply));
    case Command::kEvents: return events(request, peer, std::move(reply));
    case Command::kSimulate: return simulate(request, peer, std::move(reply));
    case Command::kFailover: return failover(request, peer, std::move(reply));
    case Command::kDrain: return drain(request, peer, std::move(reply));
    case Command::kFreeze: return freeze(request, peer, std::move(reply));
    case Command::kReload: return reload(std::move(reply));
    case Command::kChanges: return changes(request, std::move(reply));
  }
}

void CommandHandler::status(const Request& request, const Peer&, Reply reply) {
  if (request.subjects.empty()) return status_.add(std::move(reply));
  const Moment at = FailoverThread::moment();
  const std::string& subject = request.subjects.front();
  auto found = subject_json(dependencies_.failover_thread.controller(), subject, at);
  if (!found)
    return reply(error_reply("unknown-subject", unknown_subject(options_of(dependencies_.failover_thread), subject)));
  reply({{"ok", true}, {"time", to_text(at.wall)}, {"steering", std::move(*found)}});
}

void CommandHandler::begin_status(Reply reply) {
  continue_status(std::make_shared<SteeringJson>(dependencies_.failover_thread.controller()), std::move(reply));
}

// Without memory for a slice the client gets an error, and the failover thread goes on.
CommandHandler::Slice CommandHandler::add_slice_or_fail(SteeringJson& steering, Moment at, const Reply& reply) {
  try {
    const MayRunOutOfMemory may;
    return steering.add_slice(at) ? Slice::kLast : Slice::kMore;
  } catch (const std::bad_alloc&) {
    reply(error_reply("failed", kNoMemory));
    return Slice::kFailed;
  }
}

// Between two slices the failover thread does its other work.
void CommandHandler::continue_status(std::shared_ptr<SteeringJson> steering, Reply reply) {
  const FailoverThread& failover_thread = dependencies_.failover_thread;
  const Moment at = FailoverThread::moment();
  const auto slice = add_slice_or_fail(*steering, at, reply);
  if (slice == Slice::kFailed) return;
  if (slice == Slice::kMore)
    return boost::asio::post(dependencies_.failover_thread.context(),
                             [this, steering = std::move(steering), reply = std::move(reply)]() mutable {
                               continue_status(std::move(steering), std::move(reply));
                             });
  auto object = std::make_shared<JsonValue>(steering->take());  // shared: std::function copies its content
  (*object)["counters"].update(input_counters_json(failover_thread.inputs(), failover_thread.controller().plan()));
  dependencies_.server([this, at, object, reply = std::move(reply)](ServerReport server) mutable {
    render(
        [this, at, object, server = std::move(server)] {
          JsonValue all{{"ok", true}, {"time", to_text(at.wall)}};
          all["server"] = server_json(server, at);
          all["steering"] = std::move(*object);
          return all;
        },
        std::move(reply));
  });
}

void CommandHandler::render(std::function<JsonValue()> make, Reply reply) {
  const bool posted = reply_thread_.post([make = std::move(make), reply] {
    JsonValue value;  // outside, because its destructor allocates
    try {
      const MayRunOutOfMemory may;
      value = make();
      reply(value);
    } catch (const std::bad_alloc&) {
      reply(error_reply("failed", kNoMemory));
    }
  });
  if (!posted) reply(error_reply("busy", "too many large replies are being made: try again later"));
}

JsonValue CommandHandler::server_json(const ServerReport& server, Moment at) const {
  JsonValue zones = JsonValue::array(), counters = JsonValue::object();
  for (const auto& zone : server.zones->zones())
    if (zone->apex_node())
      zones.push_back({{"apex", dns::to_text(zone->apex())},
                       {"serial", zone->serial().value},
                       {"records", zone->totals().records}});
  for (const auto& [name, count] : server.counters) counters[name] = count;
  return {{"pid", ::getpid()},
          {"started", to_text(started_.wall)},
          {"uptime", std::chrono::duration<double>(at.now - started_.now).count()},
          {"addresses", server.addresses},
          {"absent_addresses", server.absent},
          {"zones", std::move(zones)},
          {"counters", std::move(counters)},
          {"publication_times", durations_json(server.publication_times)}};
}

// The answer for one client: its view, and the addresses that the client choice selects.
JsonValue CommandHandler::client_json(const Request& request, std::size_t record) const {
  const FailoverController& controller = dependencies_.failover_thread.controller();
  const RecordOptions& options = controller.plan().options.records[record];
  JsonValue object{
      {"client", request.client}, {"local", request.local}, {"type", dns::to_text(options.type)}, {"view", nullptr}};
  const ManagedRrset* set = controller.decided(options.owner, options.type);
  if (set == nullptr || controller.suspended(record) != nullptr) {
    object["addresses"] = nullptr;  // the zone file's records
    return object;
  }
  boost::system::error_code error;
  const auto client = octets_of(boost::asio::ip::make_address(request.client, error));
  std::vector<std::uint8_t> local;
  if (!request.local.empty()) local = octets_of(boost::asio::ip::make_address(request.local, error));
  const dns::ClientInfo asker{.address = client, .local = local, .salt = 0, .views = controller.views()};
  const std::uint8_t view = controller.views() == nullptr ? dns::kNoView : controller.views()->find(client, local);
  if (view != dns::kNoView) object["view"] = controller.views()->views()[view].name;
  if (!set->choice) {
    object["addresses"] = addresses_of(set->set.view());
    return object;
  }
  const dns::Rrset packed = dns::encode(*set->choice);
  object["addresses"] = addresses_of(dns::choose_rrset(packed.view(), options.type, asker).set);
  return object;
}

void CommandHandler::explain(const Request& request, const Peer&, Reply reply) {
  const FailoverController& controller = dependencies_.failover_thread.controller();
  const SteeringOptions& options = controller.plan().options;
  if (request.subjects.size() != 1) return reply(error_reply("bad-request", "`subject` is missing: give a name"));
  for (const std::string& address : {request.client, request.local}) {
    boost::system::error_code error;
    if (!address.empty()) boost::asio::ip::make_address(address, error);
    if (error) return reply(error_reply("bad-request", fmt::format("`{}` is not an address", address)));
  }
  if (!request.local.empty() && request.client.empty())
    return reply(error_reply("bad-request", "`local` needs `client`: the address that asks"));
  const Moment at = FailoverThread::moment();
  JsonValue records = JsonValue::array(), clients = JsonValue::array();
  std::vector<dns::Type> seen;
  for (const std::size_t i : find_records(options, request.subjects.front())) {
    const RecordOptions& record = options.records[i];
    if (!request.type.empty() && dns::parse_type(request.type) != record.type) continue;
    const bool in_view = request.view.empty() || (record.view && options.views[*record.view].name == request.view);
    if (in_view) records.push_back(record_json(controller, i, at));
    if (request.client.empty() || std::ranges::find(seen, record.type) != seen.end()) continue;
    seen.push_back(record.type);
    clients.push_back(client_json(request, i));
  }
  reply({{"ok", true},
         {"managed", !records.empty()},
         {"mode", options.mode == SteeringMode::kActive ? "act" : "observe"},
         {"records", std::move(records)},
         {"clients", std::move(clients)}});
}

void CommandHandler::events(const Request& request, const Peer&, Reply reply) {
  JsonValue list = JsonValue::array();
  for (const Event& event :
       dependencies_.failover_thread.controller().events().after(0, request.count.value_or(kDefaultEvents)))
    list.push_back(event_json(event));
  reply({{"ok", true}, {"events", std::move(list)}});
}

void CommandHandler::changes(const Request& request, Reply reply) {
  if (request.subjects.size() != 1) return reply(error_reply("bad-request", "`subject` is missing: give a zone"));
  std::string zone = request.subjects.front();
  if (!zone.ends_with('.')) zone += '.';
  const auto apex = dns::parse_name(zone);
  if (!apex) return reply(error_reply("bad-request", fmt::format("`{}` is not a name", request.subjects.front())));
  dependencies_.history(*apex, [this, zone, apex = *apex, since = request.since,
                                reply = std::move(reply)](std::optional<ZoneHistory> history) mutable {
    if (!history) return reply(error_reply("unknown-subject", fmt::format("no zone {} is served", zone)));
    render([zone, apex, since, history = std::move(*history)] { return changes_json(zone, apex, history, since); },
           std::move(reply));
  });
}

// Simulates with copies on the reply thread: an hour of virtual time may have thousands of evaluations.
void CommandHandler::simulate(const Request& request, const Peer&, Reply reply) {
  const FailoverController& controller = dependencies_.failover_thread.controller();
  auto failures = parse_failures(controller.plan().options, request.subjects);
  if (!failures) return reply(error_reply("unknown-subject", failures.error()));
  std::vector<RouterTracker> routers;
  const VrrpMonitor& monitor = dependencies_.failover_thread.inputs().routers();
  for (std::size_t i = 0; i < monitor.size(); ++i) routers.push_back(monitor.tracker(i));
  render(
      [plan = controller.shared_plan(), evaluator = controller.evaluator(), health = controller.health(), routers,
       overrides = controller.overrides().all(), at = FailoverThread::moment(), failures = std::move(*failures)] {
        const auto simulated =
            server::simulate(evaluator, {health, overrides, at.now, at.wall, routers}, failures, kSimulatedTime);
        if (!simulated)
          return error_reply("unknown-subject",
                             unknown_subject(plan->options, failures[simulated.error().failure].subject));
        JsonValue object = simulation_json(plan->options, *simulated, failures);
        object["ok"] = true;
        return object;
      },
      std::move(reply));
}

void CommandHandler::add_overrides(std::vector<AdminOverride> overrides, Reply reply) {
  JsonValue list = JsonValue::array();
  for (const AdminOverride& entry : overrides)
    list.push_back(override_json(options_of(dependencies_.failover_thread), entry));
  dependencies_.failover_thread.add_overrides(
      std::move(overrides), [reply = std::move(reply), list = std::move(list)](const WriteOutcome& outcome) {
        JsonValue object{{"ok", true}, {"overrides", list}};
        if (!outcome)
          object["warning"] = fmt::format(
              "the override is active, but it could not be saved and will not survive a restart: {}", outcome.error());
        reply(object);
      });
}

void CommandHandler::remove_overrides(const Request& request, OverrideGroup of, const Peer& peer, Reply reply) {
  const auto resolve = of == OverrideGroup::kHealth ? health_subjects : record_subjects;
  const auto resolved = resolve_overrides(dependencies_.failover_thread, of, request.subjects, resolve);
  if (!resolved) return reply(error_reply("unknown-subject", resolved.error()));
  const std::vector<std::string>& subjects = *resolved;
  const auto& all = dependencies_.failover_thread.controller().overrides().all();
  const bool any = std::ranges::any_of(all, [&](const AdminOverride& entry) {
    return group_of(entry.kind) == of && std::ranges::find(subjects, entry.subject) != subjects.end();
  });
  if (!any)
    return reply(
        error_reply("no-such-override", fmt::format("there is no such override on {}", fmt::join(subjects, ", "))));
  dependencies_.failover_thread.remove_overrides(
      of, subjects, peer.name, [reply = std::move(reply), subjects](const WriteOutcome& outcome) {
        JsonValue object{{"ok", true}, {"removed", names(subjects)}};
        if (!outcome)
          object["warning"] = fmt::format(
              "the override is removed, but this could not be saved and a restart may restore it: {}", outcome.error());
        reply(object);
      });
}

void CommandHandler::failover(const Request& request, const Peer& peer, Reply reply) {
  if (request.member.empty()) return reply(error_reply("bad-request", "`to` is missing: give a member, or auto"));
  if (request.member == "auto") return remove_overrides(request, OverrideGroup::kForce, peer, std::move(reply));
  auto subjects = resolve_all(dependencies_.failover_thread, request.subjects, record_subjects);
  if (!subjects) return reply(error_reply("unknown-subject", subjects.error()));
  std::vector<AdminOverride> overrides;
  std::vector<std::string_view> members;
  const SteeringOptions& options = options_of(dependencies_.failover_thread);
  for (const std::string& subject : *subjects) {
    for (const std::size_t i : find_records(options, subject))
      for (const MemberOptions& member : options.records[i].members) members.push_back(member.name);
    AdminOverride entry{.kind = OverrideKind::kForce,
                        .subject = subject,
                        .member = request.member,
                        .until = end_of(request),
                        .by = peer.name};
    if (has_effect(options, entry)) overrides.push_back(std::move(entry));
  }
  if (!overrides.empty()) return add_overrides(std::move(overrides), std::move(reply));
  const std::string_view near = dns::nearest_word(request.member, members);
  reply(error_reply("unknown-subject", fmt::format("{} has no member `{}`{}", request.subjects.front(), request.member,
                                                   near.empty() ? "" : fmt::format("; did you mean `{}`?", near))));
}

void CommandHandler::drain(const Request& request, const Peer& peer, Reply reply) {
  if (request.undo) return remove_overrides(request, OverrideGroup::kHealth, peer, std::move(reply));
  const auto subjects = resolve_all(dependencies_.failover_thread, request.subjects, health_subjects);
  if (!subjects) return reply(error_reply("unknown-subject", subjects.error()));
  const OverrideKind kind = request.as == "down" ? OverrideKind::kDown
                            : request.as == "up" ? OverrideKind::kUp
                                                 : OverrideKind::kDrain;
  std::vector<AdminOverride> overrides;
  for (const std::string& subject : *subjects)
    overrides.push_back({.kind = kind, .subject = subject, .member = {}, .until = end_of(request), .by = peer.name});
  add_overrides(std::move(overrides), std::move(reply));
}

void CommandHandler::reload(Reply reply) {
  dependencies_.reload([reply = std::move(reply)](const ReloadReport& report) {
    reply({{"ok", true}, {"refused", report.refused}, {"lines", report.lines}});
  });
}

void CommandHandler::freeze(const Request& request, const Peer& peer, Reply reply) {
  if (request.undo) return remove_overrides(request, OverrideGroup::kFreeze, peer, std::move(reply));
  const auto subjects = resolve_all(dependencies_.failover_thread, request.subjects, record_subjects);
  if (!subjects) return reply(error_reply("unknown-subject", subjects.error()));
  std::vector<AdminOverride> overrides;
  for (const std::string& subject : *subjects)
    overrides.push_back(
        {.kind = OverrideKind::kFreeze, .subject = subject, .member = {}, .until = end_of(request), .by = peer.name});
  add_overrides(std::move(overrides), std::move(reply));
}

}  // namespace server
