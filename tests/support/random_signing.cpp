#include "tests/support/random_signing.h"

#include <algorithm>
#include <map>
#include <set>

#include "zone/snapshot/nsec3_chain.h"

namespace dns::test {
namespace {

using Rdata = std::vector<std::uint8_t>;
using Types = std::set<Type>;

constexpr std::uint8_t kOptOut = 1, kAlgorithm = 13;
constexpr std::uint32_t kTtl = 59;

// The bitmap of types below 64 (RFC 4034 4.1.2).
Rdata bitmap_of(const Types& types) {
  if (types.empty()) return {};
  const auto octets = static_cast<std::size_t>(*types.rbegin()) / 8 + 1;
  Rdata bitmap(2 + octets);
  bitmap[1] = static_cast<std::uint8_t>(octets);
  for (const Type type : types) {
    const auto bit = static_cast<std::size_t>(type);
    bitmap[2 + bit / 8] = static_cast<std::uint8_t>(bitmap[2 + bit / 8] | 0x80U >> bit % 8);
  }
  return bitmap;
}

void append(Rdata& rdata, Bytes more) { rdata.insert(rdata.end(), more.begin(), more.end()); }

class Signer {
 public:
  Signer(std::mt19937_64& random, ListedZone& zone) : random_(random), zone_(zone) {}

  void sign() {
    for (const ListedRecord& record : zone_.records) types_[record.owner].insert(record.type);
    const bool hashed = below(2) == 0;
    const std::vector<Name> names = authoritative_names();
    for (const Name& name : names)
      for (const Type type : types_[name])
        if (!is_cut(name) || type == Type::DS) add_signatures(name, type);
    if (hashed) add_nsec3(names);
    else add_nsec(names);
  }

 private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

  bool is_cut(NameView name) const {
    const auto types = types_.find(name);
    return types != types_.end() && types->second.contains(Type::NS) && name != zone_.apex.view();
  }

  std::vector<Name> authoritative_names() const {
    std::vector<Name> names;
    for (const auto& [name, types] : types_) {
      bool occluded = false;
      for (NameView above = name; above != zone_.apex.view();) {
        above = above.parent();
        const auto there = types_.find(above);
        occluded = occluded || is_cut(above) || (there != types_.end() && there->second.contains(Type::DNAME));
      }
      if (!occluded) names.push_back(name);
    }
    return names;
  }

  // Without RRSIG and NSEC.
  Types listed_types(NameView name) const {
    const auto types = types_.find(name);
    if (types == types_.end()) return {};
    if (!is_cut(name)) return types->second;
    return types->second.contains(Type::DS) ? Types{Type::NS, Type::DS} : Types{Type::NS};
  }

  void add_signatures(NameView owner, Type covered) {
    for (std::size_t count = 1 + below(8) / 7; count > 0; --count) {
      Rdata rdata(18);
      store16(rdata.data(), static_cast<std::uint16_t>(covered));
      rdata[2] = kAlgorithm;
      rdata[3] = static_cast<std::uint8_t>(owner.labels());
      append(rdata, zone_.apex.view().bytes());
      for (std::size_t octets = 1 + below(64); octets > 0; --octets)
        rdata.push_back(static_cast<std::uint8_t>(random_()));
      zone_.records.push_back({owner, Type::RRSIG, kTtl, rdata});
    }
  }

  void add_nsec(const std::vector<Name>& names) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const NameView next = names[(i + 1) % names.size()];
      Rdata rdata(next.bytes().begin(), next.bytes().end());
      Types types = listed_types(names[i]);
      types.insert({Type::RRSIG, Type::NSEC});
      append(rdata, bitmap_of(types));
      zone_.records.push_back({names[i], Type::NSEC, kTtl, rdata});
      add_signatures(names[i], Type::NSEC);
    }
  }

  void add_nsec3(const std::vector<Name>& names) {
    const bool opt_out = below(2) == 0;
    Rdata param = {1, 0, 0, static_cast<std::uint8_t>(below(3)), static_cast<std::uint8_t>(below(3))};
    for (std::size_t salt = param[4]; salt > 0; --salt) param.push_back(static_cast<std::uint8_t>(random_()));
    zone_.records.push_back({zone_.apex, Type::NSEC3PARAM, kTtl, param});
    add_signatures(zone_.apex, Type::NSEC3PARAM);
    types_[zone_.apex].insert(Type::NSEC3PARAM);

    std::map<Nsec3Hash, Name> hashes;
    const Nsec3Parameters parameters(param.data());
    for (const Name& name : names) {
      if (opt_out && is_cut(name) && !types_[name].contains(Type::DS)) continue;
      for (NameView at = name;; at = at.parent()) {  // with the empty non-terminals above it
        hashes.emplace(parameters.hash(at), at);
        if (at == zone_.apex.view()) break;
      }
    }
    for (auto at = hashes.begin(); at != hashes.end(); ++at) {
      const auto next = std::next(at) == hashes.end() ? hashes.begin() : std::next(at);
      Rdata rdata = param;
      rdata[1] = opt_out ? kOptOut : 0;
      rdata.push_back(static_cast<std::uint8_t>(next->first.size()));
      append(rdata, next->first);
      Types types = listed_types(at->second);
      if (!types.empty() && types != Types{Type::NS}) types.insert(Type::RRSIG);
      append(rdata, bitmap_of(types));
      const Nsec3Label label = nsec3_label(at->first);
      Rdata relative(1, static_cast<std::uint8_t>(label.size()));
      for (const std::uint8_t digit : label)
        relative.push_back(digit >= 'a' && below(4) == 0 ? static_cast<std::uint8_t>(digit & ~0x20) : digit);
      const auto owner = join(relative, zone_.apex);
      zone_.records.push_back({*owner, Type::NSEC3, kTtl, rdata});
      add_signatures(*owner, Type::NSEC3);
    }
  }

  std::mt19937_64& random_;
  ListedZone& zone_;
  std::map<Name, Types, CanonicalLess> types_;
};

}  // namespace

void sign_at_random(std::mt19937_64& random, ListedZone& zone) { Signer(random, zone).sign(); }

void damage_at_random(std::mt19937_64& random, ListedZone& zone) {
  std::erase_if(zone.records, [&](const ListedRecord& record) {
    const bool may_vanish = record.type == Type::RRSIG || record.type == Type::NSEC || record.type == Type::NSEC3;
    return may_vanish && random() % 8 == 0;
  });
}

}  // namespace dns::test
