#include "tests/support/random_zones.h"

#include <algorithm>

#include "tests/support/choices.h"
#include "tests/support/random_signing.h"
#include "tests/support/zone_from_text.h"
#include "zone/build/builder.h"
#include "zone/rr/rdata.h"

namespace dns::test {
namespace {

using Random = std::mt19937_64;
using Rdata = std::vector<std::uint8_t>;

constexpr const char* kApexes[] = {".", "example.", "a.example.", "b.a.example.", "test.", "*.example."};
constexpr const char* kLabels[] = {"a", "b",  "c", "A",
                                   "*", "ns", "d", "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"};

std::size_t below(Random& random, std::size_t bound) { return static_cast<std::size_t>(random() % bound); }

Name random_below(Random& random, NameView apex, std::size_t labels_max) {
  Name name = apex;
  for (std::size_t count = below(random, labels_max + 1); count > 0; --count) {
    const std::string_view label = kLabels[below(random, std::size(kLabels))];
    Rdata wire{static_cast<std::uint8_t>(label.size())};
    wire.insert(wire.end(), label.begin(), label.end());
    if (const auto longer = join(wire, name)) name = *longer;
  }
  return name;
}

Name random_target(Random& random, NameView apex) {
  const Name under = below(random, 4) == 0 ? name_of(kApexes[below(random, std::size(kApexes))]) : Name(apex);
  return random_below(random, under, 3);
}

Rdata prefixed(std::size_t octets, NameView name) {
  Rdata rdata(octets, 1);
  rdata.insert(rdata.end(), name.bytes().begin(), name.bytes().end());
  return rdata;
}

Rdata random_octets(Random& random, std::size_t count) {
  Rdata rdata(count);
  for (std::uint8_t& octet : rdata) octet = static_cast<std::uint8_t>(below(random, 4));
  return rdata;
}

Rdata text_rdata(Random& random) {
  Rdata rdata(1 + below(random, 200), 't');
  rdata[0] = static_cast<std::uint8_t>(rdata.size() - 1);
  return rdata;
}

// Adds one set to the zone, within the rules for zones: the existing records at the owner may exclude it.
class Planter {
 public:
  Planter(Random& random, ListedZone& zone) : random_(random), zone_(zone) {}

  void soa_and_ns() {
    Rdata soa = prefixed(0, random_below(random_, zone_.apex, 1));
    const Rdata rest = prefixed(0, random_below(random_, zone_.apex, 1));
    soa.insert(soa.end(), rest.begin(), rest.end());
    soa.resize(soa.size() + 20, 0);  // serial 0, and a MINIMUM below or above the TTL
    soa.back() = static_cast<std::uint8_t>(below(random_, 200));
    put(zone_.apex, Type::SOA, soa, 100);
    put(zone_.apex, Type::NS, prefixed(0, random_target(random_, zone_.apex)), 100);
  }

  void plant() {
    const Name owner = random_below(random_, zone_.apex, 3);
    const bool apex = owner.view() == zone_.apex.view();
    switch (below(random_, 10)) {
      case 0: return addresses(owner);
      case 1: return addresses(owner);
      case 2: return apex ? addresses(owner) : alias(owner);
      case 3: return apex || owner.view().is_wildcard() ? addresses(owner) : servers(owner);
      case 4: return several(owner, Type::MX, 2);
      case 5: return several(owner, Type::SRV, 6);
      case 6: return dname(owner);
      case 7: return text(owner);
      case 8: return delegation(owner);
      default: return addresses(owner);
    }
  }

 private:
  void addresses(NameView owner) {
    if (has(owner, Type::CNAME)) return;
    for (std::size_t count = 1 + below(random_, 3); count > 0; --count)
      put(owner, Type::A, random_octets(random_, 4), 60);
    if (below(random_, 2) == 0) put(owner, Type::AAAA, random_octets(random_, 16), 61);
  }
  void alias(NameView owner) {
    if (has_any(owner)) return;
    put(owner, Type::CNAME, prefixed(0, random_target(random_, zone_.apex)), 62);
  }
  void servers(NameView owner) {
    if (has(owner, Type::CNAME) || has(owner, Type::DNAME)) return;
    for (std::size_t count = 1 + below(random_, 4); count > 0; --count) {
      const Name host = below(random_, 2) == 0 ? random_below(random_, owner, 2) : random_target(random_, zone_.apex);
      put(owner, Type::NS, prefixed(0, host), 63);
      if (host.view().is_within(zone_.apex) && below(random_, 3) != 0) addresses(host);
    }
  }
  void delegation(NameView owner) {
    if (owner == zone_.apex.view() || owner.is_wildcard()) return addresses(owner);
    servers(owner);
    if (below(random_, 2) == 0 && !has(owner, Type::CNAME)) put(owner, Type::DS, random_octets(random_, 36), 64);
  }
  void several(NameView owner, Type type, std::size_t prefix) {
    if (has(owner, Type::CNAME)) return;
    for (std::size_t count = 1 + below(random_, 4); count > 0; --count)
      put(owner, type, prefixed(prefix, random_target(random_, zone_.apex)), 65);
  }
  void dname(NameView owner) {
    if (has(owner, Type::CNAME) || has(owner, Type::DNAME) || (has(owner, Type::NS) && owner != zone_.apex.view()))
      return;
    put(owner, Type::DNAME, prefixed(0, random_target(random_, zone_.apex)), 66);
  }
  void text(NameView owner) {
    if (has(owner, Type::CNAME)) return;
    for (std::size_t count = 1 + below(random_, 4); count > 0; --count) put(owner, Type::TXT, text_rdata(random_), 67);
  }

  bool has(NameView owner, Type type) const {
    return std::ranges::any_of(zone_.records,
                               [&](const ListedRecord& r) { return r.type == type && r.owner.view() == owner; });
  }
  bool has_any(NameView owner) const {
    return std::ranges::any_of(zone_.records, [&](const ListedRecord& r) { return r.owner.view() == owner; });
  }
  void put(NameView owner, Type type, const Rdata& rdata, std::uint32_t ttl) {
    for (const ListedRecord& record : zone_.records)
      if (record.type == type && record.owner.view() == owner && compare_rdata(type, record.rdata, rdata) == 0) return;
    zone_.records.push_back({owner, type, ttl, rdata});
  }

  Random& random_;
  ListedZone& zone_;
};

std::shared_ptr<const Zone> built(const ListedZone& listed) {
  ZoneBuilder builder(listed.apex);
  for (const ListedRecord& record : listed.records) builder.add(record.owner, record.type, record.ttl, record.rdata);
  std::shared_ptr<const Zone> zone = builder.finish().zone;
  for (const ListedChoice& choice : listed.choices) zone = with_choice(zone, choice.owner, choice.type, choice.plan);
  return zone;
}

std::vector<View> random_views(Random& random) {
  const View all[] = {view("inner", {"10.0.0.0/8", "fd00::/8"}), view("here", {}, {"10.1.0.53"}),
                      view("both", {"10.1.0.0/16", "192.0.2.0/24"}, {"10.1.0.53", "2001:db8::53"}), view("outer", {})};
  std::vector<View> views;
  for (const View& one : all)
    if (below(random, 2) == 0) views.push_back(one);
  return views;
}

ClientChoice random_plan(Random& random, Type type, std::size_t views) {
  ClientChoice plan;
  for (std::size_t count = 1 + below(random, 4); count > 0; --count) {
    Rrset set(type, static_cast<std::uint32_t>(70 + below(random, 4)));
    for (std::size_t records = below(random, 3); records > 0; --records)
      set.add(random_octets(random, type == Type::A ? 4 : 16));
    plan.variants.push_back(std::move(set));
  }
  for (std::size_t i = 0; i <= views; ++i) {
    if (below(random, 3) == 0) continue;
    ViewRule arm{.view = i == views ? kNoView : static_cast<std::uint8_t>(i),
                 .sticky = static_cast<Sticky>(below(random, 2)),
                 .slots = {}};
    for (std::uint8_t& slot : arm.slots) slot = static_cast<std::uint8_t>(below(random, plan.variants.size()));
    plan.rules.push_back(arm);
  }
  return plan;
}

// Adds choices to one in three address sets. A set that already has one is skipped.
void plant_choices(Random& random, ListedZone& zone, std::size_t views) {
  for (const ListedRecord& record : zone.records) {
    if ((record.type != Type::A && record.type != Type::AAAA) || below(random, 3) != 0) continue;
    if (std::ranges::any_of(zone.choices, [&](const ListedChoice& choice) {
          return choice.type == record.type && choice.owner == record.owner;
        }))
      continue;
    zone.choices.push_back({record.owner, record.type, random_plan(random, record.type, views)});
  }
}

// `finish` may add records to a zone.
template <class Finish>
RandomZones make_zones(Random& random, Finish&& finish) {
  RandomZones zones;
  zones.views = random_views(random);
  for (const char* apex : kApexes) {
    if (below(random, 2) != 0) continue;
    ListedZone zone{name_of(apex), {}, {}};
    Planter planter(random, zone);
    planter.soa_and_ns();
    for (std::size_t count = below(random, 24); count > 0; --count) planter.plant();
    finish(zone);
    plant_choices(random, zone, zones.views.size());
    zones.listed.push_back(std::move(zone));
  }
  std::vector<std::shared_ptr<const Zone>> served;
  for (const ListedZone& zone : zones.listed) served.push_back(built(zone));
  zones.snapshot = Snapshot::of({})->with(served, {}, std::make_shared<const ViewTable>(zones.views));
  return zones;
}

}  // namespace

RandomZones random_zones(Random& random) {
  return make_zones(random, [](ListedZone&) {});
}

RandomZones random_signed_zones(Random& random) {
  return make_zones(random, [&](ListedZone& zone) {
    sign_at_random(random, zone);
    if (below(random, 4) == 0) damage_at_random(random, zone);
  });
}

Name random_question_name(Random& random, const RandomZones& zones) {
  if (zones.listed.empty() || below(random, 8) == 0) return random_below(random, Name(), 4);
  const ListedZone& zone = zones.listed[below(random, zones.listed.size())];
  if (below(random, 2) == 0) return random_below(random, zone.apex, 4);
  return random_below(random, zone.records[below(random, zone.records.size())].owner, 1 + below(random, 2));
}

Type random_question_type(Random& random) {
  static constexpr Type kTypes[] = {Type::A,  Type::A,     Type::AAAA, Type::NS,   Type::CNAME,
                                    Type::MX, Type::SRV,   Type::TXT,  Type::SOA,  Type::DS,
                                    Type::DS, Type::DNAME, Type::ANY,  Type::NSEC, Type::RRSIG};
  return kTypes[below(random, std::size(kTypes))];
}

ListedAsker random_asker(Random& random, const RandomZones& zones) {
  static constexpr const char* kClients[] = {"10.1.2.3", "10.2.0.1",    "192.0.2.1",      "198.51.100.7",
                                             "fd00::1",  "2001:db8::1", "::ffff:10.1.9.9"};
  static constexpr const char* kLocals[] = {"10.1.0.53", "192.0.2.53", "2001:db8::53"};
  ListedAsker asker;
  if (below(random, 4) == 0) return asker;
  asker.client = address(kClients[below(random, std::size(kClients))]);
  asker.local = address(kLocals[below(random, std::size(kLocals))]);
  asker.salt = static_cast<std::uint32_t>(random());
  asker.views = zones.views;
  return asker;
}

}  // namespace dns::test
