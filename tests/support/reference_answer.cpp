#include "tests/support/reference_answer.h"

#include <algorithm>
#include <optional>

#include "zone/answer/answer.h"
#include "zone/base/ascii.h"
#include "zone/name/text.h"

namespace dns::test {
namespace {

using Records = std::vector<ListedRecord>;

// The records of a zone at a name, of one type or of all.
Records at(const ListedZone& zone, NameView name, std::optional<Type> type = std::nullopt) {
  Records found;
  for (const ListedRecord& record : zone.records)
    if (record.owner.view() == name && (!type || record.type == *type)) found.push_back(record);
  return found;
}

bool lists(const std::vector<Prefix>& prefixes, Bytes address) {
  return prefixes.empty() ||
         std::ranges::any_of(prefixes, [&](const Prefix& prefix) { return contains(prefix, address); });
}

// The choice's set for the client: that of its view's rule, or of the rule without a view. An empty set if there is
// neither.
Rrset chosen(const ListedChoice& choice, const ListedAsker& asker) {
  std::size_t view = 0;
  while (view < asker.views.size() &&
         !(lists(asker.views[view].clients, asker.client) && lists(asker.views[view].local, asker.local)))
    ++view;
  const ViewRule* found = nullptr;
  for (const ViewRule& arm : choice.plan.rules)
    if (arm.view == kNoView && found == nullptr) found = &arm;
  for (const ViewRule& arm : choice.plan.rules)
    if (view < asker.views.size() && arm.view == view) found = &arm;
  if (found == nullptr) return {};
  const std::size_t slot =
      slot_of(found->sticky, {.address = asker.client, .local = {}, .salt = asker.salt, .views = nullptr});
  return choice.plan.variants[found->slots[slot]];
}

// The records at a name for this client.
Records seen(const ListedZone& zone, NameView name, const ListedAsker& asker) {
  Records records = at(zone, name);
  if (asker.client.empty()) return records;
  for (const ListedChoice& choice : zone.choices) {
    if (choice.owner.view() != name) continue;
    std::erase_if(records, [&](const ListedRecord& record) { return record.type == choice.type; });
    const Rrset set = chosen(choice, asker);
    for (const Bytes rdata : set.view()) records.push_back({name, choice.type, set.ttl, {rdata.begin(), rdata.end()}});
  }
  return records;
}

// A name exists if it or a name below it owns a record (RFC 4592 2.2.3).
bool exists(const ListedZone& zone, NameView name) {
  return std::ranges::any_of(zone.records,
                             [&](const ListedRecord& record) { return record.owner.view().is_within(name); });
}

bool is_cut(const ListedZone& zone, NameView name) {
  return name != zone.apex.view() && !at(zone, name, Type::NS).empty();
}

NameView target_of(const ListedRecord& record, std::size_t offset = 0) {
  return NameView::trusted(record.rdata.data() + offset);
}

// The host whose addresses the record needs; nothing if there is none.
std::optional<Name> host_of(const ListedRecord& record) {
  std::size_t offset = 0;
  switch (static_cast<int>(record.type)) {
    case static_cast<int>(Type::NS): offset = 0; break;
    case static_cast<int>(Type::MX): offset = 2; break;
    case static_cast<int>(Type::SRV): offset = 6; break;
    default: return std::nullopt;
  }
  const NameView target = target_of(record, offset);
  return target.is_root() ? std::nullopt : std::optional<Name>(target);
}

class Reference {
 public:
  Reference(const std::vector<ListedZone>& zones, NameView name, Type type, const ListedAsker& asker)
      : zones_(zones), name_(name), type_(type), asker_(asker) {}

  ReferenceAnswer run() {
    for (std::size_t step = 0; step < kMaxChain; ++step) {
      const ListedZone* zone = zone_for(name_);
      if (zone == nullptr) {
        if (step == 0) out_.rcode = Rcode::REFUSED;
        break;
      }
      if (!in_zone(*zone)) break;
      if (std::ranges::find(passed_, name_) != passed_.end()) break;
    }
    for (auto* section : {&out_.answer, &out_.authority, &out_.additional, &out_.glue}) {
      std::ranges::sort(*section);
      section->erase(std::unique(section->begin(), section->end()), section->end());
    }
    return out_;
  }

 private:
  // Step 2: the nearest zone. For DS the parent zone, if that zone itself answers at the name.
  const ListedZone* zone_for(NameView name) const {
    const ListedZone* nearest = nullptr;
    const ListedZone* above = nullptr;
    for (const ListedZone& zone : zones_) {
      if (!name.is_within(zone.apex)) continue;
      if (nearest == nullptr || zone.apex.view().is_within(nearest->apex)) nearest = &zone;
      if (zone.apex.view() != name && (above == nullptr || zone.apex.view().is_within(above->apex))) above = &zone;
    }
    if (type_ != Type::DS || above == nullptr || above == nearest) return nearest;
    const auto covering = covering_of(*above, name);
    return !covering || covering->view() == name ? above : nearest;
  }

  // The zone cut at or above a name, or the DNAME above it, whichever is nearest to the apex.
  static std::optional<Name> covering_of(const ListedZone& zone, NameView name) {
    for (std::size_t labels = zone.apex.view().labels(); labels <= name.labels(); ++labels) {
      const NameView ancestor = name.drop(name.labels() - labels);
      if (is_cut(zone, ancestor)) return ancestor;
      if (ancestor != name && !at(zone, ancestor, Type::DNAME).empty()) return ancestor;
    }
    return std::nullopt;
  }

  // Step 3, label by label down from the apex. Returns true if an alias leads to another name.
  bool in_zone(const ListedZone& zone) {
    const auto covering = covering_of(zone, name_);
    if (covering && is_cut(zone, *covering) && !(type_ == Type::DS && *covering == name_))
      return refer(zone, *covering);
    out_.authoritative = true;
    if (covering && !is_cut(zone, *covering)) return follow_dname(zone, *covering);
    if (exists(zone, name_)) return at_records(zone, seen(zone, name_, asker_));
    Name encloser = name_.view().parent();
    while (!exists(zone, encloser)) encloser = encloser.view().parent();
    const std::uint8_t asterisk[] = {1, '*'};
    const auto wildcard = join(asterisk, encloser);
    if (wildcard && exists(zone, *wildcard))
      return at_records(zone, seen(zone, *wildcard, asker_));  // RFC 4592: also an empty wildcard
    out_.rcode = Rcode::NXDOMAIN;
    return negative(zone);
  }

  bool at_records(const ListedZone& zone, const Records& records) {
    Type wanted = type_;
    if (type_ == Type::ANY && !records.empty()) wanted = std::ranges::min(records, {}, &ListedRecord::type).type;
    Records found;
    for (const ListedRecord& record : records)
      if (record.type == wanted) found.push_back(record);
    if (!found.empty()) {
      give(out_.answer, name_, found);
      for (const ListedRecord& record : found)
        if (const auto host = host_of(record)) add_host(zone, *host, record.type == Type::NS, out_.additional);
      return false;
    }
    for (const ListedRecord& record : records)
      if (record.type == Type::CNAME && type_ != Type::RRSIG && type_ != Type::NSEC) {
        give(out_.answer, name_, {record});
        return follow(target_of(record));
      }
    return negative(zone);
  }

  bool follow_dname(const ListedZone& zone, NameView owner) {
    const Records dname = at(zone, owner, Type::DNAME);
    give(out_.answer, owner, dname);
    const auto target = replace_suffix(name_, owner, target_of(dname.front()));
    if (!target) {
      out_.rcode = Rcode::YXDOMAIN;
      return false;
    }
    out_.answer.push_back(line_of(name_, Type::CNAME, dname.front().ttl, target->view().bytes()));
    return follow(*target) && type_ != Type::CNAME && type_ != Type::ANY;
  }

  bool follow(NameView target) {
    passed_.push_back(name_);
    name_ = target;
    return true;
  }

  bool refer(const ListedZone& zone, NameView cut) {
    const Records servers = at(zone, cut, Type::NS);
    give(out_.authority, cut, servers);
    for (const ListedRecord& record : servers) {
      const auto host = host_of(record);
      if (!host) continue;
      add_host(zone, *host, true, out_.additional);
      if (host->view().is_within(cut)) add_host(zone, *host, true, out_.glue);
    }
    return false;
  }

  bool negative(const ListedZone& zone) {
    for (ListedRecord soa : at(zone, zone.apex, Type::SOA)) {
      soa.ttl = std::min(soa.ttl, load32(soa.rdata.data() + soa.rdata.size() - 4));
      give(out_.authority, zone.apex, {soa});
    }
    return false;
  }

  // Addresses at the host's name. Addresses below a zone cut only if glue is needed; wildcard addresses if the wildcard
  // covers the name.
  void add_host(const ListedZone& zone, NameView host, bool glue_too, std::vector<std::string>& section) const {
    if (!host.is_within(zone.apex)) return;
    const auto covering = covering_of(zone, host);
    if (covering && (!glue_too || !is_cut(zone, *covering))) return;
    Records records = seen(zone, host, asker_);
    if (!covering && !exists(zone, host)) {
      Name encloser = host.parent();
      while (!exists(zone, encloser)) encloser = encloser.view().parent();
      const std::uint8_t asterisk[] = {1, '*'};
      if (const auto wildcard = join(asterisk, encloser)) records = seen(zone, *wildcard, asker_);
    }
    for (const ListedRecord& record : records)
      if (record.type == Type::A || record.type == Type::AAAA) give(section, host, {record});
  }

  static void give(std::vector<std::string>& section, NameView owner, const Records& records) {
    for (const ListedRecord& record : records) section.push_back(line_of(owner, record.type, record.ttl, record.rdata));
  }

  const std::vector<ListedZone>& zones_;
  Name name_;
  const Type type_;
  const ListedAsker& asker_;
  std::vector<Name> passed_;
  ReferenceAnswer out_;
};

}  // namespace

ReferenceAnswer reference_answer(const std::vector<ListedZone>& zones, NameView name, Type type,
                                 const ListedAsker& asker) {
  return Reference(zones, name, type, asker).run();
}

std::string line_of(NameView owner, Type type, std::uint32_t ttl, Bytes rdata) {
  std::string line;
  for (const char c : to_text(owner)) line += static_cast<char>(fold(static_cast<std::uint8_t>(c)));
  line += ' ' + std::to_string(ttl) + " TYPE" + std::to_string(static_cast<unsigned>(type)) + ' ';
  static constexpr char kDigits[] = "0123456789abcdef";
  for (const std::uint8_t octet : rdata) {
    line += kDigits[fold(octet) >> 4];
    line += kDigits[fold(octet) & 0xf];
  }
  return line;
}

}  // namespace dns::test
