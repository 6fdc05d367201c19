#include "server/vrrp/observer.h"

#include <fmt/format.h>

#include <algorithm>

namespace server {
namespace {

constexpr std::size_t kMovesMax = 256;   // kept; flap_transitions beyond it never flaps

bool listens(const VirtualRouterOptions& options, VrrpSource source) { return std::ranges::find(options.sources, source) != options.sources.end(); }

std::optional<std::size_t> local_of(const VirtualRouterOptions& options) {
  const auto found = std::ranges::find(options.routers, options.local_router, &RouterOptions::name);
  if (options.local_router.empty() || found == options.routers.end()) return std::nullopt;
  return static_cast<std::size_t>(found - options.routers.begin());
}

// "12 ms", "3.2 s", "2 min": as precise as a person needs it.
std::string ago(Duration d) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms < 60'000) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
  return fmt::format("{} min", ms / 60'000);
}

}  // namespace

Observer::Observer(VirtualRouterOptions options, Instant started)
    : options_(std::move(options)),
      local_(local_of(options_)),
      passive_(listens(options_, VrrpSource::kPassive)),
      election_(options_.routers.size(), options_.down_timer_adverts, started),
      claimed_at_(started),
      since_(started),
      now_(started) {}

void Observer::advertisement(const Advertisement& advertisement, Instant at) {
  advance(at);
  election_.heard(advertisement, now_);
  settle();
}

void Observer::vip(VipState state, Instant at) {
  advance(at);
  const Claim before = claim();
  vip_ = state;
  claims_changed(before);
}

void Observer::role(FifoRole role, Instant at) {
  advance(at);
  const Claim before = claim();
  role_ = role;
  claims_changed(before);
}

void Observer::hearing(Hearing hearing, Instant at) {
  advance(at);
  if (hearing == hearing_) return;
  hearing_ = hearing;
  election_.restart(now_);
  settle();
}

void Observer::claims_changed(Claim before) {
  const Claim now = claim();
  if (now == before) return;
  claimed_at_ = now_;
  if (local_ && now == Claim::kFailed) election_.failed(*local_, now_);
  if (local_ && now == Claim::kNotActive && before == Claim::kActive) election_.released(*local_, now_);
  settle();
}

void Observer::advance(Instant now) {
  now_ = std::max(now_, now);
  election_.advance(now_);
  settle();
}

// Every "no" outweighs a "yes": keepalived's word where its address is still there, the missing address where its word is old.
Observer::Claim Observer::claim() const {
  if (!local_) return Claim::kNone;
  if (role_ == FifoRole::kFault || role_ == FifoRole::kStop) return Claim::kFailed;
  if (vip_ == VipState::kAbsent || vip_ == VipState::kNotLive || role_ == FifoRole::kBackup) return Claim::kNotActive;
  return vip_ == VipState::kLive || role_ == FifoRole::kMaster ? Claim::kActive : Claim::kNone;
}

Observer::Verdict Observer::fused() const {
  const Claim own = claim();
  if (!passive_ || hearing_ == Hearing::kDeaf) return by_claim_alone(own);
  const Verdict heard{election_.state(), election_.active()};
  if (own != Claim::kActive || heard.state == VirtualRouterState::kSplit) return heard;
  const bool contradicted = heard.active && *heard.active != *local_ && heard.state == VirtualRouterState::kActive;
  return contradicted ? heard : Verdict{VirtualRouterState::kActive, local_};
}

Observer::Verdict Observer::by_claim_alone(Claim claim) const {
  switch (claim) {
    case Claim::kNone: return {};
    case Claim::kActive: return {VirtualRouterState::kActive, local_};
    case Claim::kNotActive:
    case Claim::kFailed: break;
  }
  if (options_.routers.size() != 2) return {VirtualRouterState::kNoActive, std::nullopt};
  return {VirtualRouterState::kActive, 1 - *local_};
}

Observer::Verdict Observer::split_judged(Verdict verdict) {
  if (verdict.state != VirtualRouterState::kSplit) {
    split_at_.reset();
    return verdict;
  }
  if (!split_at_) split_at_ = now_;
  switch (options_.on_split) {
    case OnSplit::kNone: verdict.active.reset(); break;
    case OnSplit::kPreferPriority: verdict.active = election_.strongest(now_); break;
    case OnSplit::kFreeze:
      if (now_ - *split_at_ >= options_.split_hold) verdict.active = election_.strongest(now_);
      break;
  }
  return verdict;
}

Observer::Verdict Observer::damped(Verdict verdict) {
  if (!verdict.active) {
    absent_ = absent_ || verdict.state == VirtualRouterState::kNoActive;
  } else if (verdict.active != settled_ || absent_) {
    if (settled_ && options_.flap_transitions > 0) {
      moves_.push_back({now_, settled_});
      if (moves_.size() > kMovesMax) moves_.pop_front();
      if (flapping_until_) flapping_until_ = now_ + options_.flap_stable;
    }
    settled_ = verdict.active;
    settled_at_ = now_;
    absent_ = false;
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
  if (!flapping_until_) return verdict;
  thaw_from_dead(verdict);
  return {VirtualRouterState::kFlapping, frozen_};
}

void Observer::thaw_from_dead(const Verdict& verdict) {
  if (!frozen_ || verdict.state != VirtualRouterState::kActive || verdict.active == frozen_ || now_ - settled_at_ < steady_time()) return;
  const bool claimed = local_ == frozen_ && claim() == Claim::kActive;
  const bool silent = passive_ && hearing_ == Hearing::kListening ? election_.is_silent(*frozen_, now_) : true;
  if (silent && !claimed) frozen_ = verdict.active;
}

// A claim that goes on though another router has been heard since long after it began, and this one is not heard any more.
bool Observer::holds_stale_claim(const Verdict& verdict) const {
  if (claim() != Claim::kActive || !verdict.active || verdict.active == local_ || !passive_ || hearing_ == Hearing::kDeaf) return false;
  const auto last = election_.last_heard(*verdict.active);
  const Duration patience = election_.interval(*verdict.active) * 3 / 2;
  if (!last || *last < claimed_at_ + patience) return false;
  const auto own = election_.last_heard(*local_);
  return !own || now_ - *own >= patience;
}

void Observer::settle() {
  const Verdict undamped = split_judged(fused());
  const Verdict verdict = damped(undamped);
  stale_vip_ = holds_stale_claim(undamped);
  if (verdict == verdict_) return;
  verdict_ = verdict;
  since_ = now_;
  ++transitions_;
}

std::optional<Instant> Observer::next_deadline() const {
  std::optional<Instant> earliest = passive_ && hearing_ == Hearing::kListening ? election_.next() : std::nullopt;
  const auto at = [&](Instant instant) {
    if (instant > now_ && (!earliest || instant < *earliest)) earliest = instant;
  };
  if (split_at_ && options_.on_split == OnSplit::kFreeze) at(*split_at_ + options_.split_hold);
  if (flapping_until_) at(*flapping_until_);
  if (flapping_until_ && frozen_ != settled_) at(settled_at_ + steady_time());
  return earliest;
}

Observation Observer::observe(Instant now) const {
  return {.state = verdict_.state, .active = verdict_.active, .since = since_, .may_change = next_deadline(), .evidence = evidence(now), .stale_vip = stale_vip_};
}

std::string Observer::evidence(Instant now) const {
  std::string words = passive_ ? election_evidence(now) : "";
  const auto add = [&](std::string_view more) {
    if (!words.empty()) words += "; ";
    words += more;
  };
  static constexpr std::string_view kVips[] = {"", "virtual address absent here", "virtual address here on a dead link", "virtual address live here"};
  static constexpr std::string_view kRoles[] = {"", "keepalived here is MASTER", "keepalived here is BACKUP", "keepalived here is in FAULT", "keepalived here stopped"};
  if (vip_ != VipState::kUnknown) add(kVips[static_cast<std::size_t>(vip_)]);
  if (role_ != FifoRole::kUnknown) add(kRoles[static_cast<std::size_t>(role_)]);
  if (stale_vip_) add("stale");
  if (flapping_until_) add(fmt::format("{} moves", moves_.size()));
  return words.empty() ? "nothing known yet" : words;
}

std::string Observer::election_evidence(Instant now) const {
  if (hearing_ == Hearing::kDeaf) return "advertisements cannot be heard";
  std::string words;
  for (std::size_t i = 0; i < options_.routers.size(); ++i) {
    const auto last = election_.last_heard(i);
    const bool dispute = election_.state() == VirtualRouterState::kSplit;
    if (!last || (!dispute && election_.active() != i)) continue;
    words += fmt::format("{}advertisement of {}, priority {}, {} ago", words.empty() ? "" : ", ", options_.routers[i].name, election_.priority(i),
                         ago(std::max(now - *last, Duration{})));
  }
  if (!words.empty()) return words;
  return election_.state() == VirtualRouterState::kReleasing ? options_.routers[*election_.active()].name + " gave up (priority 0)" : "no advertisement heard";
}

}  // namespace server
