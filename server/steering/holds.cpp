#include "server/steering/holds.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/policy/words.h"

namespace server {

namespace {

using Members = std::vector<std::size_t>;

bool has(const Members& members, std::size_t member) { return std::find(members.begin(), members.end(), member) != members.end(); }

// What an answer shall be.
struct Outcome {
  Given given = Given::kUndecided;
  Members members;
  AnswerState state = AnswerState::kUndecided;
  std::string rule;
};

// Whether changes count towards dampening: what people order does not.
enum class Cause : std::uint8_t { kEvidence, kOrder };

class Advance {
 public:
  Advance(const Situation& of, AnswerTrack& track) : of_(of), track_(track) {}

  std::optional<Instant> run() {
    keep_floor();
    if (of_.answer.policy == Policy::kStatic) {
      settle(fixed(), Cause::kOrder);
      track_.ttl = of_.answer.ttl_max;
      return std::nullopt;
    }
    if (std::optional<Outcome> forced = by_force()) {
      settle(std::move(*forced), Cause::kOrder);
    } else if (frozen()) {
      set_state(AnswerState::kFrozen);
    } else {
      settle(judged(), Cause::kEvidence);
    }
    set_ttl();
    return next_;
  }

 private:
  // What was answered under other options, and is below the floor now, goes whatever holds it.
  void keep_floor() {
    if (track_.given != Given::kMembers) return;
    const std::size_t gone = std::erase_if(track_.chosen, [&](std::size_t member) { return !of_.members[member].allowed; });
    if (gone > 0 && track_.chosen.empty()) track_.given = Given::kUndecided;
  }

  // Something may change at `at`: the TTL looks ahead to it.
  void change_at(Instant at) { change_ = std::min(change_.value_or(at), at); }
  void look_at(Instant at) { next_ = std::min(next_.value_or(at), at); }
  const std::string& name(std::size_t member) const { return of_.answer.members[member].name; }
  const MemberReport& report(std::size_t member) const { return of_.members[member].report; }

  std::string_view state_word(std::size_t member) const { return word(report(member).state); }

  std::string names(const Members& members) const {
    std::string words;
    for (const std::size_t member : members) words += (words.empty() ? "" : ", ") + name(member);
    return words;
  }

  Members allowed() const {
    Members members;
    for (std::size_t i = 0; i < of_.members.size(); ++i) {
      if (of_.members[i].allowed) members.push_back(i);
    }
    return members;
  }

  Outcome fixed() const {
    const Members members = allowed();
    if (members.empty()) return {Given::kNodata, {}, AnswerState::kNormal, "static: no data"};
    return {Given::kMembers, members, AnswerState::kNormal, "static: as written"};
  }

  std::optional<Outcome> by_force() {
    if (!of_.force) return std::nullopt;
    if (!of_.members[of_.force->member].allowed) {
      note_ = fmt::format("; the order of {} to force {} is refused: {}", of_.force->by, name(of_.force->member), report(of_.force->member).reason);
      return std::nullopt;
    }
    if (of_.force->until) change_at(*of_.force->until);
    track_.all_down_since = track_.damped_until = track_.pending_since = std::nullopt;
    return Outcome{Given::kMembers, {of_.force->member}, AnswerState::kForced,
                   fmt::format("forced to {} by order of {}; it is {}: {}", name(of_.force->member), of_.force->by, state_word(of_.force->member), report(of_.force->member).reason)};
  }

  // By order or by dampening: the answer stays as it is, were it the zone's own.
  bool frozen() {
    if (of_.freeze) {
      if (of_.freeze->until) change_at(*of_.freeze->until);
      track_.rule = fmt::format("frozen by order of {}{}", of_.freeze->by, note_);
      return true;
    }
    if (track_.damped_until && of_.now >= *track_.damped_until) {
      track_.damped_until = std::nullopt;
      track_.changes.clear();
    }
    if (!track_.damped_until) return false;
    change_at(*track_.damped_until);
    look_at(*track_.damped_until);
    return true;
  }

  Outcome judged() {
    read_tiers();
    if (is_all_down()) return all_down();
    const bool was_down = track_.all_down_since.has_value();
    track_.all_down_since = std::nullopt;
    if (track_.given == Given::kUndecided) return first();
    const Wanted best = choose(candidates(tiers_));
    Wanted wanted = was_down || track_.given != Given::kMembers ? best : held(best);
    return explain(wanted, best);
  }

  void read_tiers() {
    for (std::size_t i = 0; i < of_.members.size(); ++i) {
      const bool chosen = track_.given == Given::kMembers && !track_.all_down_since && has(track_.chosen, i);
      unsure_ = unsure_ || (of_.members[i].allowed && report(i).state == MemberState::kUnknown);
      tiers_.push_back(tier_of(of_.members[i], chosen ? Standpoint::kChosen : Standpoint::kOther));
      if (tiers_.back() != Tier::kNone) ++available_;
      if (tiers_.back() == Tier::kNone && of_.members[i].allowed && report(i).state == MemberState::kUnknown) ++unknown_;
    }
  }

  Candidates candidates(std::vector<Tier> tiers) const {
    const bool one = track_.given == Given::kMembers && track_.chosen.size() == 1;
    return {of_.answer, of_.members, std::move(tiers), one ? std::optional(track_.chosen[0]) : std::nullopt};
  }

  bool is_all_down() const {
    if (track_.given == Given::kUndecided && unknown_ > 0) return false;
    return available_ == 0 || available_ + unknown_ < of_.answer.min_up;
  }

  // The first decision waits for all that could be preferred to what is known.
  Outcome first() {
    const Wanted known = choose(candidates(tiers_));
    std::vector<Tier> hoped = tiers_;
    for (std::size_t i = 0; i < hoped.size(); ++i) {
      if (report(i).state == MemberState::kUnknown) hoped[i] = tier_of(of_.members[i], Standpoint::kChosen);
    }
    if (choose(candidates(hoped)) == known) return explain(known, known);
    std::string words;
    for (std::size_t i = 0; i < hoped.size(); ++i) {
      if (report(i).state == MemberState::kUnknown) words += fmt::format("{}{}: {}", words.empty() ? "" : "; ", name(i), report(i).reason);
    }
    return {Given::kUndecided, {}, AnswerState::kUndecided, "the zone's own set, until more is known: " + words};
  }

  Outcome all_down() {
    const AllDown policy = unsure_ && of_.answer.all_down != AllDown::kAll ? AllDown::kLastGood : of_.answer.all_down;
    if (!track_.all_down_since) track_.all_down_since = of_.now;
    change_at(of_.now);
    const std::string why = available_ == 0 ? "all members are down" : fmt::format("{} of {} members are usable, {} needed", available_, of_.members.size(), of_.answer.min_up);
    const Members all = everybody();
    if (all.empty()) return {Given::kDefault, {}, AnswerState::kAllDown, "no member is of an allowed class: the zone's own set"};
    switch (policy) {
      case AllDown::kNodata: return {Given::kNodata, {}, AnswerState::kAllDown, why + ": no data"};
      case AllDown::kDefault: return {Given::kDefault, {}, AnswerState::kAllDown, why + ": the zone's own set"};
      case AllDown::kAll: return {Given::kMembers, all, AnswerState::kAllDown, why + ": all are answered"};
      case AllDown::kLastGood: break;
    }
    const Instant end = *track_.all_down_since + of_.answer.all_down_hold;
    const bool has_last = track_.given == Given::kMembers && !track_.chosen.empty();
    if (has_last && of_.now < end) {
      look_at(end);
      return {Given::kMembers, track_.chosen, AnswerState::kAllDown, why + ": the last good answer is kept"};
    }
    return {Given::kMembers, all, AnswerState::kAllDown, why + (has_last ? " for too long: all are answered" : ": all are answered")};
  }

  // All that the floor allows, without those that people took down, unless that leaves none.
  Members everybody() const {
    const Members members = allowed();
    Members left;
    std::copy_if(members.begin(), members.end(), std::back_inserter(left), [&](std::size_t member) { return !of_.members[member].ordered_down; });
    return left.empty() ? members : left;
  }

  bool is_mature(std::size_t member) const { return matures(member) <= of_.now; }
  Instant matures(std::size_t member) const { return report(member).since + of_.answer.failback_delay; }

  // `best`, or what is kept of the present answer instead of it for a while.
  Wanted held(const Wanted& best) {
    Tier kept = Tier::kNone;
    for (const std::size_t member : track_.chosen) kept = std::min(kept, tiers_[member]);
    if (best.members == track_.chosen || best.nodata) return settled(best);
    if (kept == Tier::kNone) return stood_by(best);
    if (in_hold_down()) return stay(kept, track_.chosen_since + of_.answer.hold_down);
    std::vector<Tier> pool = tiers_;
    for (std::size_t i = 0; i < pool.size(); ++i) {
      if (has(track_.chosen, i) || pool[i] < kept || pool[i] == Tier::kNone || is_mature(i)) continue;
      pool[i] = Tier::kNone;
      look_at(matures(i));
    }
    const Wanted wanted = choose(candidates(pool));
    for (const std::size_t member : best.members) {
      if (!has(wanted.members, member) && tiers_[member] != Tier::kNone && pool[member] == Tier::kNone) wait_for(member);
    }
    return is_measured(wanted, kept) ? patient(wanted, kept) : settled(wanted);
  }

  Wanted settled(const Wanted& wanted) {
    track_.pending.clear();
    track_.pending_since = std::nullopt;
    return wanted;
  }

  void wait_for(std::size_t member) {
    if (waiting_.empty()) waiting_ = fmt::format("; {} is to be usable for its failback delay first", name(member));
    change_at(matures(member));
    look_at(matures(member));
  }

  Wanted stay(Tier kept, Instant until) {
    if (waiting_.empty()) waiting_ = "; held down";
    change_at(until);
    look_at(until);
    return {track_.chosen, kept, false};
  }

  bool in_hold_down() const {
    if (of_.now >= track_.chosen_since + of_.answer.hold_down) return false;
    return std::all_of(track_.chosen.begin(), track_.chosen.end(), [&](std::size_t member) {
      return tiers_[member] != Tier::kNone && tiers_[member] != Tier::kDrained;
    });
  }

  // The one answered is down because its router stands by while that of a better member is active.
  Wanted stood_by(const Wanted& best) {
    const bool one = takes_one(of_.answer.policy) && track_.chosen.size() == 1 && best.members.size() == 1;
    if (!one || best.tier != Tier::kUsable) return settled(best);
    const std::size_t from = track_.chosen[0], to = best.members[0];
    if (!of_.members[from].standby || !ranks_before(of_.answer, of_.members, to, from) || is_mature(to)) return settled(best);
    wait_for(to);
    return {track_.chosen, Tier::kUsable, false};
  }

  // Whether measurements, and not states, made the difference.
  bool is_measured(const Wanted& wanted, Tier kept) const {
    if (wanted.members == track_.chosen || wanted.tier != kept || !takes_one(of_.answer.policy)) return false;
    return of_.answer.policy == Policy::kBestQuality || wanted.tier == Tier::kDegraded;
  }

  Wanted patient(const Wanted& wanted, Tier kept) {
    if (track_.pending != wanted.members || !track_.pending_since) {
      track_.pending = wanted.members;
      track_.pending_since = of_.now;
    }
    const Instant ripe = *track_.pending_since + of_.answer.failback_delay;
    if (of_.now >= ripe) return settled(wanted);
    waiting_ = fmt::format("; {} is to measure better for the failback delay first", names(wanted.members));
    return stay(kept, ripe);
  }

  // The members that would be answered, were all of them usable and `wanted` answered now.
  Members ideal(const Members& wanted) const {
    std::vector<Tier> tiers;
    for (const MemberStatus& member : of_.members) {
      tiers.push_back(!member.allowed ? Tier::kNone : member.last_resort ? Tier::kLastResort : Tier::kUsable);
    }
    return choose({of_.answer, of_.members, std::move(tiers), wanted.size() == 1 ? std::optional(wanted[0]) : std::nullopt}).members;
  }

  Outcome explain(const Wanted& wanted, const Wanted& best) const {
    if (wanted.nodata) return {Given::kNodata, {}, AnswerState::kDegraded, "no member meets the SLA: no data"};
    const Members normal = ideal(wanted.members);
    Outcome outcome{Given::kMembers, wanted.members, AnswerState::kNormal, {}};
    if (wanted.tier == Tier::kDegraded || wanted.tier == Tier::kLastResort || any_worse(wanted.members)) {
      outcome.state = AnswerState::kDegraded;
    } else if (wanted.members != normal) {
      outcome.state = AnswerState::kFailedOver;
    }
    outcome.rule = fmt::format("{}{}", names(wanted.members), tier_words(wanted.tier));
    for (const std::size_t member : normal) {
      if (!has(wanted.members, member)) outcome.rule += fmt::format("; {} is {}: {}", name(member), state_word(member), report(member).reason);
    }
    if (wanted.members != best.members) outcome.rule += waiting_;
    if (std::any_of(wanted.members.begin(), wanted.members.end(), [&](std::size_t member) { return of_.members[member].frozen; }) &&
        outcome.state != AnswerState::kDegraded) {
      outcome.state = AnswerState::kFrozen;
    }
    outcome.rule += note_;
    return outcome;
  }

  bool any_worse(const Members& members) const {
    return std::any_of(members.begin(), members.end(), [&](std::size_t member) { return report(member).state == MemberState::kDegraded; });
  }

  static std::string_view tier_words(Tier tier) {
    switch (tier) {
      case Tier::kUsable: return "";
      case Tier::kDegraded: return ", the least violating: none meets the SLA";
      case Tier::kLastResort: return ", the last resort";
      case Tier::kDrained: return ", though drained: no other is usable";
      case Tier::kNone: return "";
    }
    return "";
  }

  void set_state(AnswerState state) {
    if (track_.state == state) return;
    track_.state = state;
    track_.since = of_.now;
  }

  void settle(Outcome outcome, Cause cause) {
    const bool changed = outcome.given != track_.given || outcome.members != track_.chosen;
    const bool decided = track_.given != Given::kUndecided;
    track_.rule = std::move(outcome.rule);
    if (changed) {
      track_.given = outcome.given;
      track_.chosen = std::move(outcome.members);
      track_.chosen_since = of_.now;
      if (decided) ++track_.transitions;
      if (decided && cause == Cause::kEvidence && damp()) outcome.state = AnswerState::kFrozen;
    }
    set_state(outcome.state);
  }

  // Counts a change; true where it was one too many.
  bool damp() {
    if (of_.answer.damp_transitions == 0) return false;
    track_.changes.push_back(of_.now);
    while (track_.changes.front() + of_.answer.damp_within <= of_.now) track_.changes.pop_front();
    if (track_.changes.size() <= of_.answer.damp_transitions) return false;
    track_.damped_until = of_.now + of_.answer.damp_hold;
    track_.rule = fmt::format("damped: changed {} times, frozen as it is; {}", track_.changes.size(), track_.rule);
    change_at(*track_.damped_until);
    look_at(*track_.damped_until);
    return true;
  }

  void set_ttl() {
    const std::uint32_t max = std::max(of_.answer.ttl_max, 1U), min = std::clamp(of_.answer.ttl_min, 1U, max);
    const Duration span = std::chrono::seconds{max};
    for (std::size_t i = 0; i < of_.members.size(); ++i) {
      const MemberStatus& status = of_.members[i];
      const bool chosen = has(track_.chosen, i);
      if (status.change_at) change_at(*status.change_at + (chosen ? Duration{} : of_.answer.failback_delay));
      if (chosen && (status.unsettled || status.report.state == MemberState::kUnknown)) change_at(of_.now);
    }
    const bool near = change_ && *change_ - of_.now < span;
    if (track_.low_until && of_.now >= *track_.low_until) track_.low_until = std::nullopt;
    if (near && !track_.low_until) track_.low_until = of_.now + span;
    if (change_ && !near) look_at(*change_ - span + std::chrono::nanoseconds{1});
    if (track_.low_until) look_at(*track_.low_until);
    track_.ttl = track_.low_until ? min : max;
  }

  const Situation& of_;
  AnswerTrack& track_;
  std::vector<Tier> tiers_;
  std::size_t available_ = 0, unknown_ = 0;
  bool unsure_ = false;   // some are unknown: the answer is kept rather than taken away
  std::optional<Instant> change_, next_;
  std::string waiting_, note_;
};

}  // namespace

// What has just been decided is looked at once more, so that its own holds are in the TTL, and a second call finds nothing new.
std::optional<Instant> advance(const Situation& situation, AnswerTrack& track) {
  const std::uint64_t transitions = track.transitions;
  const Given given = track.given;
  const bool all_down = track.all_down_since.has_value();
  const std::optional<Instant> next = Advance(situation, track).run();
  if (transitions == track.transitions && given == track.given && all_down == track.all_down_since.has_value()) return next;
  return Advance(situation, track).run();
}

}  // namespace server
