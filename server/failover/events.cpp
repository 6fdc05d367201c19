#include "server/failover/events.h"

#include <algorithm>

#include <fmt/format.h>

namespace server {

std::string_view word(EventKind kind) {
  switch (kind) {
    case EventKind::kTransition: return "transition";
    case EventKind::kRecord: return "record";
    case EventKind::kOverride: return "override";
    case EventKind::kAlarm: return "alarm";
    case EventKind::kAlarmCleared: return "all-clear";
    case EventKind::kNote: return "note";
  }
  return "";
}

std::string to_text(const Event& event) {
  std::string text = event.subject;
  if (!event.to.empty()) text += fmt::format("{}{} -> {}", text.empty() ? "" : " ", event.from, event.to);
  if (!event.reason.empty()) text += fmt::format("{}{}", text.empty() ? "" : ": ", event.reason);
  return text;
}

const Event& EventRing::add(Event event) {
  event.number = ++last_;
  kept_.push_back(std::move(event));
  if (kept_.size() > kKeptEvents) kept_.pop_front();
  return kept_.back();
}

std::vector<Event> EventRing::after(std::uint64_t number, std::size_t count) const {
  const auto first = std::ranges::upper_bound(kept_, number, {}, &Event::number);
  const auto found = static_cast<std::size_t>(kept_.end() - first);
  return {kept_.end() - static_cast<std::ptrdiff_t>(std::min(found, count)), kept_.end()};
}

}  // namespace server
