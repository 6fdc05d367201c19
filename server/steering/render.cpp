#include "server/steering/render.h"

#include <algorithm>
#include <numeric>

namespace server {

namespace {

void add_addresses(dns::Rrset& set, const MemberOptions& member) {
  for (const boost::asio::ip::address& address : member.addresses) {
    if (address.is_v4()) {
      set.add(address.to_v4().to_bytes());
    } else {
      set.add(address.to_v6().to_bytes());
    }
  }
}

class SetRenderer {
 public:
  SetRenderer(const SteeringOptions& options, const RecordGroup& group, const std::vector<RecordStatus>& statuses,
              const std::vector<std::vector<MemberStatus>>& members)
      : options_(options), group_(group), statuses_(statuses), members_(members) {}

  std::optional<ManagedRrset> run() {
    const RecordOptions& any = options_.records[group_.records[0]];
    ManagedRrset managed{any.owner, any.type, dns::Rrset(any.type, 0), std::nullopt};
    bool differs = false;
    for (const std::size_t record : group_.records) differs = differs || needs_choice(record);
    if (!differs) {
      if (statuses_[group_.records[0]].served != ServedKind::kMembers) return std::nullopt;
      managed.set = plain(group_.records[0]);
      return managed;
    }
    for (const std::size_t record : group_.records) {
      plan_.rules.push_back(arm(record));
      if (!options_.records[record].view && !served_members(record).empty()) managed.set = plain(record);
    }
    managed.choice = std::move(plan_);
    return managed;
  }

 private:
  bool needs_choice(std::size_t record) const {
    const RecordOptions& options = options_.records[record];
    return options.view || group_.records.size() > 1 || statuses_[record].served == ServedKind::kNodata ||
           is_split(record);
  }

  // True if each client sees one member.
  bool is_split(std::size_t record) const {
    const RecordOptions& options = options_.records[record];
    if (statuses_[record].served != ServedKind::kMembers || statuses_[record].chosen.size() < 2) return false;
    return (options.policy == Policy::kWeighted && options.pick == Pick::kOne) || is_migrating(record);
  }

  bool is_migrating(std::size_t record) const {
    const std::optional<Migration>& migrate = options_.records[record].migrate;
    if (!migrate || statuses_[record].served != ServedKind::kMembers ||
        statuses_[record].state == RecordState::kAllDown)
      return false;
    return statuses_[record].chosen ==
           std::vector{std::min(migrate->from, migrate->to), std::max(migrate->from, migrate->to)};
  }

  // The members that are served. In a view that is undecided or uses the zone file's records: all allowed members.
  std::vector<std::size_t> served_members(std::size_t record) const {
    switch (statuses_[record].served) {
      case ServedKind::kMembers: return statuses_[record].chosen;
      case ServedKind::kNodata: return {};
      case ServedKind::kUndecided:
      case ServedKind::kDefault: break;
    }
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < members_[record].size(); ++i) {
      if (members_[record][i].allowed) all.push_back(i);
    }
    return all;
  }

  std::uint32_t ttl_of(std::size_t record) const { return std::max(statuses_[record].ttl, 1U); }

  dns::Rrset set_of(std::size_t record, const std::vector<std::size_t>& members) const {
    dns::Rrset set(options_.records[record].type, ttl_of(record));
    for (const std::size_t member : members) add_addresses(set, options_.records[record].members[member]);
    return set;
  }

  // The set that transfers show.
  dns::Rrset plain(std::size_t record) const {
    std::vector<std::size_t> members = served_members(record);
    if (is_split(record) && options_.records[record].transfer_as == TransferAs::kBest) {
      const std::vector<std::uint32_t> weights = weights_of(record, members);
      members = {members[static_cast<std::size_t>(std::max_element(weights.begin(), weights.end()) - weights.begin())]};
    }
    return set_of(record, members);
  }

  std::vector<std::uint32_t> weights_of(std::size_t record, const std::vector<std::size_t>& members) const {
    std::vector<std::uint32_t> weights;
    const RecordOptions& options = options_.records[record];
    for (const std::size_t member : members) {
      if (is_migrating(record)) {
        weights.push_back(member == options.migrate->to ? options.migrate->percent : 100 - options.migrate->percent);
      } else {
        weights.push_back(options.members[member].weight);
      }
    }
    return weights;
  }

  // One entry for each member of the record, also for those not served now: a client returns to its member afterwards.
  std::vector<dns::WeightedMember> shares_of(std::size_t record, const std::vector<std::size_t>& members) const {
    const RecordOptions& options = options_.records[record];
    std::vector<dns::WeightedMember> shares;
    for (std::size_t i = 0; i < options.members.size(); ++i) {
      shares.push_back({dns::member_key(options.members[i].name), normal_weight(record, i), 0});
    }
    const std::vector<std::uint32_t> weights = weights_of(record, members);
    const bool weightless =
        std::all_of(weights.begin(), weights.end(), [](std::uint32_t weight) { return weight == 0; });
    for (std::size_t i = 0; i < members.size(); ++i) shares[members[i]].weight = weightless ? 1 : weights[i];
    return shares;
  }

  // A member's weight without failures. Clients of a staged migration belong to the member they migrate from.
  std::uint32_t normal_weight(std::size_t record, std::size_t member) const {
    const RecordOptions& options = options_.records[record];
    if (!members_[record][member].allowed) return 0;
    if (is_migrating(record)) return member == options.migrate->from ? 1 : 0;
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

  // The rules that follow need a variant each.
  std::size_t rules_left() const { return group_.records.size() - plan_.rules.size() - 1; }

  dns::ViewRule arm(std::size_t record) {
    const RecordOptions& options = options_.records[record];
    dns::ViewRule made;
    made.view = options.view ? static_cast<std::uint8_t>(*options.view) : dns::kNoView;
    made.sticky = options.sticky || is_migrating(record) ? dns::Sticky::kClient : dns::Sticky::kNone;
    const std::vector<std::size_t> members = served_members(record);
    if (!is_split(record)) {
      made.slots.fill(variant(set_of(record, members)));
      return made;
    }
    if (options.members.size() > dns::kMaxWeightedMembers ||
        plan_.variants.size() + members.size() + rules_left() > dns::kMaxVariants) {
      made.slots.fill(variant(set_of(record, {members.front()})));
      return made;
    }
    made.slots = dns::assign_slots(shares_of(record, members));
    std::vector<std::uint8_t> variants(options.members.size());
    for (const std::size_t member : members) variants[member] = variant(set_of(record, {member}));
    for (std::uint8_t& slot : made.slots) slot = variants[slot];
    return made;
  }

  const SteeringOptions& options_;
  const RecordGroup& group_;
  const std::vector<RecordStatus>& statuses_;
  const std::vector<std::vector<MemberStatus>>& members_;
  dns::ClientChoice plan_;
};

}  // namespace

std::vector<RecordGroup> group_records(const SteeringOptions& options) {
  std::vector<std::size_t> order(options.records.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const auto names = dns::canonical_order(options.records[a].owner, options.records[b].owner);
    return names != 0 ? names < 0 : options.records[a].type < options.records[b].type;
  });
  std::vector<RecordGroup> groups;
  for (const std::size_t record : order) {
    const RecordOptions* last = groups.empty() ? nullptr : &options.records[groups.back().records[0]];
    if (last == nullptr || last->owner != options.records[record].owner || last->type != options.records[record].type)
      groups.emplace_back();
    groups.back().records.push_back(record);
  }
  return groups;
}

std::optional<ManagedRrset> render(const SteeringOptions& options, const RecordGroup& group,
                                   const std::vector<RecordStatus>& statuses,
                                   const std::vector<std::vector<MemberStatus>>& members) {
  return SetRenderer(options, group, statuses, members).run();
}

}  // namespace server
