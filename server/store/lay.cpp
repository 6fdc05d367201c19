#include "server/store/lay.h"

#include <algorithm>

#include "server/folder/reader.h"

namespace server {
namespace {

constexpr std::size_t kSerialFromEnd = 20;   // the SOA's RDATA ends in five numbers of 32 bits (RFC 1035 3.3.13)

std::uint64_t mark_of(const dns::Key& name) { return content_mark(dns::as_text({name.folded.data(), name.folded_size})); }

dns::Rrset choice_of(const ManagedSet& wanted) { return wanted.choice ? dns::encode(*wanted.choice) : dns::Rrset(); }

bool is_signed(const dns::Zone& zone) {
  const auto apex = zone.apex_node();
  return apex && apex->signatures_of(dns::Type::SOA).has_value();
}

// The zone file's own set where it may be replaced.
dns::Result<dns::Rrset, Obstacle> original_of(const dns::Zone& zone, const NameServers& servers, const ManagedSet& wanted) {
  const dns::Key key(wanted.owner);
  const dns::Lookup found = zone.find(key);
  if (found.covering) return dns::Failure<Obstacle>(Obstacle::kDelegated);
  const auto set = found.node ? found.node->find(wanted.type) : std::nullopt;
  if (!set) return dns::Failure<Obstacle>(Obstacle::kNoSet);
  if (servers.contains(key)) return dns::Failure<Obstacle>(Obstacle::kNameServer);
  if (is_signed(zone)) return dns::Failure<Obstacle>(Obstacle::kSigned);
  return dns::Rrset(*set);
}

// What stands beside a choice where steering has nothing to show to plain clients is the zone file's own.
const dns::Rrset& plain_of(const ManagedSet& wanted, const dns::Rrset& original) { return wanted.set.count == 0 ? original : wanted.set; }

// Gathers the way from what lies over a zone to what shall.
class Layer {
 public:
  Layer(const dns::Zone& zone, const NameServers* servers) : zone_(zone), servers_(servers) {}

  void lift(const LaidSet& laid) { replace(laid, {laid.owner, laid.type, {}, laid.original, {}}); }

  void keep(const SharedLaid& laid) { result_.laid.push_back(laid); }

  void alter(const LaidSet& laid, const SharedSet& wanted) {
    add(laid.original, wanted);
    replace(laid, *result_.laid.back());
  }

  void begin(const SharedSet& wanted) {
    auto original = original_of(zone_, *servers_, *wanted);
    if (!original) return result_.suspended.push_back({wanted->owner, wanted->type, original.error()});
    add(*original, wanted);
    replace({wanted->owner, wanted->type, {}, *original, {}}, *result_.laid.back());
  }

  // An owner's choices stand behind all its sets.
  Laying result() {
    std::ranges::stable_sort(result_.changes, [](const dns::SetChange& a, const dns::SetChange& b) {
      const auto owners = dns::canonical_order(a.owner, b.owner);
      return owners == 0 ? std::pair(a.type, a.covered) < std::pair(b.type, b.covered) : owners < 0;
    });
    return std::move(result_);
  }

 private:
  void add(const dns::Rrset& original, const SharedSet& wanted) {
    result_.laid.push_back(std::make_shared<const LaidSet>(
        LaidSet{wanted->owner, wanted->type, original, plain_of(*wanted, original), choice_of(*wanted), wanted}));
  }

  void replace(const LaidSet& before, const LaidSet& after) {
    if (!(before.set == after.set)) result_.changes.push_back({after.owner, after.type, {}, before.set, after.set});
    if (!(before.choice == after.choice))
      result_.changes.push_back({after.owner, dns::kClientChoiceType, after.type, before.choice, after.choice});
  }

  const dns::Zone& zone_;
  const NameServers* servers_;
  Laying result_;
};

}  // namespace

std::string_view describe(Obstacle obstacle) {
  switch (obstacle) {
    case Obstacle::kNoZone: return "no zone here holds the name";
    case Obstacle::kNoSet: return "the zone has no such records to begin with";
    case Obstacle::kDelegated: return "the name is delegated away or below a DNAME";
    case Obstacle::kNameServer: return "an NS record names it";
    case Obstacle::kSigned: return "the zone is signed, and its signatures would no longer fit";
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
        marks_.push_back(mark_of(key));
      }
    }
    return true;
  });
  std::ranges::sort(marks_);
  marks_.erase(std::ranges::unique(marks_).begin(), marks_.end());
}

bool NameServers::contains(const dns::Key& name) const { return std::ranges::binary_search(marks_, mark_of(name)); }

Laying lay(const dns::Zone& zone, const NameServers* servers, const LaidSets& laid, WantedSets wanted) {
  Layer layer(zone, servers);
  std::size_t i = 0, j = 0;
  while (i < laid.size() || j < wanted.size()) {
    if (i < laid.size() && j < wanted.size() && laid[i]->made_of == *wanted[j]) {
      layer.keep(laid[i++]);
      ++j;
      continue;
    }
    const auto which = i == laid.size()     ? std::strong_ordering::greater
                       : j == wanted.size() ? std::strong_ordering::less
                                            : order(*laid[i], (*wanted[j])->owner, (*wanted[j])->type);
    if (which < 0) {
      layer.lift(*laid[i++]);
    } else if (which > 0) {
      layer.begin(*wanted[j++]);
    } else {
      layer.alter(*laid[i++], *wanted[j++]);
    }
  }
  return layer.result();
}

std::optional<dns::SetChange> serial_change(const dns::Zone& zone, dns::Serial serial) {
  const auto apex = zone.apex_node();
  const auto soa = apex ? apex->find(dns::Type::SOA) : std::nullopt;
  if (!soa) return std::nullopt;
  dns::SetChange change{zone.apex(), dns::Type::SOA, {}, dns::Rrset(*soa), dns::Rrset(*soa)};
  dns::store32(change.after.packed.data() + change.after.packed.size() - kSerialFromEnd, serial.value);
  return change;
}

void set_serial(dns::Change& change, const dns::Zone& zone, dns::Serial serial) {
  auto soa = serial_change(zone, serial);
  if (!soa) return;
  const auto before = [](const dns::SetChange& a, const dns::SetChange& b) {
    const auto owners = dns::canonical_order(a.owner, b.owner);
    return owners == 0 ? a.type < b.type : owners < 0;
  };
  change.sets.insert(std::ranges::upper_bound(change.sets, *soa, before), std::move(*soa));
}

}  // namespace server
