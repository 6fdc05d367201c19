#include "server/steering/damping.h"

#include <algorithm>

#include <fmt/format.h>

#include "server/steering/words.h"

namespace server {

namespace {

using Members = std::vector<std::size_t>;

bool has(const Members& members, std::size_t member) {
  return std::find(members.begin(), members.end(), member) != members.end();
}

// What the record is to become.
struct Target {
  ServedKind served = ServedKind::kUndecided;
  Members members;
  RecordState state = RecordState::kUndecided;
  std::string rule;
  bool unproven = false;
};

// Only changes by health count towards damping, not changes by an override.
enum class Cause : std::uint8_t { kHealth, kAdmin };

class RecordUpdate {
 public:
  RecordUpdate(const DecisionInput& of, RecordStatus& status) : input_(of), status_(status) {}

  std::optional<Instant> run() {
    drop_disallowed();
    note_configuration();
    if (input_.record.policy == Policy::kStatic) {
      apply(static_target(), Cause::kAdmin);
      status_.ttl = input_.record.ttl_max;
      return std::nullopt;
    }
    if (std::optional<Target> forced = forced_target()) {
      apply(std::move(*forced), Cause::kAdmin);
    } else if (input_.freeze) {
      freeze();
    } else {
      apply(policy_target(), configuration_changed_ ? Cause::kAdmin : Cause::kHealth);
    }
    set_ttl();
    return next_;
  }

 private:
  // Removes chosen members whose link class is not allowed (any more). Nothing keeps them: no freeze, no delay.
  void drop_disallowed() {
    if (status_.served != ServedKind::kMembers) return;
    const std::size_t gone =
        std::erase_if(status_.chosen, [&](std::size_t member) { return !input_.members[member].allowed; });
    if (gone > 0 && status_.chosen.empty()) status_.served = ServedKind::kUndecided;
  }

  // A new configuration of the record takes effect at once: the delays and the damping are for changes by health.
  void note_configuration() {
    configuration_changed_ = status_.configuration != 0 && status_.configuration != input_.configuration;
    status_.configuration = input_.configuration;
    if (configuration_changed_) end_damping();
  }

  // Something may change at `at`: the TTL takes it into account.
  void change_at(Instant at) { next_change_ = std::min(next_change_.value_or(at), at); }
  void evaluate_again_at(Instant at) { next_ = std::min(next_.value_or(at), at); }
  const std::string& name(std::size_t member) const { return input_.record.members[member].name; }
  const MemberReport& report(std::size_t member) const { return input_.members[member].report; }

  std::string_view state_word(std::size_t member) const { return word(report(member).state); }

  std::string names(const Members& members) const {
    std::string words;
    for (const std::size_t member : members) words += (words.empty() ? "" : ", ") + name(member);
    return words;
  }

  Members allowed() const {
    Members members;
    for (std::size_t i = 0; i < input_.members.size(); ++i) {
      if (input_.members[i].allowed) members.push_back(i);
    }
    return members;
  }

  Target static_target() const {
    const Members members = allowed();
    if (members.empty()) return {ServedKind::kNodata, {}, RecordState::kNormal, "static: NODATA"};
    return {ServedKind::kMembers, members, RecordState::kNormal, "static: as written"};
  }

  std::optional<Target> forced_target() {
    if (!input_.force) return std::nullopt;
    if (!input_.members[input_.force->member].allowed) {
      note_ = fmt::format("; the override by {} to force {} is ignored: {}", input_.force->by,
                          name(input_.force->member), report(input_.force->member).reason);
      return std::nullopt;
    }
    if (input_.force->until) change_at(*input_.force->until);
    status_.all_down_since = status_.pending_since = std::nullopt;
    end_damping();
    return Target{ServedKind::kMembers,
                  {input_.force->member},
                  RecordState::kForced,
                  fmt::format("forced to {} (override by {}); it is {}: {}", name(input_.force->member),
                              input_.force->by, state_word(input_.force->member), report(input_.force->member).reason)};
  }

  // Frozen by an override: the record stays as it is, also if it serves the zone file's records.
  void freeze() {
    if (input_.freeze->until) change_at(*input_.freeze->until);
    status_.frozen_by = fmt::format("override by {}", input_.freeze->by);
    status_.rule = fmt::format("frozen ({}){}", status_.frozen_by, note_);
    set_state(RecordState::kFrozen);
  }

  void end_damping() {
    status_.damped_until = std::nullopt;
    status_.changes.clear();
  }

  Target policy_target() {
    status_.frozen_by.clear();
    if (status_.damped_until && input_.now >= *status_.damped_until) end_damping();
    read_tiers();
    if (is_all_down()) return all_down();
    const bool was_down = status_.all_down_since.has_value();
    status_.all_down_since = std::nullopt;
    if (!is_decided()) return first_target();
    const Selection best = select_members(candidates(tiers_));
    const bool may_wait = !was_down && status_.served == ServedKind::kMembers;
    return explain(may_wait ? limit_changes(best) : best, best);
  }

  // `best`, or what the delays and the damping allow of it.
  Selection limit_changes(const Selection& best) {
    if (status_.damped_until) return damped(best);
    Selection selected = apply_delays(best);
    if (selected.members == status_.chosen || configuration_changed_ || !is_one_change_too_many()) return selected;
    status_.damped_until = input_.now + input_.record.damp_hold;
    return damped(best);
  }

  bool is_one_change_too_many() {
    forget_old_changes();
    return input_.record.damp_transitions > 0 && status_.changes.size() >= input_.record.damp_transitions;
  }

  // Damping delays a change to a better member. It never keeps a member that is gone: then the best member is chosen,
  // first among those that did not change their state while the record changed too often.
  Selection damped(const Selection& best) {
    Selection kept = end_waiting({{}, Tier::kNone, false});
    for (const std::size_t member : status_.chosen) {
      if (is_gone(member, best)) continue;
      kept.members.push_back(member);
      kept.tier = std::min(kept.tier, tiers_[member]);
    }
    if (!kept.members.empty()) return kept;
    std::vector<Tier> steady = tiers_;
    for (std::size_t i = 0; i < steady.size(); ++i) {
      if (!status_.changes.empty() && report(i).since >= status_.changes.front()) steady[i] = Tier::kNone;
    }
    Selection selected = select_members(candidates(std::move(steady)));
    return selected.tier == best.tier && !selected.members.empty() ? selected : best;
  }

  // True if the chosen member must not be served while `best` is available.
  bool is_gone(std::size_t member, const Selection& best) const {
    if (tiers_[member] == Tier::kDrained) return best.tier < Tier::kDrained;
    return tiers_[member] == Tier::kNone && !is_preempted(best);
  }

  bool is_decided() const { return status_.served != ServedKind::kUndecided && !status_.unproven; }

  void read_tiers() {
    for (std::size_t i = 0; i < input_.members.size(); ++i) {
      const bool chosen = status_.served == ServedKind::kMembers && !status_.unproven && !status_.all_down_since &&
                          has(status_.chosen, i);
      some_unknown_ = some_unknown_ || (input_.members[i].allowed && report(i).state == MemberState::kUnknown);
      tiers_.push_back(tier_of(input_.members[i], chosen ? Served::kYes : Served::kNo));
      if (tiers_.back() != Tier::kNone) ++available_;
      if (tiers_.back() == Tier::kNone && input_.members[i].allowed && report(i).state == MemberState::kUnknown)
        ++unknown_;
    }
  }

  Candidates candidates(std::vector<Tier> tiers) const {
    const bool one = status_.served == ServedKind::kMembers && status_.chosen.size() == 1;
    return {input_.record, input_.members, std::move(tiers), one ? std::optional(status_.chosen[0]) : std::nullopt};
  }

  bool is_all_down() const {
    if (!is_decided() && unknown_ > 0) return false;
    return available_ == 0 || available_ + unknown_ < input_.record.min_up;
  }

  // The first decision waits until every member that could be preferred to the known ones is known. After `wait_until`
  // a usable member is better than the zone file's records, which may contain members that are down.
  Target first_target() {
    const Selection known = select_members(candidates(tiers_));
    std::vector<Tier> optimistic = tiers_;
    for (std::size_t i = 0; i < optimistic.size(); ++i) {
      if (report(i).state == MemberState::kUnknown) optimistic[i] = tier_of(input_.members[i], Served::kYes);
    }
    const Selection possible = select_members(candidates(optimistic));
    const bool waits = input_.now < input_.wait_until;
    if (possible == known || (!waits && (!known.members.empty() || known.nodata))) return explain(known, known);
    if (!waits && is_any_down()) return unproven(possible);
    if (waits && input_.wait_until != Instant::max()) evaluate_again_at(input_.wait_until);
    return {ServedKind::kUndecided,
            {},
            RecordState::kUndecided,
            "serving the zone file's records until the inputs are known: " + reasons_of(MemberState::kUnknown)};
  }

  Target unproven(const Selection& possible) const {
    return {ServedKind::kMembers, possible.members, RecordState::kDegraded,
            fmt::format("{}, although nothing is known about {}: {}; left out: {}", names(possible.members),
                        possible.members.size() == 1 ? "it" : "them", reasons_of(MemberState::kUnknown),
                        reasons_of(MemberState::kDown)),
            true};
  }

  bool is_any_down() const {
    return std::any_of(input_.members.begin(), input_.members.end(), [](const MemberStatus& member) {
      return member.allowed && member.report.state == MemberState::kDown;
    });
  }

  std::string reasons_of(MemberState state) const {
    std::string words;
    for (std::size_t i = 0; i < input_.members.size(); ++i) {
      if (input_.members[i].allowed && report(i).state == state)
        words += fmt::format("{}{}: {}", words.empty() ? "" : "; ", name(i), report(i).reason);
    }
    return words;
  }

  Target all_down() {
    const AllDown policy =
        some_unknown_ && input_.record.all_down != AllDown::kAll ? AllDown::kLastGood : input_.record.all_down;
    if (!status_.all_down_since) begin_all_down();
    change_at(input_.now);
    const std::string why = all_down_reason();
    const Members all = policy == AllDown::kAll ? all_usable_by_admin() : without_dead(all_usable_by_admin());
    if (all.empty())
      return {ServedKind::kDefault,
              {},
              RecordState::kAllDown,
              "no member's link has an allowed class: serving the zone file's records"};
    switch (policy) {
      case AllDown::kNodata: return {ServedKind::kNodata, {}, RecordState::kAllDown, why + ": answering NODATA"};
      case AllDown::kDefault:
        return {ServedKind::kDefault, {}, RecordState::kAllDown, why + ": serving the zone file's records"};
      case AllDown::kAll: return {ServedKind::kMembers, all, RecordState::kAllDown, why + ": serving all members"};
      case AllDown::kLastGood: break;
    }
    return last_good(all, why);
  }

  Target last_good(const Members& all, const std::string& why) {
    const Instant end = *status_.all_down_since + input_.record.all_down_hold;
    Members good = status_.good;
    std::erase_if(good, [&](std::size_t member) { return !has(all, member); });
    if (!good.empty() && input_.now < end) {
      evaluate_again_at(end);
      return {ServedKind::kMembers, good, RecordState::kAllDown,
              fmt::format("{}: keeping the last good answer, {}", why, names(good))};
    }
    const std::string_view since = good.empty() ? "" : " for longer than all-down-hold";
    const std::string_view which = available_ > 0 ? "the usable ones" : "all members";
    return {ServedKind::kMembers, all, RecordState::kAllDown, fmt::format("{}{}: serving {}", why, since, which)};
  }

  std::string all_down_reason() const {
    if (available_ > 0)
      return fmt::format("{} of {} members are usable, {} needed", available_, input_.members.size(),
                         input_.record.min_up);
    return some_unknown_ ? "no member is usable, and some are unknown" : "all members are down";
  }

  // The checks of members that fail together report it one after another. An answer that was given only between two of
  // these reports was never good: the one before it is the last good answer.
  void begin_all_down() {
    status_.all_down_since = input_.now;
    const bool is_proven = status_.served == ServedKind::kMembers && !status_.unproven;
    const bool is_good = is_proven && input_.now - status_.chosen_since >= input_.detection;
    const bool has_earlier = status_.good_until && input_.now - *status_.good_until <= input_.detection;
    if (is_good || !has_earlier) status_.good = is_proven ? status_.chosen : Members{};
    status_.good_until = input_.now;
  }

  // Before the answer changes: remembers it if it was good.
  void note_good() {
    if (was_all_down_ || status_.served != ServedKind::kMembers || status_.unproven ||
        input_.now == status_.good_until || input_.now - status_.chosen_since < input_.detection)
      return;
    status_.good = status_.chosen;
    status_.good_until = input_.now;
  }

  // If some members are usable, only those.
  Members without_dead(Members members) const {
    if (available_ == 0) return members;
    Members left;
    for (std::size_t i = 0; i < tiers_.size(); ++i) {
      if (tiers_[i] != Tier::kNone) left.push_back(i);
    }
    return left;
  }

  // All members of an allowed class, without those that an operator set down, unless that leaves none.
  Members all_usable_by_admin() const {
    const Members members = allowed();
    Members left;
    std::copy_if(members.begin(), members.end(), std::back_inserter(left),
                 [&](std::size_t member) { return !input_.members[member].admin_down; });
    return left.empty() ? members : left;
  }

  bool usable_long_enough(std::size_t member) const { return usable_long_enough_at(member) <= input_.now; }
  Instant usable_long_enough_at(std::size_t member) const {
    return report(member).since + input_.record.failback_delay;
  }

  // `best`, or the present members while a delay applies.
  Selection apply_delays(const Selection& best) {
    Tier kept = Tier::kNone;
    for (const std::size_t member : status_.chosen) kept = std::min(kept, tiers_[member]);
    if (best.members == status_.chosen || best.nodata) return end_waiting(best);
    if (kept == Tier::kNone) return wait_for_preemption(best);
    if (in_hold_down() && !configuration_changed_)
      return keep_current(kept, status_.chosen_since + input_.record.hold_down);
    std::vector<Tier> pool = tiers_;
    for (std::size_t i = 0; i < pool.size(); ++i) {
      if (has(status_.chosen, i) || pool[i] < kept || pool[i] == Tier::kNone || usable_long_enough(i)) continue;
      pool[i] = Tier::kNone;
      evaluate_again_at(usable_long_enough_at(i));
    }
    const Selection selected = select_members(candidates(pool));
    for (const std::size_t member : best.members) {
      if (!has(selected.members, member) && tiers_[member] != Tier::kNone && pool[member] == Tier::kNone)
        wait_for_failback(member);
    }
    return is_measured(selected, kept) ? wait_for_measurement(selected, kept) : end_waiting(selected);
  }

  Selection end_waiting(const Selection& selected) {
    status_.pending.clear();
    status_.pending_since = std::nullopt;
    return selected;
  }

  void wait_for_failback(std::size_t member) {
    if (delay_reason_.empty())
      delay_reason_ = fmt::format("; {} must first be usable for the failback delay", name(member));
    change_at(usable_long_enough_at(member));
    evaluate_again_at(usable_long_enough_at(member));
  }

  Selection keep_current(Tier kept, Instant until) {
    if (delay_reason_.empty()) delay_reason_ = "; waiting for the end of the hold-down time";
    change_at(until);
    evaluate_again_at(until);
    Members members = status_.chosen;
    std::erase_if(members, [&](std::size_t member) { return tiers_[member] == Tier::kNone; });
    return {std::move(members), kept, false};
  }

  bool in_hold_down() const {
    if (input_.now >= status_.chosen_since + input_.record.hold_down) return false;
    return std::all_of(status_.chosen.begin(), status_.chosen.end(), [&](std::size_t member) {
      return tiers_[member] != Tier::kNone && tiers_[member] != Tier::kDrained;
    });
  }

  // True if the chosen member is down only because its router is on standby and a better member's router is active.
  bool is_preempted(const Selection& best) const {
    const bool one = returns_one_member(input_.record.policy) && status_.chosen.size() == 1 && best.members.size() == 1;
    return one && best.tier == Tier::kUsable && report(status_.chosen[0]).standby &&
           is_preferred(input_.record, input_.members, best.members[0], status_.chosen[0]);
  }

  Selection wait_for_preemption(const Selection& best) {
    if (!is_preempted(best) || usable_long_enough(best.members[0])) return end_waiting(best);
    wait_for_failback(best.members[0]);
    return {status_.chosen, Tier::kUsable, false};
  }

  // True if measurements, and not states, made the difference.
  bool is_measured(const Selection& selected, Tier kept) const {
    if (configuration_changed_ || selected.members == status_.chosen || selected.tier != kept ||
        !returns_one_member(input_.record.policy))
      return false;
    return input_.record.policy == Policy::kBestQuality || selected.tier == Tier::kDegraded;
  }

  Selection wait_for_measurement(const Selection& selected, Tier kept) {
    if (status_.pending != selected.members || !status_.pending_since) {
      status_.pending = selected.members;
      status_.pending_since = input_.now;
    }
    const Instant ends_at = *status_.pending_since + input_.record.failback_delay;
    if (input_.now >= ends_at) return end_waiting(selected);
    delay_reason_ = fmt::format("; {} must first measure better for the failback delay", names(selected.members));
    return keep_current(kept, ends_at);
  }

  // The members that would be served if all were usable, with `selected` as the present choice.
  Members without_failures(const Members& selected) const {
    std::vector<Tier> tiers;
    for (const MemberStatus& member : input_.members) {
      tiers.push_back(!member.allowed ? Tier::kNone : member.last_resort ? Tier::kLastResort : Tier::kUsable);
    }
    return select_members({input_.record, input_.members, std::move(tiers),
                           selected.size() == 1 ? std::optional(selected[0]) : std::nullopt})
        .members;
  }

  Target explain(const Selection& selected, const Selection& best) {
    if (selected.nodata)
      return {ServedKind::kNodata, {}, RecordState::kDegraded, "no member meets the SLA: answering NODATA"};
    const Members normal = without_failures(selected.members);
    Target target{ServedKind::kMembers, selected.members, RecordState::kNormal, {}};
    if (selected.tier == Tier::kDegraded || selected.tier == Tier::kLastResort || any_degraded(selected.members)) {
      target.state = RecordState::kDegraded;
    } else if (selected.members != normal) {
      target.state = RecordState::kFailedOver;
    }
    target.rule = fmt::format("{}{}", names(selected.members), tier_words(selected.tier));
    for (const std::size_t member : normal) {
      if (!has(selected.members, member))
        target.rule += fmt::format("; {} is {}: {}", name(member), state_word(member), report(member).reason);
    }
    if (selected.members != best.members) target.rule += delay_reason_;
    if (status_.damped_until) {
      explain_damping(target);
    } else if (target.state != RecordState::kDegraded) {
      explain_router(target);
    }
    target.rule += note_;
    return target;
  }

  void explain_damping(Target& target) {
    const auto seconds = [](Duration span) { return std::chrono::ceil<std::chrono::seconds>(span).count(); };
    status_.frozen_by =
        fmt::format("damped: {} changes within {} s", status_.changes.size(), seconds(input_.record.damp_within));
    target.state = RecordState::kFrozen;
    target.rule += fmt::format("; {}; a better member must wait until the record did not change for {} s",
                               status_.frozen_by, seconds(input_.record.damp_hold));
    change_at(input_.now);
    evaluate_again_at(*status_.damped_until);
  }

  void explain_router(Target& target) {
    for (const std::size_t member : target.members) {
      if (input_.members[member].frozen_by.empty()) continue;
      status_.frozen_by = input_.members[member].frozen_by;
      target.state = RecordState::kFrozen;
    }
  }

  bool any_degraded(const Members& members) const {
    return std::any_of(members.begin(), members.end(),
                       [&](std::size_t member) { return report(member).state == MemberState::kDegraded; });
  }

  static std::string_view tier_words(Tier tier) {
    switch (tier) {
      case Tier::kUsable: return "";
      case Tier::kDegraded: return ", the smallest violation: no member meets the SLA";
      case Tier::kLastResort: return ", as the last resort";
      case Tier::kDrained: return ", although drained: no other member is usable";
      case Tier::kNone: return "";
    }
    return "";
  }

  void set_state(RecordState state) {
    if (status_.state == state) return;
    status_.state = state;
    status_.since = input_.now;
  }

  void apply(Target target, Cause cause) {
    const bool changed = target.served != status_.served || target.members != status_.chosen;
    const bool decided = is_decided();
    status_.rule = std::move(target.rule);
    status_.unproven = target.unproven;
    if (changed) {
      note_good();
      status_.served = target.served;
      status_.chosen = std::move(target.members);
      status_.chosen_since = input_.now;
      if (decided) ++status_.transitions;
      if (decided && cause == Cause::kHealth) count_change();
    }
    set_state(target.state);
  }

  void count_change() {
    if (input_.record.damp_transitions == 0) return;
    status_.changes.push_back(input_.now);
    forget_old_changes();
    if (status_.damped_until || status_.changes.size() > input_.record.damp_transitions)
      status_.damped_until = input_.now + input_.record.damp_hold;
  }

  void forget_old_changes() {
    const auto is_over = [&](Instant at) { return at + input_.record.damp_within <= input_.now; };
    while (!status_.changes.empty() &&
           (is_over(status_.changes.front()) || status_.changes.size() > input_.record.damp_transitions + 1))
      status_.changes.pop_front();
  }

  void set_ttl() {
    const std::uint32_t max = std::max(input_.record.ttl_max, 1U), min = std::clamp(input_.record.ttl_min, 1U, max);
    const Duration span = ttl_span();
    for (std::size_t i = 0; i < tiers_.size(); ++i) expect_change_of(i);
    const bool near = next_change_ && *next_change_ - input_.now < span;
    if (status_.short_ttl_until && input_.now >= *status_.short_ttl_until) status_.short_ttl_until = std::nullopt;
    if (near && !status_.short_ttl_until) status_.short_ttl_until = input_.now + span;
    if (next_change_ && !near) evaluate_again_at(*next_change_ - span + std::chrono::nanoseconds{1});
    if (status_.short_ttl_until) evaluate_again_at(*status_.short_ttl_until);
    status_.ttl = status_.short_ttl_until ? min : max;
  }

  Duration ttl_span() const { return std::chrono::seconds{std::max(input_.record.ttl_max, 1U)}; }

  // Notes when `member` can change the answer. Members that the answer does not depend on do not lower its TTL.
  void expect_change_of(std::size_t member) {
    const MemberStatus& status = input_.members[member];
    if (has(status_.chosen, member)) {
      if (status.change_at) change_at(*status.change_at);
      if (status.router_unstable || status.report.state == MemberState::kUnknown) change_at(input_.now);
    } else if (status.change_at && is_needed(member)) {
      change_at(*status.change_at);
    } else if (status.change_at && would_join(member)) {
      // A result that may come at any time stays as far away as the failback delay: no time to evaluate again.
      const Duration wait = *status.change_at - input_.now + input_.record.failback_delay;
      if (*status.change_at > input_.now || wait < ttl_span()) change_at(input_.now + wait);
    }
  }

  // True if the record counts as all down without this member.
  bool is_needed(std::size_t member) const {
    return tiers_[member] != Tier::kNone && available_ + unknown_ <= input_.record.min_up;
  }

  // True if the member would be chosen if it were usable.
  bool would_join(std::size_t member) const {
    const Tier usable = input_.members[member].last_resort ? Tier::kLastResort : Tier::kUsable;
    if (!input_.members[member].allowed || tiers_[member] == usable || tiers_[member] == Tier::kDrained) return false;
    std::vector<Tier> tiers = tiers_;
    tiers[member] = usable;
    return has(select_members(candidates(std::move(tiers))).members, member);
  }

  const DecisionInput& input_;
  RecordStatus& status_;
  std::vector<Tier> tiers_;
  std::size_t available_ = 0, unknown_ = 0;
  bool some_unknown_ = false;  // at least one is unknown: keep the record rather than empty it
  bool configuration_changed_ = false;
  const bool was_all_down_ = status_.all_down_since.has_value();
  std::optional<Instant> next_change_, next_;
  std::string delay_reason_, note_;
};

}  // namespace

// A second run after a change includes the new delays in the TTL, and makes a repeated call change nothing.
std::optional<Instant> update_record(const DecisionInput& input, RecordStatus& status) {
  const std::uint64_t transitions = status.transitions;
  const ServedKind served = status.served;
  const bool all_down = status.all_down_since.has_value();
  const std::uint64_t configuration = status.configuration;
  const std::optional<Instant> next = RecordUpdate(input, status).run();
  if (transitions == status.transitions && served == status.served && configuration == status.configuration &&
      all_down == status.all_down_since.has_value())
    return next;
  return RecordUpdate(input, status).run();
}

}  // namespace server
