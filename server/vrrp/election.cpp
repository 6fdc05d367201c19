#include "server/vrrp/election.h"

#include <algorithm>

namespace server {
namespace {

// For scheduling, added to all waits that lead to a state change.
constexpr Duration kMargin = std::chrono::milliseconds{50};
// Advertisements this close together may have crossed on the link.
constexpr Duration kCrossingWindow = std::chrono::milliseconds{50};
// Before the first one is heard: the default of RFC 9568 and RFC 3768.
constexpr Duration kDefaultInterval = std::chrono::seconds{1};
constexpr Duration kV2Skew = std::chrono::seconds{1};  // (256 - priority) / 256 seconds, not scaled by the interval
constexpr std::size_t kV2 = 0, kV3 = 1;

}  // namespace

Election::Election(std::size_t routers, unsigned down_timer_adverts, Instant started)
    : down_timer_adverts_(std::max(down_timer_adverts, 1U)), senders_(routers), since_(started), now_(started) {}

void Election::advert_received(const Advertisement& advertisement, Instant at) {
  if (advertisement.router >= senders_.size()) return;
  advance(at);
  Sender& sender = senders_[advertisement.router];
  if (advertisement.priority == 0) return released(advertisement.router, now_);
  sender.last = now_;
  sender.versions[advertisement.version == VrrpVersion::kV2 ? kV2 : kV3] = {now_, advertisement.interval};
  sender.priority = advertisement.priority;
  sender.source = advertisement.source;
  if (advertisement.router == active_) {
    for (Sender& other : senders_)
      if (other.adverts_since_challenge > 0 &&
          now_ - other.challenged_at >= std::min(kCrossingWindow, advertisement.interval / 4))
        ++other.active_adverts_since;
    if (state_ != VirtualRouterState::kSplit) set_state(VirtualRouterState::kActive, active_);
  } else {
    challenge(advertisement.router);
  }
  update(now_);
}

void Election::challenge(std::size_t challenger) {
  Sender& sender = senders_[challenger];
  if (state_ == VirtualRouterState::kSplit) return;
  if (!active_ || state_ == VirtualRouterState::kReleasing || is_silent(*active_, now_)) {
    return set_state(VirtualRouterState::kActive, challenger);
  }
  if (sender.adverts_since_challenge == 0) {
    sender.challenged_at = now_;
    sender.active_adverts_since = 0;
  }
  ++sender.adverts_since_challenge;
}

void Election::released(std::size_t router, Instant at) {
  advance(at);
  senders_[router].last.reset();
  senders_[router].adverts_since_challenge = 0;
  if (router == active_ && (state_ == VirtualRouterState::kActive || state_ == VirtualRouterState::kSuspect)) {
    since_ = now_;
    // The router that challenged it takes over.
    const auto successor = highest_priority(now_);
    if (successor) return set_state(VirtualRouterState::kActive, successor);
    state_ = VirtualRouterState::kReleasing;
  }
  update(now_);
}

void Election::failed(std::size_t router, Instant at) {
  released(router, at);
  if (router == active_) set_state(VirtualRouterState::kNoActive, std::nullopt);
}

void Election::restart(Instant at) {
  now_ = std::max(now_, at);
  since_ = now_;
  std::ranges::fill(senders_, Sender{});
  set_state(VirtualRouterState::kUnknown, std::nullopt);
}

void Election::advance(Instant now) {
  now_ = std::max(now_, now);
  update(now_);
}

void Election::set_state(VirtualRouterState state, std::optional<std::size_t> active) {
  if (active != active_)
    for (Sender& sender : senders_) sender.adverts_since_challenge = sender.active_adverts_since = 0;
  state_ = state;
  active_ = active;
}

void Election::update(Instant now) {
  if (state_ == VirtualRouterState::kSplit) update_split(now);
  if (state_ == VirtualRouterState::kUnknown) {
    if (now - since_ >= (down_timer_adverts_ + 1) * kDefaultInterval + kMargin)
      set_state(VirtualRouterState::kNoActive, std::nullopt);
    return;
  }
  if (!active_ || state_ == VirtualRouterState::kSplit) return;
  const unsigned adverts = std::max(2U, down_timer_adverts_ / 3);  // two of one and one answer, if losses are rare
  for (std::size_t i = 0; i < senders_.size(); ++i) {
    Sender& sender = senders_[i];
    if (sender.adverts_since_challenge == 0) continue;
    if (!is_sending(sender, now)) {
      sender.adverts_since_challenge = 0;
    } else if (yields_to(sender, now)) {
      return set_state(VirtualRouterState::kActive, i);
    } else if (sender.adverts_since_challenge >= adverts && sender.active_adverts_since + 1 >= adverts) {
      return set_state(VirtualRouterState::kSplit, active_);
    }
  }
  const Sender& active = senders_[*active_];
  const Duration silence = now - active.last.value_or(since_);
  if (silence >= active_down_interval(active)) {
    set_state(VirtualRouterState::kNoActive, std::nullopt);
  } else if (silence >= silence_limit(active) && state_ == VirtualRouterState::kActive) {
    state_ = VirtualRouterState::kSuspect;
  }
}

// Lasts until one router remains, or none. After that the silence of the last agreed router counts as usual.
void Election::update_split(Instant now) {
  const auto sending = std::ranges::count_if(senders_, [&](const Sender& s) { return is_sending(s, now); });
  if (sending >= 2) return;
  if (sending == 1) return set_state(VirtualRouterState::kActive, highest_priority(now));
  const auto latest =
      std::ranges::max_element(senders_, {}, [](const Sender& s) { return s.last.value_or(Instant::min()); });
  if (!latest->last) return set_state(VirtualRouterState::kNoActive, std::nullopt);
  set_state(VirtualRouterState::kActive, static_cast<std::size_t>(latest - senders_.begin()));
}

bool Election::wins_over(const Sender& one, const Sender& other) {
  return std::pair(one.priority, one.source) > std::pair(other.priority, other.source);
}

bool Election::yields_to(const Sender& sender, Instant now) const {
  const Sender& active = senders_[*active_];
  if (sender.active_adverts_since > 0 || !active.last) return false;
  const Duration silence = now - *active.last;
  return (wins_over(sender, active) && silence >= missed_next(active)) ||
         (sender.adverts_since_challenge >= 2 && silence >= dispute_timeout(active));
}

std::optional<std::size_t> Election::highest_priority(Instant now) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < senders_.size(); ++i) {
    const Sender& sender = senders_[i];
    if (!is_sending(sender, now)) continue;
    if (!best || wins_over(sender, senders_[*best])) best = i;
  }
  return best;
}

bool Election::is_sending(const Sender& sender, Instant now) const {
  return sender.last && now - *sender.last < dispute_timeout(sender);
}

bool Election::is_silent(std::size_t router, Instant now) const {
  const Sender& sender = senders_[router];
  return !sender.last || now - *sender.last >= takeover_silence(sender);
}

VrrpVersion Election::version(std::size_t router) const {
  const auto& versions = senders_[router].versions;
  return versions[kV2].at > versions[kV3].at ? VrrpVersion::kV2 : VrrpVersion::kV3;
}

Duration Election::longest_takeover(std::size_t router) const {
  return active_down_interval(senders_[router]) - kMargin;
}

Duration Election::interval(std::size_t router) const { return interval_of(senders_[router]); }

// A version that was not heard for as long as a router may be silent counts as no longer sent.
Duration Election::interval_of(const Sender& sender) const {
  const Instant newest = std::max(sender.versions[kV2].at, sender.versions[kV3].at);
  Duration longest{};
  for (const VersionTimer& version : sender.versions)
    if (version.interval > Duration{} && newest - version.at <= down_timer_adverts_ * version.interval)
      longest = std::max(longest, version.interval);
  return longest == Duration{} ? kDefaultInterval : longest;
}

Duration Election::silence_limit(const Sender& sender) const { return down_timer_adverts_ * interval_of(sender); }

Duration Election::active_down_interval(const Sender& sender) const {
  const VersionTimer& v2 = sender.versions[kV2];
  const bool sends_v2 =
      v2.interval > Duration{} && sender.versions[kV3].at - v2.at <= down_timer_adverts_ * v2.interval;
  const Duration skew = sends_v2 ? std::max(kV2Skew, interval_of(sender)) : interval_of(sender);
  return silence_limit(sender) + skew + kMargin;
}

// Two and a quarter intervals if losses are rare: the quarter allows for late advertisements.
Duration Election::dispute_timeout(const Sender& sender) const {
  const Duration interval = interval_of(sender);
  return std::max(2U, (2 * down_timer_adverts_ + 2) / 3) * interval + interval / 4;
}

// One and a quarter intervals if losses are rare.
Duration Election::missed_next(const Sender& sender) const {
  const Duration interval = interval_of(sender);
  return std::max(1U, down_timer_adverts_ / 3) * interval + interval / 4;
}

Duration Election::takeover_silence(const Sender& sender) const {
  const Duration interval = interval_of(sender);
  return std::max(silence_limit(sender) - interval / 2, interval + interval / 2);
}

std::optional<Instant> Election::next() const {
  std::optional<Instant> earliest;
  const auto at = [&](Instant instant) {
    if (instant > now_ && (!earliest || instant < *earliest)) earliest = instant;
  };
  if (state_ == VirtualRouterState::kUnknown) at(since_ + (down_timer_adverts_ + 1) * kDefaultInterval + kMargin);
  if (state_ == VirtualRouterState::kSplit) {
    for (const Sender& sender : senders_)
      if (sender.last) at(*sender.last + dispute_timeout(sender));
  } else if (active_) {
    const Sender& active = senders_[*active_];
    const Instant last = active.last.value_or(since_);
    at(last + silence_limit(active));
    at(last + active_down_interval(active));
    if (std::ranges::any_of(senders_, [](const Sender& s) { return s.adverts_since_challenge > 0; })) {
      at(last + missed_next(active));
      at(last + dispute_timeout(active));
    }
  }
  return earliest;
}

}  // namespace server
