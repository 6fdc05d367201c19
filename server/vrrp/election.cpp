#include "server/vrrp/election.h"

#include <algorithm>

namespace server {
namespace {

constexpr Duration kMargin = std::chrono::milliseconds{50};            // of scheduling, on all waits whose end is a verdict
constexpr Duration kRace = std::chrono::milliseconds{50};              // advertisements this close may have crossed on the link
constexpr Duration kIntervalAssumed = std::chrono::seconds{1};     // until one was heard: the default of RFC 9568 and of RFC 3768
constexpr Duration kSkewOfV2 = std::chrono::seconds{1};            // (256 - priority) / 256 seconds, not scaled by the interval
constexpr std::size_t kV2 = 0, kV3 = 1;

}  // namespace

Election::Election(std::size_t routers, unsigned down_timer_adverts, Instant started)
    : down_timer_adverts_(std::max(down_timer_adverts, 1U)), speakers_(routers), since_(started), now_(started) {}

void Election::heard(const Advertisement& advertisement, Instant at) {
  if (advertisement.router >= speakers_.size()) return;
  advance(at);
  Speaker& speaker = speakers_[advertisement.router];
  if (advertisement.priority == 0) return released(advertisement.router, now_);
  speaker.last = now_;
  speaker.voices[advertisement.version == VrrpVersion::kV2 ? kV2 : kV3] = {now_, advertisement.interval};
  speaker.priority = advertisement.priority;
  speaker.source = advertisement.source;
  if (advertisement.router == active_) {
    for (Speaker& other : speakers_)
      if (other.spoke > 0 && now_ - other.challenged_at >= std::min(kRace, advertisement.interval / 4)) ++other.answered;
    if (state_ != VirtualRouterState::kSplit) become(VirtualRouterState::kActive, active_);
  } else {
    challenge(advertisement.router);
  }
  settle(now_);
}

void Election::challenge(std::size_t challenger) {
  Speaker& speaker = speakers_[challenger];
  if (state_ == VirtualRouterState::kSplit) return;
  if (!active_ || state_ == VirtualRouterState::kReleasing || is_silent(*active_, now_)) {
    return become(VirtualRouterState::kActive, challenger);
  }
  if (speaker.spoke == 0) {
    speaker.challenged_at = now_;
    speaker.answered = 0;
  }
  ++speaker.spoke;
}

void Election::released(std::size_t router, Instant at) {
  advance(at);
  speakers_[router].last.reset();
  speakers_[router].spoke = 0;
  if (router == active_ && (state_ == VirtualRouterState::kActive || state_ == VirtualRouterState::kSuspect)) {
    since_ = now_;
    // Who challenged it has what it asked for.
    const auto heir = strongest(now_);
    if (heir) return become(VirtualRouterState::kActive, heir);
    state_ = VirtualRouterState::kReleasing;
  }
  settle(now_);
}

void Election::failed(std::size_t router, Instant at) {
  released(router, at);
  if (router == active_) become(VirtualRouterState::kNoActive, std::nullopt);
}

void Election::restart(Instant at) {
  now_ = std::max(now_, at);
  since_ = now_;
  std::ranges::fill(speakers_, Speaker{});
  become(VirtualRouterState::kUnknown, std::nullopt);
}

void Election::advance(Instant now) {
  now_ = std::max(now_, now);
  settle(now_);
}

void Election::become(VirtualRouterState state, std::optional<std::size_t> active) {
  if (active != active_)
    for (Speaker& speaker : speakers_) speaker.spoke = speaker.answered = 0;
  state_ = state;
  active_ = active;
}

void Election::settle(Instant now) {
  if (state_ == VirtualRouterState::kSplit) settle_split(now);
  if (state_ == VirtualRouterState::kUnknown) {
    if (now - since_ >= (down_timer_adverts_ + 1) * kIntervalAssumed + kMargin) become(VirtualRouterState::kNoActive, std::nullopt);
    return;
  }
  if (!active_ || state_ == VirtualRouterState::kSplit) return;
  const unsigned adverts = std::max(2U, down_timer_adverts_ / 3);   // two of one and one answer, where losses are rare
  for (std::size_t i = 0; i < speakers_.size(); ++i) {
    Speaker& speaker = speakers_[i];
    if (speaker.spoke == 0) continue;
    if (!speaks(speaker, now)) {
      speaker.spoke = 0;
    } else if (accepts(speaker, now)) {
      return become(VirtualRouterState::kActive, i);
    } else if (speaker.spoke >= adverts && speaker.answered + 1 >= adverts) {
      return become(VirtualRouterState::kSplit, active_);
    }
  }
  const Speaker& active = speakers_[*active_];
  const Duration silence = now - active.last.value_or(since_);
  if (silence >= down_time(active)) {
    become(VirtualRouterState::kNoActive, std::nullopt);
  } else if (silence >= patience(active) && state_ == VirtualRouterState::kActive) {
    state_ = VirtualRouterState::kSuspect;
  }
}

// Until one remains, or none: then the last one that was agreed upon is judged by its silence, as ever.
void Election::settle_split(Instant now) {
  const auto speaking = std::ranges::count_if(speakers_, [&](const Speaker& s) { return speaks(s, now); });
  if (speaking >= 2) return;
  if (speaking == 1) return become(VirtualRouterState::kActive, strongest(now));
  const auto latest = std::ranges::max_element(speakers_, {}, [](const Speaker& s) { return s.last.value_or(Instant::min()); });
  if (!latest->last) return become(VirtualRouterState::kNoActive, std::nullopt);
  become(VirtualRouterState::kActive, static_cast<std::size_t>(latest - speakers_.begin()));
}

bool Election::accepts(const Speaker& speaker, Instant now) const {
  const Speaker& active = speakers_[*active_];
  return speaker.spoke >= 2 && speaker.answered == 0 && active.last && now - *active.last >= quiet_time(active);
}

std::optional<std::size_t> Election::strongest(Instant now) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < speakers_.size(); ++i) {
    const Speaker& speaker = speakers_[i];
    if (!speaks(speaker, now)) continue;
    if (!best || std::pair(speaker.priority, speaker.source) > std::pair(speakers_[*best].priority, speakers_[*best].source)) best = i;
  }
  return best;
}

bool Election::speaks(const Speaker& speaker, Instant now) const { return speaker.last && now - *speaker.last < quiet_time(speaker); }

bool Election::is_silent(std::size_t router, Instant now) const {
  const Speaker& speaker = speakers_[router];
  return !speaker.last || now - *speaker.last >= take_over_time(speaker);
}

Duration Election::interval(std::size_t router) const { return interval_of(speakers_[router]); }

// A version that was not heard for as long as a router may be silent is no longer sent.
Duration Election::interval_of(const Speaker& speaker) const {
  const Instant newest = std::max(speaker.voices[kV2].at, speaker.voices[kV3].at);
  Duration longest{};
  for (const Voice& voice : speaker.voices)
    if (voice.interval > Duration{} && newest - voice.at <= down_timer_adverts_ * voice.interval) longest = std::max(longest, voice.interval);
  return longest == Duration{} ? kIntervalAssumed : longest;
}

Duration Election::patience(const Speaker& speaker) const { return down_timer_adverts_ * interval_of(speaker); }

Duration Election::down_time(const Speaker& speaker) const {
  const Voice& v2 = speaker.voices[kV2];
  const bool sends_v2 = v2.interval > Duration{} && speaker.voices[kV3].at - v2.at <= down_timer_adverts_ * v2.interval;
  const Duration skew = sends_v2 ? std::max(kSkewOfV2, interval_of(speaker)) : interval_of(speaker);
  return patience(speaker) + skew + kMargin;
}

// Two intervals and a quarter, where losses are rare: the quarter is for advertisements that are late.
Duration Election::quiet_time(const Speaker& speaker) const {
  const Duration interval = interval_of(speaker);
  return std::max(2U, (2 * down_timer_adverts_ + 2) / 3) * interval + interval / 4;
}

Duration Election::take_over_time(const Speaker& speaker) const {
  const Duration interval = interval_of(speaker);
  return std::max(patience(speaker) - interval / 2, interval + interval / 2);
}

std::optional<Instant> Election::next() const {
  std::optional<Instant> earliest;
  const auto at = [&](Instant instant) {
    if (instant > now_ && (!earliest || instant < *earliest)) earliest = instant;
  };
  if (state_ == VirtualRouterState::kUnknown) at(since_ + (down_timer_adverts_ + 1) * kIntervalAssumed + kMargin);
  if (state_ == VirtualRouterState::kSplit) {
    for (const Speaker& speaker : speakers_)
      if (speaker.last) at(*speaker.last + quiet_time(speaker));
  } else if (active_) {
    const Speaker& active = speakers_[*active_];
    const Instant last = active.last.value_or(since_);
    at(last + patience(active));
    at(last + down_time(active));
    if (std::ranges::any_of(speakers_, [](const Speaker& s) { return s.spoke > 0; })) at(last + quiet_time(active));
  }
  return earliest;
}

}  // namespace server
