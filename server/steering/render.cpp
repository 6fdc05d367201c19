#include "server/steering/render.h"

#include <algorithm>
#include <numeric>

namespace server {

namespace {

// A choice holds 255 variants: beyond these members are answered together, so that each of 65 rules finds room.
inline constexpr std::size_t kMaxPickedVariants = 190;

void add_addresses(dns::Rrset& set, const MemberOptions& member) {
  for (const boost::asio::ip::address& address : member.addresses) {
    if (address.is_v4()) {
      set.add(address.to_v4().to_bytes());
    } else {
      set.add(address.to_v6().to_bytes());
    }
  }
}

class Renderer {
 public:
  Renderer(const SteeringOptions& options, const AnswerGroup& group, const std::vector<AnswerTrack>& tracks,
           const std::vector<std::vector<MemberStatus>>& members)
      : options_(options), group_(group), tracks_(tracks), members_(members) {}

  std::optional<ManagedSet> run() {
    const AnswerOptions& any = options_.answers[group_.answers[0]];
    ManagedSet managed{any.owner, any.type, dns::Rrset(any.type, 0), std::nullopt};
    bool differs = false;
    for (const std::size_t answer : group_.answers) differs = differs || needs_choice(answer);
    if (!differs) {
      if (tracks_[group_.answers[0]].given != Given::kMembers) return std::nullopt;
      managed.set = plain(group_.answers[0]);
      return managed;
    }
    for (const std::size_t answer : group_.answers) {
      plan_.rules.push_back(arm(answer));
      if (!options_.answers[answer].view && !shown(answer).empty()) managed.set = plain(answer);
    }
    managed.choice = std::move(plan_);
    return managed;
  }

 private:
  bool needs_choice(std::size_t answer) const {
    const AnswerOptions& options = options_.answers[answer];
    return options.view || group_.answers.size() > 1 || tracks_[answer].given == Given::kNodata || is_split(answer);
  }

  // Whether clients see one member each.
  bool is_split(std::size_t answer) const {
    const AnswerOptions& options = options_.answers[answer];
    if (tracks_[answer].given != Given::kMembers || tracks_[answer].chosen.size() < 2) return false;
    return (options.policy == Policy::kWeighted && options.pick == Pick::kOne) || is_migrating(answer);
  }

  bool is_migrating(std::size_t answer) const {
    const std::optional<Migration>& migrate = options_.answers[answer].migrate;
    if (!migrate || tracks_[answer].given != Given::kMembers || tracks_[answer].state == AnswerState::kAllDown) return false;
    return tracks_[answer].chosen == std::vector{std::min(migrate->from, migrate->to), std::max(migrate->from, migrate->to)};
  }

  // The members that are answered; in a view that is undecided, or is left to the zone's own set, all that are allowed.
  std::vector<std::size_t> shown(std::size_t answer) const {
    switch (tracks_[answer].given) {
      case Given::kMembers: return tracks_[answer].chosen;
      case Given::kNodata: return {};
      case Given::kUndecided:
      case Given::kDefault: break;
    }
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < members_[answer].size(); ++i) {
      if (members_[answer][i].allowed) all.push_back(i);
    }
    return all;
  }

  std::uint32_t ttl_of(std::size_t answer) const { return std::max(tracks_[answer].ttl, 1U); }

  dns::Rrset set_of(std::size_t answer, const std::vector<std::size_t>& members) const {
    dns::Rrset set(options_.answers[answer].type, ttl_of(answer));
    for (const std::size_t member : members) add_addresses(set, options_.answers[answer].members[member]);
    return set;
  }

  // What transfers show.
  dns::Rrset plain(std::size_t answer) const {
    std::vector<std::size_t> members = shown(answer);
    if (is_split(answer) && options_.answers[answer].transfer_as == TransferAs::kBest) {
      const std::vector<std::uint32_t> weights = weights_of(answer, members);
      members = {members[static_cast<std::size_t>(std::max_element(weights.begin(), weights.end()) - weights.begin())]};
    }
    return set_of(answer, members);
  }

  std::vector<std::uint32_t> weights_of(std::size_t answer, const std::vector<std::size_t>& members) const {
    std::vector<std::uint32_t> weights;
    const AnswerOptions& options = options_.answers[answer];
    for (const std::size_t member : members) {
      if (is_migrating(answer)) {
        weights.push_back(member == options.migrate->to ? options.migrate->percent : 100 - options.migrate->percent);
      } else {
        weights.push_back(options.members[member].weight);
      }
    }
    return weights;
  }

  // One a member of the answer, also of those that are not answered now: a client's home outlives their absence.
  std::vector<dns::WeightedMember> shares_of(std::size_t answer, const std::vector<std::size_t>& members) const {
    const AnswerOptions& options = options_.answers[answer];
    std::vector<dns::WeightedMember> shares;
    for (std::size_t i = 0; i < options.members.size(); ++i) {
      shares.push_back({dns::member_key(options.members[i].name), home_of(answer, i), 0});
    }
    const std::vector<std::uint32_t> weights = weights_of(answer, members);
    const bool weightless = std::all_of(weights.begin(), weights.end(), [](std::uint32_t weight) { return weight == 0; });
    for (std::size_t i = 0; i < members.size(); ++i) shares[members[i]].weight = weightless ? 1 : weights[i];
    return shares;
  }

  // What a member weighs when all is well; clients that migrate are at home where they come from.
  std::uint32_t home_of(std::size_t answer, std::size_t member) const {
    const AnswerOptions& options = options_.answers[answer];
    if (!members_[answer][member].allowed) return 0;
    if (is_migrating(answer)) return member == options.migrate->from ? 1 : 0;
    return options.members[member].weight;
  }

  std::uint8_t variant(dns::Rrset set) {
    const auto found = std::find(plan_.variants.begin(), plan_.variants.end(), set);
    if (found == plan_.variants.end()) {
      plan_.variants.push_back(std::move(set));
      return static_cast<std::uint8_t>(plan_.variants.size() - 1);
    }
    return static_cast<std::uint8_t>(found - plan_.variants.begin());
  }

  dns::ViewRule arm(std::size_t answer) {
    const AnswerOptions& options = options_.answers[answer];
    dns::ViewRule made;
    made.view = options.view ? static_cast<std::uint8_t>(*options.view) : dns::kNoView;
    made.sticky = options.sticky || is_migrating(answer) ? dns::Sticky::kClient : dns::Sticky::kNone;
    const std::vector<std::size_t> members = shown(answer);
    const bool fits = options.members.size() <= dns::kMaxWeightedMembers && plan_.variants.size() + members.size() <= kMaxPickedVariants;
    if (!is_split(answer) || !fits) {
      made.slots.fill(variant(set_of(answer, members)));
      return made;
    }
    made.slots = dns::assign_slots(shares_of(answer, members));
    std::vector<std::uint8_t> variants(options.members.size());
    for (const std::size_t member : members) variants[member] = variant(set_of(answer, {member}));
    for (std::uint8_t& slot : made.slots) slot = variants[slot];
    return made;
  }

  const SteeringOptions& options_;
  const AnswerGroup& group_;
  const std::vector<AnswerTrack>& tracks_;
  const std::vector<std::vector<MemberStatus>>& members_;
  dns::ClientChoice plan_;
};

}  // namespace

std::vector<AnswerGroup> group_answers(const SteeringOptions& options) {
  std::vector<std::size_t> order(options.answers.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const auto names = dns::canonical_order(options.answers[a].owner, options.answers[b].owner);
    return names != 0 ? names < 0 : options.answers[a].type < options.answers[b].type;
  });
  std::vector<AnswerGroup> groups;
  for (const std::size_t answer : order) {
    const AnswerOptions* last = groups.empty() ? nullptr : &options.answers[groups.back().answers[0]];
    if (last == nullptr || last->owner != options.answers[answer].owner || last->type != options.answers[answer].type) groups.emplace_back();
    groups.back().answers.push_back(answer);
  }
  return groups;
}

std::optional<ManagedSet> render(const SteeringOptions& options, const AnswerGroup& group, const std::vector<AnswerTrack>& tracks,
                                 const std::vector<std::vector<MemberStatus>>& members) {
  return Renderer(options, group, tracks, members).run();
}

}  // namespace server
