#include "server/vrrp/rejected_adverts.h"

#include <algorithm>

#include <fmt/format.h>

namespace server {
namespace {

constexpr std::size_t kShownReasons = 3;

std::string name_of(const VirtualRouterOptions& options, std::optional<std::size_t> router,
                    const boost::asio::ip::address& source) {
  return router ? options.routers[*router].name : source.to_string();
}

}  // namespace

std::optional<std::size_t> router_with(const VirtualRouterOptions& options, const boost::asio::ip::address& source) {
  for (std::size_t i = 0; i < options.routers.size(); ++i)
    for (const auto& address : options.routers[i].addresses)
      if (same_address(address, source)) return i;
  return std::nullopt;
}

RejectedAdverts::RejectedAdverts(const VirtualRouterOptions& options)
    : options_(&options), routers_(options.routers.size()) {}

// A known entry, a new one, or one that is displaced; null if there is no place.
RejectedAdverts::Entry* RejectedAdverts::entry_for(const boost::asio::ip::address& source, AdvertReject reject,
                                                   Instant at) {
  const auto known =
      std::ranges::find_if(entries_, [&](const Entry& each) { return each.reject == reject && each.source == source; });
  if (known != entries_.end()) return &*known;
  const Entry fresh{.source = source, .reject = reject, .router = router_with(*options_, source), .why = {}};
  if (entries_.size() < kMax) return &entries_.emplace_back(fresh);
  const auto old = std::ranges::find_if(
      entries_, [&](const Entry& each) { return at - each.last >= kRepeatInterval || (fresh.router && !each.router); });
  if (old == entries_.end()) return nullptr;
  *old = fresh;
  return &*old;
}

std::optional<std::string> RejectedAdverts::rejected(const boost::asio::ip::address& source, AdvertReject reject,
                                                     dns::Bytes packet, Instant at) {
  Entry* const entry = entry_for(source, reject, at);
  if (entry == nullptr) return std::nullopt;
  const bool due = entry->count == 0 || at - entry->told_at >= kRepeatInterval;
  ++entry->count;
  entry->last = at;
  if (due) entry->why = reject_text(reject, packet);
  if (entry->router) {
    Router& router = routers_[*entry->router];
    ++router.rejected;
    router.last = at;
    if (router.why != entry->why) router.why = entry->why;
  }
  if (!due) return std::nullopt;
  const std::uint64_t more = entry->count - entry->told - 1;
  entry->told = entry->count;
  entry->told_at = at;
  return fmt::format("virtual router {}: advertisements of {} are rejected and do not count: {}{}", options_->name,
                     entry->router
                         ? fmt::format("{} ({})", name_of(*options_, entry->router, source), source.to_string())
                         : source.to_string(),
                     entry->why, more == 0 ? "" : fmt::format(" ({} more since the last message)", more));
}

std::string RejectedAdverts::words(Instant now) const {
  std::vector<const Entry*> shown;
  for (const Entry& each : entries_)
    if (now - each.last < kShownFor) shown.push_back(&each);
  // Those of configured routers first, then the latest.
  std::ranges::sort(shown, [](const Entry* one, const Entry* other) {
    return std::pair(one->router.has_value(), one->last) > std::pair(other->router.has_value(), other->last);
  });
  std::string words;
  for (std::size_t i = 0; i < std::min(shown.size(), kShownReasons); ++i)
    words += fmt::format("{}{} advertisement{} of {} rejected: {}", i == 0 ? "" : "; ", shown[i]->count,
                         shown[i]->count == 1 ? "" : "s", name_of(*options_, shown[i]->router, shown[i]->source),
                         shown[i]->why);
  if (shown.size() > kShownReasons) words += fmt::format("; {} more reasons", shown.size() - kShownReasons);
  return words;
}

std::optional<std::string> RejectedAdverts::only_rejected(std::size_t router, Instant now) const {
  const Router& seen = routers_[router];
  if (seen.rejected < kRejectedForAlarm || now - seen.last >= kAlarmFor) return std::nullopt;
  return fmt::format("every advertisement of {} is rejected: {}", options_->routers[router].name, seen.why);
}

}  // namespace server
