#include "server/failover/override_table.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include <fmt/format.h>

#include "zone/base/ascii.h"
#include "zone/base/suggest.h"
#include "zone/field/text.h"
#include "zone/name/text.h"

namespace server {
namespace {

constexpr std::string_view kAllRecords = "*";

// All spellings of a record's name, the full one last.
std::vector<std::string> all_spellings(const SteeringOptions& options, std::size_t index) {
  const RecordOptions& record = options.records[index];
  const std::string dotted = dns::to_text(record.owner);
  const std::string type = "/" + std::string(dns::to_text(record.type));
  const std::string view = record.view ? "@" + options.views[*record.view].name : "";
  std::vector<std::string> all;
  for (const std::string& name : {dotted, dotted.substr(0, dotted.size() - 1)})
    for (const std::string& suffix : {std::string(), type}) {
      all.push_back(name + suffix);
      if (!view.empty()) all.push_back(name + suffix + view);
    }
  return all;
}

std::string not_found_message(std::string_view what, std::string_view typed, const std::vector<std::string>& known) {
  const std::vector<std::string_view> words(known.begin(), known.end());
  const std::string_view near = dns::nearest_word(typed, words);
  return fmt::format("there is no {} `{}`{}", what, typed,
                     near.empty() ? "" : fmt::format("; did you mean `{}`?", near));
}

std::vector<std::string> record_words(const SteeringOptions& options) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < options.records.size(); ++i) {
    words.push_back(record_name(options, i));
    words.push_back(dns::to_text(options.records[i].owner));
    words.back().pop_back();
  }
  return words;
}

std::vector<std::string> health_words(const SteeringOptions& options) {
  std::vector<std::string> words;
  for (const LinkOptions& link : options.links) words.push_back(link.name);
  for (const VirtualRouterOptions& virtual_router : options.virtual_routers)
    for (const RouterOptions& router : virtual_router.routers) words.push_back(virtual_router.name + ":" + router.name);
  for (std::size_t i = 0; i < options.records.size(); ++i)
    for (const MemberOptions& member : options.records[i].members) {
      words.push_back("*:" + member.name);
      words.push_back(record_name(options, i) + ":" + member.name);
    }
  return words;
}

bool has_member(const RecordOptions& record, std::string_view name) {
  return std::ranges::find(record.members, name, &MemberOptions::name) != record.members.end();
}

bool is_on(const AdminOverride& entry, OverrideGroup of, std::string_view subject) {
  return group_of(entry.kind) == of && entry.subject == subject;
}

// Resolves "www.example.com:via-a" to the full subjects.
std::vector<std::string> member_subjects(const SteeringOptions& options, std::string_view name,
                                         std::string_view member) {
  std::vector<std::string> subjects;
  for (const std::size_t i : find_records(options, name))
    if (has_member(options.records[i], member)) subjects.push_back(record_name(options, i) + ":" + std::string(member));
  return subjects;
}

}  // namespace

OverrideGroup group_of(OverrideKind kind) {
  switch (kind) {
    case OverrideKind::kDrain:
    case OverrideKind::kDown:
    case OverrideKind::kUp: return OverrideGroup::kHealth;
    case OverrideKind::kForce: return OverrideGroup::kForce;
    case OverrideKind::kFreeze: return OverrideGroup::kFreeze;
  }
  return OverrideGroup::kHealth;
}

std::string_view word(OverrideKind kind) {
  switch (kind) {
    case OverrideKind::kDrain: return "drain";
    case OverrideKind::kDown: return "down";
    case OverrideKind::kUp: return "up";
    case OverrideKind::kForce: return "force";
    case OverrideKind::kFreeze: return "freeze";
  }
  return "";
}

std::string to_text(const AdminOverride& entry) {
  std::string text = fmt::format("{} {}", word(entry.kind), entry.subject);
  if (!entry.member.empty()) text += " to " + entry.member;
  if (entry.until) text += " until " + to_text(*entry.until);
  if (!entry.by.empty()) text += " by " + entry.by;
  return text;
}

std::string to_text(WallTime time) {
  const auto since_epoch = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(since_epoch).count();
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, (since_epoch.count() % 1000 + 1000) % 1000);
}

std::optional<WallTime> parse_time(std::string_view text) {
  constexpr std::size_t kLength = std::string_view("2026-11-22T21:00:00.000Z").size();
  if (text.size() != kLength) return std::nullopt;
  std::tm utc{};
  unsigned milliseconds = 0;
  char end = 0;
  const std::string copy(text);
  if (std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3u%c", &utc.tm_year, &utc.tm_mon, &utc.tm_mday, &utc.tm_hour,
                  &utc.tm_min, &utc.tm_sec, &milliseconds, &end) != 8)
    return std::nullopt;
  utc.tm_year -= 1900;
  utc.tm_mon -= 1;
  const WallTime time =
      std::chrono::system_clock::from_time_t(::timegm(&utc)) + std::chrono::milliseconds(milliseconds);
  return to_text(time) == text ? std::optional(time) : std::nullopt;
}

void OverrideTable::add(AdminOverride entry) {
  std::erase_if(overrides_, [&](const AdminOverride& older) {
    const bool ends_later = entry.until && (!older.until || *older.until > *entry.until);
    return is_on(older, group_of(entry.kind), entry.subject) && !ends_later;
  });
  overrides_.push_back(std::move(entry));
}

std::vector<AdminOverride> OverrideTable::remove(OverrideGroup of, std::string_view subject) {
  std::vector<AdminOverride> removed;
  const auto is_named = [&](const AdminOverride& entry) { return is_on(entry, of, subject); };
  std::ranges::copy_if(overrides_, std::back_inserter(removed), is_named);
  std::erase_if(overrides_, is_named);
  return removed;
}

std::vector<std::string> OverrideTable::subjects_like(OverrideGroup of, std::string_view typed) const {
  std::vector<std::string> subjects;
  for (const AdminOverride& entry : overrides_) {
    if (group_of(entry.kind) == of && dns::equal_fold(entry.subject, typed) &&
        std::ranges::find(subjects, entry.subject) == subjects.end())
      subjects.push_back(entry.subject);
  }
  return subjects;
}

std::vector<AdminOverride> OverrideTable::expire(WallTime wall) {
  std::vector<AdminOverride> over;
  const auto is_over = [&](const AdminOverride& entry) { return entry.until && *entry.until <= wall; };
  std::ranges::copy_if(overrides_, std::back_inserter(over), is_over);
  std::erase_if(overrides_, is_over);
  return over;
}

std::optional<WallTime> OverrideTable::next_expiry() const {
  std::optional<WallTime> next;
  for (const AdminOverride& entry : overrides_)
    if (entry.until && (!next || *entry.until < *next)) next = entry.until;
  return next;
}

std::vector<std::size_t> find_records(const SteeringOptions& options, std::string_view typed) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < options.records.size(); ++i) {
    const auto known = all_spellings(options, i);
    if (std::ranges::any_of(known, [&](const std::string& each) { return dns::equal_fold(each, typed); }))
      found.push_back(i);
  }
  return found;
}

Subjects record_subjects(const SteeringOptions& options, std::string_view typed) {
  if (typed == kAllRecords) return std::vector{std::string(kAllRecords)};
  std::vector<std::string> subjects;
  for (const std::size_t i : find_records(options, typed)) subjects.push_back(record_name(options, i));
  if (!subjects.empty()) return subjects;
  return dns::Failure(not_found_message("managed name", typed, record_words(options)));
}

Subjects health_subjects(const SteeringOptions& options, std::string_view typed) {
  const std::size_t colon = typed.rfind(':');
  if (colon == std::string_view::npos) {
    for (const LinkOptions& link : options.links)
      if (link.name == typed) return std::vector{link.name};
    return dns::Failure(not_found_message("link, router or member", typed, health_words(options)));
  }
  const std::string_view before = typed.substr(0, colon), after = typed.substr(colon + 1);
  for (const VirtualRouterOptions& virtual_router : options.virtual_routers)
    if (virtual_router.name == before &&
        std::ranges::find(virtual_router.routers, after, &RouterOptions::name) != virtual_router.routers.end())
      return std::vector{std::string(typed)};
  if (before == kAllRecords &&
      std::ranges::any_of(options.records, [&](const RecordOptions& record) { return has_member(record, after); }))
    return std::vector{std::string(typed)};
  auto members = member_subjects(options, before, after);
  if (!members.empty()) return members;
  return dns::Failure(not_found_message("link, router or member", typed, health_words(options)));
}

std::string unknown_subject(const SteeringOptions& options, std::string_view typed) {
  std::vector<std::string> known = record_words(options);
  for (const LinkOptions& link : options.links) known.push_back(link.name);
  for (const VirtualRouterOptions& virtual_router : options.virtual_routers) known.push_back(virtual_router.name);
  return not_found_message("virtual router, link or managed name", typed, known);
}

bool has_effect(const SteeringOptions& options, const AdminOverride& entry) {
  switch (group_of(entry.kind)) {
    case OverrideGroup::kHealth: return health_subjects(options, entry.subject).has_value();
    case OverrideGroup::kFreeze: return record_subjects(options, entry.subject).has_value();
    case OverrideGroup::kForce: break;
  }
  return std::ranges::any_of(find_records(options, entry.subject),
                             [&](std::size_t i) { return has_member(options.records[i], entry.member); });
}

}  // namespace server
