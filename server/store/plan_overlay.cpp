#include "server/store/plan_overlay.h"

#include <algorithm>

#include "server/zonefiles/reader.h"
#include "zone/field/text.h"
#include "zone/name/text.h"

namespace server {
namespace {

std::uint64_t hash_of(const dns::Key& name) {
  return content_hash(dns::as_text({name.folded.data(), name.folded_size}));
}

dns::Rrset encoded_choice(const ManagedRrset& desired) {
  return desired.choice ? dns::encode(*desired.choice) : dns::Rrset();
}

// The zone file's own RRset, if it may be overridden.
dns::Result<dns::Rrset, SuspendReason> original_rrset(const dns::Zone& zone, const NameServers& servers,
                                                      const ManagedRrset& desired) {
  const dns::Key key(desired.owner);
  const dns::Lookup found = zone.find(key);
  if (found.cut_or_dname) return dns::Failure<SuspendReason>(SuspendReason::kDelegated);
  const auto set = found.node ? found.node->find(desired.type) : std::nullopt;
  if (!set) return dns::Failure<SuspendReason>(SuspendReason::kNoSet);
  if (servers.contains(key)) return dns::Failure<SuspendReason>(SuspendReason::kNameServer);
  if (is_signed(zone)) return dns::Failure<SuspendReason>(SuspendReason::kSigned);
  return dns::Rrset(*set);
}

// With a client choice only, clients without a view get the zone file's own RRset.
const dns::Rrset& default_rrset(const ManagedRrset& desired, const dns::Rrset& original) {
  return desired.set.count == 0 ? original : desired.set;
}

// Collects the changes for one zone.
class OverlayPlanner {
 public:
  OverlayPlanner(const dns::Zone& zone, const NameServers* servers) : zone_(zone), servers_(servers) {}

  void fulfil(const Wish& wish, const OverriddenRrsetPtr& overridden) {
    if (overridden == nullptr) {
      if (wish.value != nullptr) start(wish.value);
    } else if (wish.value == nullptr) {
      edits_.push_back({&overridden->owner, overridden->type, nullptr});
      replace(*overridden, {overridden->owner, overridden->type, {}, overridden->original, {}});
    } else if (overridden->source != wish.value) {
      replace(*overridden, put(overridden->original, wish.value));
    }
  }

  // The client choices of an owner come after all its RRsets.
  OverlayChanges result(const OverriddenRrsets& overridden) {
    std::ranges::stable_sort(result_.changes, [](const dns::RrsetChange& a, const dns::RrsetChange& b) {
      const auto owners = dns::canonical_order(a.owner, b.owner);
      return owners == 0 ? std::pair(a.type, a.covered) < std::pair(b.type, b.covered) : owners < 0;
    });
    result_.overridden = overridden.with(edits_);
    return std::move(result_);
  }

 private:
  void start(const ManagedRrsetPtr& desired) {
    const auto original = original_rrset(zone_, *servers_, *desired);
    if (!original) return result_.suspended.push_back({desired->owner, desired->type, original.error()});
    replace({desired->owner, desired->type, {}, *original, {}}, put(*original, desired));
  }

  const OverriddenRrset& put(const dns::Rrset& original, const ManagedRrsetPtr& desired) {
    auto overridden = std::make_shared<const OverriddenRrset>(OverriddenRrset{
        desired->owner, desired->type, original, default_rrset(*desired, original), encoded_choice(*desired), desired});
    edits_.push_back({&overridden->owner, overridden->type, overridden});
    return *overridden;
  }

  void replace(const OverriddenRrset& before, const OverriddenRrset& after) {
    if (!(before.set == after.set)) result_.changes.push_back({after.owner, after.type, {}, before.set, after.set});
    if (!(before.choice == after.choice))
      result_.changes.push_back({after.owner, dns::kClientChoiceType, after.type, before.choice, after.choice});
  }

  const dns::Zone& zone_;
  const NameServers* servers_;
  std::vector<OverriddenRrsets::Edit> edits_;  // in order
  OverlayChanges result_;
};

}  // namespace

bool is_signed(const dns::Zone& zone) {
  const auto apex = zone.apex_node();
  return apex && apex->signatures_of(dns::Type::SOA).has_value();
}

std::string to_text(const SuspendedRrset& rrset) {
  std::string owner = dns::to_text(rrset.owner);
  if (owner.size() > 1) owner.pop_back();
  return "cannot manage " + owner + " " + dns::to_text(rrset.type) + ": " + std::string(describe(rrset.reason)) +
         "; serving the zone file's records";
}

std::string_view describe(SuspendReason reason) {
  switch (reason) {
    case SuspendReason::kNoZone: return "no zone here holds the name";
    case SuspendReason::kNoSet: return "the zone has no such records to begin with";
    case SuspendReason::kDelegated: return "the name is delegated away or below a DNAME";
    case SuspendReason::kNameServer: return "an NS record names it";
    case SuspendReason::kSigned: return "the zone is signed, and its signatures would no longer fit";
  }
  return {};
}

NameServers::NameServers(const dns::Zone& zone) {
  dns::Key key;
  zone.for_each([&](const dns::NodeView& node) {
    if (const auto servers = node.find(dns::Type::NS)) {
      for (const dns::Bytes rdata : *servers) {
        const dns::NameView name = dns::NameView::trusted(rdata.data(), rdata.size());
        if (!name.is_within(zone.apex())) continue;
        key.assign(name);
        hashes_.push_back(hash_of(key));
      }
    }
    return true;
  });
  std::ranges::sort(hashes_);
  hashes_.erase(std::ranges::unique(hashes_).begin(), hashes_.end());
}

bool NameServers::contains(const dns::Key& name) const { return std::ranges::binary_search(hashes_, hash_of(name)); }

OverlayChanges plan_overlay(const dns::Zone& zone, const NameServers* servers, const OverriddenRrsets& overridden,
                            std::span<const Wish> wishes) {
  OverlayPlanner planner(zone, servers);
  for (const Wish& wish : wishes) planner.fulfil(wish, overridden.find(*wish.owner, wish.type));
  return planner.result(overridden);
}

std::optional<dns::RrsetChange> serial_change(const dns::Zone& zone, dns::Serial serial) {
  const auto apex = zone.apex_node();
  const auto soa = apex ? apex->find(dns::Type::SOA) : std::nullopt;
  if (!soa) return std::nullopt;
  dns::RrsetChange change{zone.apex(), dns::Type::SOA, {}, dns::Rrset(*soa), dns::Rrset(*soa)};
  dns::store32(change.after.packed.data() + change.after.packed.size() - kSerialFromEnd, serial.value);
  return change;
}

void set_serial(dns::Change& change, const dns::Zone& zone, dns::Serial serial) {
  auto soa = serial_change(zone, serial);
  if (!soa) return;
  const auto before = [](const dns::RrsetChange& a, const dns::RrsetChange& b) {
    const auto owners = dns::canonical_order(a.owner, b.owner);
    return owners == 0 ? a.type < b.type : owners < 0;
  };
  change.sets.insert(std::ranges::upper_bound(change.sets, *soa, before), std::move(*soa));
}

}  // namespace server
