// The evaluator's state as text. Instants are stored as wall-clock nanoseconds, because the monotonic clock starts
// again with the system.
//
// JSON: the library reads it, but the writer is hand-written. Ten thousand records are saved at once when a server
// starts, on the failover thread; building library values would take ten times as long.
#include <algorithm>
#include <concepts>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "server/steering/evaluator.h"
#include "server/steering/words.h"

namespace server {

namespace {

using Json = nlohmann::json;
using Wall = std::chrono::system_clock::time_point;

inline constexpr int kFormatVersion = 2;          // key "form"; version 1 used other keys
inline constexpr std::size_t kMaxChanges = 1001;  // per record, for damping: one more than dampen.transitions allows

constexpr std::array<std::string_view, 4> kServedWords = {"undecided", "members", "nodata", "default"};
static_assert(kServedWords.size() == static_cast<std::size_t>(ServedKind::kDefault) + 1);

// Converts between the two clocks, with the offset of one moment.
class Clocks {
 public:
  Clocks(Instant now, Wall wall) : now_(now), wall_(wall) {}

  std::int64_t write(Instant at) const {
    return std::chrono::nanoseconds(wall_.time_since_epoch() + (at - now_)).count();
  }

  // An instant more than a year away is invalid. Starts in the future become now, because the wall clock was set back.
  std::optional<Instant> read(const Json& object, const char* key) const {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_integer()) return std::nullopt;
    const auto then = found->get<std::int64_t>(), here = std::chrono::nanoseconds(wall_.time_since_epoch()).count();
    if (then < here - kYear || then > here + kYear) return std::nullopt;
    return now_ + std::chrono::nanoseconds{then - here};
  }
  std::optional<Instant> past(const Json& object, const char* key) const {
    const std::optional<Instant> at = read(object, key);
    return at ? std::optional(std::min(*at, now_)) : std::nullopt;
  }
  // An end further away than its own span means that the clock was set; it is limited to the span.
  std::optional<Instant> end(const Json& object, const char* key, Duration span) const {
    const std::optional<Instant> at = read(object, key);
    return at && *at > now_ ? std::optional(std::min(*at, now_ + span)) : std::nullopt;
  }
  Instant now() const { return now_; }

 private:
  static constexpr std::int64_t kYear = 366LL * 24 * 3600 * 1'000'000'000;
  Instant now_;
  Wall wall_;
};

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t number_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

bool flag_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

// The object under `key`; null if there is none.
const Json* object_in(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? &*found : nullptr;
}

// Appends nested objects and lists to a text.
class Writer {
 public:
  Writer(std::string& out, const Clocks& clocks) : out_(out), clocks_(clocks) {}

  Writer& begin(char bracket) {  // '{' or '['
    separate();
    return add(bracket);
  }
  Writer& end(char bracket) { return add(bracket); }
  // The value must follow.
  Writer& key(std::string_view name) { return text(name).add(':'); }
  Writer& text(std::string_view text) {
    separate();
    add('"');
    for (const char c : text) {
      if (c == '"' || c == '\\') add('\\').add(c);
      else if (c >= 0x20 && c < 0x7f) add(c);
      else fmt::format_to(std::back_inserter(out_), "\\u{:04x}", static_cast<unsigned char>(c));
    }
    return add('"');
  }
  Writer& number(std::integral auto number) {
    separate();
    fmt::format_to(std::back_inserter(out_), "{}", number);
    return *this;
  }
  Writer& flag(std::same_as<bool> auto flag) { return literal(flag ? "true" : "false"); }
  Writer& time(Instant at) { return number(clocks_.write(at)); }
  Writer& time(const std::optional<Instant>& at) { return at ? time(*at) : literal("null"); }

 private:
  Writer& add(char c) {
    out_ += c;
    return *this;
  }
  Writer& literal(std::string_view word) {
    separate();
    out_ += word;
    return *this;
  }
  // Writes a comma between elements.
  void separate() {
    if (!out_.empty() && std::string_view("{[:,").find(out_.back()) == std::string_view::npos) out_ += ',';
  }

  std::string& out_;
  const Clocks& clocks_;
};

void write_sla(Writer& out, const SlaStatus& status) {
  out.begin('{').key("violated").flag(status.violated).key("run").number(status.streak).end('}');
}

// The next tick counts one tick after the restart, whenever the last one was.
void read_sla(const Json& saved, const SlaOptions& sla, Instant now, SlaStatus& status) {
  status.violated = flag_of(saved, "violated");
  const std::uint64_t needed = std::max(status.violated ? sla.good_windows : sla.bad_windows, 1U);
  status.streak = static_cast<unsigned>(std::min<std::uint64_t>(number_of(saved, "run"), needed - 1));
  if (status.streak > 0) status.last_tick = now;
}

void write_link(Writer& out, const Plan& plan, std::size_t link, const LinkStatus& status) {
  out.begin('{').key("state").text(word(status.report.state)).key("since").time(status.report.since);
  out.key("transitions").number(status.report.transitions).key("sla").begin('{');
  for (std::size_t i = 0; i < status.slas.size(); ++i)
    write_sla(out.key(plan.options.sla_classes[plan.link_slas[link][i]].name), status.slas[i]);
  out.end('}').end('}');
}

void read_link(const Json& saved, const Plan& plan, std::size_t link, const Clocks& clocks, LinkStatus& status) {
  const std::optional<LinkState> state = link_state_of(text_of(saved, "state"));
  if (state) status.report.state = *state;
  status.report.since = clocks.past(saved, "since").value_or(clocks.now());
  status.report.transitions = number_of(saved, "transitions");
  const Json* slas = object_in(saved, "sla");
  for (std::size_t i = 0; slas != nullptr && i < status.slas.size(); ++i) {
    const SlaOptions& sla = plan.options.sla_classes[plan.link_slas[link][i]];
    if (const Json* saved_sla = object_in(*slas, sla.name)) read_sla(*saved_sla, sla, clocks.now(), status.slas[i]);
  }
}

void write_names(Writer& out, const RecordOptions& options, const std::vector<std::size_t>& members) {
  out.begin('[');
  for (const std::size_t member : members) out.text(options.members[member].name);
  out.end(']');
}

void write_member(Writer& out, const MemberStatus& member) {
  out.begin('{').key("state").text(word(member.report.state)).key("since").time(member.report.since);
  out.key("router-lost").flag(member.router_lost);
  write_sla(out.key("sla"), member.own_sla);
  out.end('}');
}

void write_record(Writer& out, const RecordOptions& options, const RecordStatus& status,
                  const std::vector<MemberStatus>& members) {
  out.begin('{').key("served").text(kServedWords[static_cast<std::size_t>(status.served)]);
  write_names(out.key("chosen"), options, status.chosen);
  if (status.unproven) out.key("unproven").flag(true);
  out.key("chosen-since")
      .time(status.chosen_since)
      .key("state")
      .text(word(status.state))
      .key("since")
      .time(status.since);
  out.key("rule")
      .text(status.rule)
      .key("transitions")
      .number(status.transitions)
      .key("all-down-since")
      .time(status.all_down_since);
  write_names(out.key("good"), options, status.good);
  out.key("good-until").time(status.good_until).key("configuration").number(status.configuration);
  out.key("changes").begin('[');
  for (const Instant at : status.changes) out.time(at);
  out.end(']').key("damped-until").time(status.damped_until);
  write_names(out.key("pending"), options, status.pending);
  out.key("pending-since")
      .time(status.pending_since)
      .key("low-until")
      .time(status.short_ttl_until)
      .key("members")
      .begin('{');
  for (std::size_t i = 0; i < members.size(); ++i) write_member(out.key(options.members[i].name), members[i]);
  out.end('}').end('}');
}

// Converts names to indices of members, ascending; unknown names are ignored.
std::vector<std::size_t> members_of(const Json& saved, const char* key, const RecordOptions& options) {
  std::vector<std::size_t> places;
  const auto found = saved.find(key);
  if (found == saved.end() || !found->is_array()) return places;
  for (std::size_t i = 0; i < options.members.size(); ++i) {
    if (std::find(found->begin(), found->end(), options.members[i].name) != found->end()) places.push_back(i);
  }
  return places;
}

void read_served(const Json& saved, const RecordOptions& options, RecordStatus& status) {
  const auto served = std::find(kServedWords.begin(), kServedWords.end(), text_of(saved, "served"));
  if (served == kServedWords.end()) return;
  status.served = static_cast<ServedKind>(served - kServedWords.begin());
  if (status.served != ServedKind::kMembers) return;
  status.chosen = members_of(saved, "chosen", options);
  if (status.chosen.empty()) status.served = ServedKind::kUndecided;
  else status.unproven = flag_of(saved, "unproven");
}

void read_record(const Json& saved, const RecordOptions& options, const Clocks& clocks, RecordStatus& status) {
  read_served(saved, options, status);
  status.short_ttl_until = clocks.end(saved, "low-until", std::chrono::seconds{options.ttl_max});
  if (status.served == ServedKind::kUndecided) return;
  status.chosen_since = clocks.past(saved, "chosen-since").value_or(clocks.now());
  status.state = record_state_of(text_of(saved, "state")).value_or(RecordState::kUndecided);
  status.since = clocks.past(saved, "since").value_or(clocks.now());
  status.rule = text_of(saved, "rule");
  status.transitions = number_of(saved, "transitions");
  status.all_down_since = clocks.past(saved, "all-down-since");
  status.good = members_of(saved, "good", options);
  status.good_until = clocks.past(saved, "good-until");
  status.configuration = number_of(saved, "configuration");
  status.damped_until = clocks.end(saved, "damped-until", options.damp_hold);
  status.pending = members_of(saved, "pending", options);
  status.pending_since = clocks.past(saved, "pending-since");
  const auto changes = saved.find("changes");
  if (changes == saved.end() || !changes->is_array() || changes->size() > kMaxChanges) return;
  for (const Json& at : *changes) {
    const std::optional<Instant> when = clocks.past(Json{{"at", at}}, "at");
    if (when) status.changes.push_back(*when);
  }
  std::sort(status.changes.begin(), status.changes.end());
}

void read_members(const Json& saved, const SteeringOptions& options, const RecordOptions& record, const Clocks& clocks,
                  std::vector<MemberStatus>& members) {
  const Json* states = object_in(saved, "members");
  for (std::size_t i = 0; states != nullptr && i < members.size(); ++i) {
    const Json* member = object_in(*states, record.members[i].name);
    if (member == nullptr) continue;
    members[i].report.state = member_state_of(text_of(*member, "state")).value_or(MemberState::kUnknown);
    members[i].report.since = clocks.past(*member, "since").value_or(clocks.now());
    members[i].router_lost = flag_of(*member, "router-lost");
    const Json* sla = object_in(*member, "sla");
    if (sla != nullptr && record.sla)
      read_sla(*sla, options.sla_classes[*record.sla], clocks.now(), members[i].own_sla);
  }
}

}  // namespace

std::string Evaluator::save(Instant now, Wall wall) const {
  const Clocks clocks(now, wall);
  const Duration apart = std::chrono::duration_cast<Duration>(wall.time_since_epoch()) - now.time_since_epoch();
  if (std::chrono::abs(apart - saved_clock_offset_) > kClockStep) saved_texts_.assign(statuses_.size(), {});
  saved_clock_offset_ = apart;
  std::string text;
  Writer out(text, clocks);
  out.begin('{').key("form").number(kFormatVersion).key("links").begin('{');
  for (std::size_t i = 0; i < links_.size(); ++i)
    write_link(out.key(plan_->options.links[i].name), *plan_, i, links_[i]);
  out.end('}').key("records").begin('{');
  for (std::size_t i = 0; i < statuses_.size(); ++i) {
    if (saved_texts_[i].empty()) {
      Writer record(saved_texts_[i], clocks);
      write_record(record.key(names_[i]), plan_->options.records[i], statuses_[i], members_[i]);
    }
    if (i > 0) text += ',';
    text += saved_texts_[i];
  }
  out.end('}').end('}');
  return text;
}

dns::Result<void, RestoreError> Evaluator::restore(std::string_view text, Instant now, Wall wall) {
  const Json saved = Json::parse(text, nullptr, false);
  if (saved.is_discarded()) return dns::Failure(RestoreError::kNotJson);
  if (!saved.is_object() || number_of(saved, "form") != kFormatVersion) return dns::Failure(RestoreError::kNotAState);
  const Clocks clocks(now, wall);
  if (const Json* links = object_in(saved, "links")) {
    for (std::size_t i = 0; i < links_.size(); ++i) {
      if (const Json* link = object_in(*links, plan_->options.links[i].name))
        read_link(*link, *plan_, i, clocks, links_[i]);
    }
  }
  if (const Json* records = object_in(saved, "records")) {
    for (std::size_t i = 0; i < statuses_.size(); ++i) {
      const Json* record = object_in(*records, names_[i]);
      if (record == nullptr) continue;
      read_record(*record, plan_->options.records[i], clocks, statuses_[i]);
      read_members(*record, plan_->options, plan_->options.records[i], clocks, members_[i]);
      update_report(i);
      saved_texts_[i].clear();
    }
  }
  for (std::size_t i = 0; i < links_.size(); ++i) link_reports_[i] = links_[i].report;
  return {};
}

}  // namespace server
