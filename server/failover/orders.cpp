#include "server/failover/orders.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include <fmt/format.h>

#include "zone/base/ascii.h"
#include "zone/base/suggest.h"
#include "zone/name/text.h"
#include "zone/field/text.h"

namespace server {
namespace {

constexpr std::string_view kEvery = "*";

// All ways to write an answer, the full one last.
std::vector<std::string> spellings(const SteeringOptions& options, std::size_t index) {
  const AnswerOptions& answer = options.answers[index];
  const std::string dotted = dns::to_text(answer.owner);
  const std::string type = "/" + std::string(dns::to_text(answer.type));
  const std::string view = answer.view ? "@" + options.views[*answer.view].name : "";
  std::vector<std::string> all;
  for (const std::string& name : {dotted, dotted.substr(0, dotted.size() - 1)})
    for (const std::string& family : {std::string(), type}) {
      all.push_back(name + family);
      if (!view.empty()) all.push_back(name + family + view);
    }
  return all;
}

std::string no_such(std::string_view what, std::string_view typed, const std::vector<std::string>& known) {
  const std::vector<std::string_view> words(known.begin(), known.end());
  const std::string_view near = dns::nearest_word(typed, words);
  return fmt::format("there is no {} `{}`{}", what, typed, near.empty() ? "" : fmt::format("; did you mean `{}`?", near));
}

std::vector<std::string> answer_words(const SteeringOptions& options) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < options.answers.size(); ++i) {
    words.push_back(answer_name(options, i));
    words.push_back(dns::to_text(options.answers[i].owner));
    words.back().pop_back();
  }
  return words;
}

std::vector<std::string> health_words(const SteeringOptions& options) {
  std::vector<std::string> words;
  for (const LinkOptions& link : options.links) words.push_back(link.name);
  for (const VirtualRouterOptions& virtual_router : options.virtual_routers)
    for (const RouterOptions& router : virtual_router.routers) words.push_back(virtual_router.name + ":" + router.name);
  for (std::size_t i = 0; i < options.answers.size(); ++i)
    for (const MemberOptions& member : options.answers[i].members) {
      words.push_back("*:" + member.name);
      words.push_back(answer_name(options, i) + ":" + member.name);
    }
  return words;
}

bool has_member(const AnswerOptions& answer, std::string_view name) {
  return std::ranges::find(answer.members, name, &MemberOptions::name) != answer.members.end();
}

// "www.example.com:via-a" to its full names.
std::vector<std::string> member_subjects(const SteeringOptions& options, std::string_view name, std::string_view member) {
  std::vector<std::string> subjects;
  for (const std::size_t i : answers_named(options, name))
    if (has_member(options.answers[i], member)) subjects.push_back(answer_name(options, i) + ":" + std::string(member));
  return subjects;
}

}  // namespace

OrderFamily family(OrderKind kind) {
  switch (kind) {
    case OrderKind::kDrain:
    case OrderKind::kDown:
    case OrderKind::kUp: return OrderFamily::kHealth;
    case OrderKind::kForce: return OrderFamily::kForce;
    case OrderKind::kFreeze: return OrderFamily::kFreeze;
  }
  return OrderFamily::kHealth;
}

std::string_view word(OrderKind kind) {
  switch (kind) {
    case OrderKind::kDrain: return "drain";
    case OrderKind::kDown: return "down";
    case OrderKind::kUp: return "up";
    case OrderKind::kForce: return "force";
    case OrderKind::kFreeze: return "freeze";
  }
  return "";
}

std::string to_text(const Order& order) {
  std::string text = fmt::format("{} {}", word(order.kind), order.subject);
  if (!order.member.empty()) text += " to " + order.member;
  if (order.until) text += " until " + to_text(*order.until);
  if (!order.by.empty()) text += " by " + order.by;
  return text;
}

std::string to_text(WallTime time) {
  const auto since_epoch = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(since_epoch).count();
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour,
                     utc.tm_min, utc.tm_sec, (since_epoch.count() % 1000 + 1000) % 1000);
}

std::optional<WallTime> parse_time(std::string_view text) {
  constexpr std::size_t kLength = std::string_view("2026-11-22T21:00:00.000Z").size();
  if (text.size() != kLength) return std::nullopt;
  std::tm utc{};
  unsigned milliseconds = 0;
  char end = 0;
  const std::string copy(text);
  if (std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3u%c", &utc.tm_year, &utc.tm_mon, &utc.tm_mday, &utc.tm_hour, &utc.tm_min,
                  &utc.tm_sec, &milliseconds, &end) != 8)
    return std::nullopt;
  utc.tm_year -= 1900;
  utc.tm_mon -= 1;
  const WallTime time = std::chrono::system_clock::from_time_t(::timegm(&utc)) + std::chrono::milliseconds(milliseconds);
  return to_text(time) == text ? std::optional(time) : std::nullopt;
}

void OrderBook::place(Order order) {
  take_back(family(order.kind), order.subject);
  orders_.push_back(std::move(order));
}

std::optional<Order> OrderBook::take_back(OrderFamily of, std::string_view subject) {
  const auto found = std::ranges::find_if(orders_, [&](const Order& order) { return family(order.kind) == of && order.subject == subject; });
  if (found == orders_.end()) return std::nullopt;
  Order taken = std::move(*found);
  orders_.erase(found);
  return taken;
}

std::vector<Order> OrderBook::expire(WallTime wall) {
  std::vector<Order> over;
  const auto is_over = [&](const Order& order) { return order.until && *order.until <= wall; };
  std::ranges::copy_if(orders_, std::back_inserter(over), is_over);
  std::erase_if(orders_, is_over);
  return over;
}

std::optional<WallTime> OrderBook::next_end() const {
  std::optional<WallTime> next;
  for (const Order& order : orders_)
    if (order.until && (!next || *order.until < *next)) next = order.until;
  return next;
}

std::vector<std::size_t> answers_named(const SteeringOptions& options, std::string_view typed) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < options.answers.size(); ++i) {
    const auto known = spellings(options, i);
    if (std::ranges::any_of(known, [&](const std::string& each) { return dns::equal_fold(each, typed); })) found.push_back(i);
  }
  return found;
}

Subjects answer_subjects(const SteeringOptions& options, std::string_view typed) {
  if (typed == kEvery) return std::vector{std::string(kEvery)};
  std::vector<std::string> subjects;
  for (const std::size_t i : answers_named(options, typed)) subjects.push_back(answer_name(options, i));
  if (!subjects.empty()) return subjects;
  return dns::Failure(no_such("managed name", typed, answer_words(options)));
}

Subjects health_subjects(const SteeringOptions& options, std::string_view typed) {
  const std::size_t colon = typed.rfind(':');
  if (colon == std::string_view::npos) {
    for (const LinkOptions& link : options.links)
      if (link.name == typed) return std::vector{link.name};
    return dns::Failure(no_such("link, router or member", typed, health_words(options)));
  }
  const std::string_view before = typed.substr(0, colon), after = typed.substr(colon + 1);
  for (const VirtualRouterOptions& virtual_router : options.virtual_routers)
    if (virtual_router.name == before && std::ranges::find(virtual_router.routers, after, &RouterOptions::name) != virtual_router.routers.end())
      return std::vector{std::string(typed)};
  if (before == kEvery && std::ranges::any_of(options.answers, [&](const AnswerOptions& answer) { return has_member(answer, after); }))
    return std::vector{std::string(typed)};
  auto members = member_subjects(options, before, after);
  if (!members.empty()) return members;
  return dns::Failure(no_such("link, router or member", typed, health_words(options)));
}

std::string unknown_subject(const SteeringOptions& options, std::string_view typed) {
  std::vector<std::string> known = answer_words(options);
  for (const LinkOptions& link : options.links) known.push_back(link.name);
  for (const VirtualRouterOptions& virtual_router : options.virtual_routers) known.push_back(virtual_router.name);
  return no_such("virtual router, link or managed name", typed, known);
}

bool has_effect(const SteeringOptions& options, const Order& order) {
  switch (family(order.kind)) {
    case OrderFamily::kHealth: return health_subjects(options, order.subject).has_value();
    case OrderFamily::kFreeze: return answer_subjects(options, order.subject).has_value();
    case OrderFamily::kForce: break;
  }
  return std::ranges::any_of(answers_named(options, order.subject), [&](std::size_t i) { return has_member(options.answers[i], order.member); });
}

}  // namespace server
