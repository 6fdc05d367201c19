#include "server/vrrp/router_tracker.h"

#include <algorithm>

#include <fmt/format.h>

namespace server {
namespace {

constexpr std::size_t kMovesMax = 256;  // moves that are kept; a larger flap_transitions never flaps

bool listens(const VirtualRouterOptions& options, VrrpSource source) {
  return std::ranges::find(options.sources, source) != options.sources.end();
}

std::optional<std::size_t> local_of(const VirtualRouterOptions& options) {
  const auto found = std::ranges::find(options.routers, options.local_router, &RouterOptions::name);
  if (options.local_router.empty() || found == options.routers.end()) return std::nullopt;
  return static_cast<std::size_t>(found - options.routers.begin());
}

// "12 ms", "3.2 s", "2 min": precise enough for people.
std::string ago(Duration d) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms < 60'000) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
  return fmt::format("{} min", ms / 60'000);
}

}  // namespace

RouterTracker::RouterTracker(VirtualRouterOptions options, Instant started)
    : options_(std::move(options)),
      local_(local_of(options_)),
      passive_(listens(options_, VrrpSource::kPassive)),
      election_(options_.routers.size(), options_.down_timer_adverts, started),
      local_role_since_(started),
      since_(started),
      now_(started) {}

void RouterTracker::advertisement(const Advertisement& advertisement, Instant at) {
  advance(at);
  election_.advert_received(advertisement, now_);
  update();
}

void RouterTracker::vip(VipState state, Instant at) {
  advance(at);
  const LocalRole before = local_role();
  vip_ = state;
  local_role_changed(before);
}

void RouterTracker::role(FifoRole role, Instant at) {
  advance(at);
  const LocalRole before = local_role();
  role_ = role;
  local_role_changed(before);
}

void RouterTracker::set_capture(CaptureState capture, Instant at) {
  advance(at);
  if (capture == capture_) return;
  capture_ = capture;
  election_.restart(now_);
  update();
}

void RouterTracker::local_role_changed(LocalRole before) {
  const LocalRole now = local_role();
  if (now == before) return;
  local_role_since_ = now_;
  if (local_ && now == LocalRole::kFailed) election_.failed(*local_, now_);
  if (local_ && now == LocalRole::kNotActive && before == LocalRole::kActive) election_.released(*local_, now_);
  update();
}

void RouterTracker::advance(Instant now) {
  now_ = std::max(now_, now);
  election_.advance(now_);
  update();
}

// Any "no" wins over a "yes": keepalived's state may say no while its address is still present, and the address may be
// missing while keepalived's last state is old.
RouterTracker::LocalRole RouterTracker::local_role() const {
  if (!local_) return LocalRole::kNone;
  if (role_ == FifoRole::kFault || role_ == FifoRole::kStop) return LocalRole::kFailed;
  if (vip_ == VipState::kAbsent || vip_ == VipState::kNotLive || role_ == FifoRole::kBackup)
    return LocalRole::kNotActive;
  return vip_ == VipState::kLive || role_ == FifoRole::kMaster ? LocalRole::kActive : LocalRole::kNone;
}

RouterTracker::RouterState RouterTracker::combined() const {
  const LocalRole own = local_role();
  if (!passive_ || capture_ == CaptureState::kNotCapturing) return by_local_role(own);
  const RouterState heard{election_.state(), election_.active()};
  if (own != LocalRole::kActive || heard.state == VirtualRouterState::kSplit) return heard;
  const bool contradicted = heard.active && *heard.active != *local_ && heard.state == VirtualRouterState::kActive;
  return contradicted ? heard : RouterState{VirtualRouterState::kActive, local_};
}

RouterTracker::RouterState RouterTracker::by_local_role(LocalRole local_role) const {
  switch (local_role) {
    case LocalRole::kNone: return {};
    case LocalRole::kActive: return {VirtualRouterState::kActive, local_};
    case LocalRole::kNotActive:
    case LocalRole::kFailed: break;
  }
  if (options_.routers.size() != 2) return {VirtualRouterState::kNoActive, std::nullopt};
  return {VirtualRouterState::kActive, 1 - *local_};
}

RouterTracker::RouterState RouterTracker::apply_split_policy(RouterState result) {
  if (result.state != VirtualRouterState::kSplit) {
    split_since_.reset();
    return result;
  }
  if (!split_since_) split_since_ = now_;
  switch (options_.on_split) {
    case OnSplit::kNone: result.active.reset(); break;
    case OnSplit::kPreferPriority: result.active = election_.highest_priority(now_); break;
    case OnSplit::kFreeze:
      if (now_ - *split_since_ >= options_.split_hold) result.active = election_.highest_priority(now_);
      break;
  }
  return result;
}

RouterTracker::RouterState RouterTracker::apply_flap_damping(RouterState result) {
  if (!result.active) {
    none_active_ = none_active_ || result.state == VirtualRouterState::kNoActive;
  } else if (result.active != undamped_active_ || none_active_) {
    if (undamped_active_ && options_.flap_transitions > 0) {
      moves_.push_back({now_, undamped_active_});
      if (moves_.size() > kMovesMax) moves_.pop_front();
      if (flapping_until_) flapping_until_ = now_ + options_.flap_stable;
    }
    undamped_active_ = result.active;
    undamped_since_ = now_;
    none_active_ = false;
  }
  if (flapping_until_ && now_ >= *flapping_until_) {
    flapping_until_.reset();
    moves_.clear();
  }
  while (!moves_.empty() && now_ - moves_.front().at > options_.flap_within) moves_.pop_front();
  if (!flapping_until_ && options_.flap_transitions > 0 && moves_.size() >= options_.flap_transitions) {
    flapping_until_ = moves_.back().at + options_.flap_stable;
    frozen_ = moves_.front().from;
  }
  if (!flapping_until_) return result;
  unfreeze_dead_router(result);
  return {VirtualRouterState::kFlapping, frozen_};
}

void RouterTracker::unfreeze_dead_router(const RouterState& result) {
  if (!frozen_ || result.state != VirtualRouterState::kActive || result.active == frozen_ ||
      now_ - undamped_since_ < stable_time())
    return;
  const bool claimed = local_ == frozen_ && local_role() == LocalRole::kActive;
  const bool silent = passive_ && capture_ == CaptureState::kCapturing ? election_.is_silent(*frozen_, now_) : true;
  if (silent && !claimed) frozen_ = result.active;
}

// This host has the local role, another router has been heard since long after the role began, and this host's own
// advertisements are no longer heard.
bool RouterTracker::detects_stale_vip(const RouterState& result) const {
  if (local_role() != LocalRole::kActive || !result.active || result.active == local_ || !passive_ ||
      capture_ == CaptureState::kNotCapturing)
    return false;
  const auto last = election_.last_heard(*result.active);
  const Duration patience = election_.interval(*result.active) * 3 / 2;
  if (!last || *last < local_role_since_ + patience) return false;
  const auto own = election_.last_heard(*local_);
  return !own || now_ - *own >= patience;
}

void RouterTracker::update() {
  const RouterState undamped = apply_split_policy(combined());
  const RouterState result = apply_flap_damping(undamped);
  stale_vip_ = detects_stale_vip(undamped);
  if (result == current_) return;
  current_ = result;
  since_ = now_;
  ++transitions_;
}

std::optional<Instant> RouterTracker::next_deadline() const {
  std::optional<Instant> earliest = passive_ && capture_ == CaptureState::kCapturing ? election_.next() : std::nullopt;
  const auto at = [&](Instant instant) {
    if (instant > now_ && (!earliest || instant < *earliest)) earliest = instant;
  };
  if (split_since_ && options_.on_split == OnSplit::kFreeze) at(*split_since_ + options_.split_hold);
  if (flapping_until_) at(*flapping_until_);
  if (flapping_until_ && frozen_ != undamped_active_) at(undamped_since_ + stable_time());
  return earliest;
}

VirtualRouterStatus RouterTracker::status(Instant now) const {
  return {.state = current_.state,
          .active = current_.active,
          .since = since_,
          .may_change = next_deadline(),
          .reason = reason(now),
          .stale_vip = stale_vip_};
}

std::string RouterTracker::reason(Instant now) const {
  std::string words = passive_ ? election_reason(now) : "";
  const auto add = [&](std::string_view more) {
    if (!words.empty()) words += "; ";
    words += more;
  };
  static constexpr std::string_view kVips[] = {"", "virtual address not on this host",
                                               "virtual address on this host, on a link that is down",
                                               "virtual address live on this host"};
  static constexpr std::string_view kRoles[] = {
      "", "keepalived on this host is MASTER", "keepalived on this host is BACKUP",
      "keepalived on this host is in FAULT", "keepalived on this host has stopped"};
  if (vip_ != VipState::kUnknown) add(kVips[static_cast<std::size_t>(vip_)]);
  if (role_ != FifoRole::kUnknown) add(kRoles[static_cast<std::size_t>(role_)]);
  if (stale_vip_) add("stale virtual address");
  if (flapping_until_) add(fmt::format("{} changes of the active router", moves_.size()));
  return words.empty() ? "nothing heard yet" : words;
}

std::string RouterTracker::election_reason(Instant now) const {
  if (capture_ == CaptureState::kNotCapturing) return "cannot receive advertisements";
  std::string words;
  for (std::size_t i = 0; i < options_.routers.size(); ++i) {
    const auto last = election_.last_heard(i);
    const bool dispute = election_.state() == VirtualRouterState::kSplit;
    if (!last || (!dispute && election_.active() != i)) continue;
    words += fmt::format("{}advertisement of {}, priority {}, {} ago", words.empty() ? "" : ", ",
                         options_.routers[i].name, election_.priority(i), ago(std::max(now - *last, Duration{})));
  }
  if (!words.empty()) return words;
  return election_.state() == VirtualRouterState::kReleasing
             ? options_.routers[*election_.active()].name + " gave up (priority 0)"
             : "no advertisement heard";
}

}  // namespace server
