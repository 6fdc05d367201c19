#include "server/steering/check.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "server/steering/words.h"
#include "server/store/plan_overlay.h"
#include "zone/name/text.h"

namespace server {

namespace {

using At = SteeringFinding::At;

struct ErrorRow {
  SteeringError error;
  Severity severity;
  std::string_view words;  // after the subject
};

constexpr std::array kErrors = {
    ErrorRow{SteeringError::kNotInZones, Severity::kError, "the name is in none of the loaded zones"},
    ErrorRow{SteeringError::kBelowCut, Severity::kError,
             "the name is below a delegation or a DNAME record, and the zone cannot answer for it"},
    ErrorRow{SteeringError::kNoZoneRecords, Severity::kError,
             "the zone file has no records of this name and type; add default records, which are served until the "
             "first decision"},
    ErrorRow{SteeringError::kIsAlias, Severity::kError, "the name has a CNAME record and cannot have addresses"},
    ErrorRow{SteeringError::kIsNameServer, Severity::kError, "the name is a name server of"},
    ErrorRow{SteeringError::kSignedZone, Severity::kError,
             "the zone is signed, and its signatures would not match other addresses; failover does not change this "
             "name"},
    ErrorRow{SteeringError::kManagedTwice, Severity::kError, "an earlier section manages the same name, type and view"},
    ErrorRow{SteeringError::kNeverAllowed, Severity::kError, "never used: the class of its link is not in min-class"},
    ErrorRow{SteeringError::kNothingAllowed, Severity::kError, "no member has a link of a class in min-class"},
    ErrorRow{SteeringError::kWrongFamily, Severity::kError, "an address does not match the type of the record"},
    ErrorRow{SteeringError::kNothingMeasured, Severity::kWarning,
             "the record has an SLA class, but this member is not measured"},
    ErrorRow{SteeringError::kLinkDeprecated, Severity::kError, "in use after its deprecated date"},
    ErrorRow{SteeringError::kLinkDeprecatedSoon, Severity::kWarning, "in use until its deprecated date"},
    ErrorRow{SteeringError::kLinkUnused, Severity::kWarning, "no member uses it"},
    ErrorRow{SteeringError::kViewUnused, Severity::kWarning, "no record uses it"},
    ErrorRow{SteeringError::kViewsOverlap, Severity::kError, "some of its clients are in an earlier view:"},
    ErrorRow{SteeringError::kTooManyViews, Severity::kError, "too many views"},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kErrors.size(); ++i) {
    if (static_cast<std::size_t>(kErrors[i].error) != i) return false;
  }
  return kErrors.size() == static_cast<std::size_t>(SteeringError::kTooManyViews) + 1;
}
static_assert(in_order());

const ErrorRow& row(SteeringError error) { return kErrors[static_cast<std::size_t>(error)]; }

bool is_allowed(const SteeringOptions& options, const RecordOptions& record, const MemberOptions& member) {
  const std::vector<LinkClass>& floor = record.allowed_classes;
  return floor.empty() ||
         (member.link && std::find(floor.begin(), floor.end(), options.links[*member.link].link_class) != floor.end());
}

// True if every client of `narrow` is also in `wide`.
bool covers(const dns::Prefix& wide, const dns::Prefix& narrow) {
  return wide.size == narrow.size && wide.length <= narrow.length &&
         dns::contains(wide, dns::Bytes(narrow.address.data(), narrow.size));
}

// True if some clients that `later` lists can never be in it because `earlier` matches first.
bool shadows(const dns::View& earlier, const dns::View& later) {
  if (!earlier.local.empty() && earlier.local != later.local) return false;
  if (earlier.clients.empty()) return true;
  return std::any_of(later.clients.begin(), later.clients.end(), [&](const dns::Prefix& narrow) {
    return std::any_of(earlier.clients.begin(), earlier.clients.end(),
                       [&](const dns::Prefix& wide) { return covers(wide, narrow); });
  });
}

class OptionsCheck {
 public:
  OptionsCheck(const SteeringOptions& options, std::chrono::year_month_day today) : options_(options), today_(today) {}

  std::vector<SteeringFinding> run() {
    for (std::size_t i = 0; i < options_.records.size(); ++i) check_record(i);
    for (std::size_t i = 0; i < options_.links.size(); ++i) check_link(i);
    for (std::size_t i = 0; i < options_.views.size(); ++i) check_view(i);
    return std::move(findings_);
  }

 private:
  void add(SteeringError error, At at, std::size_t index, std::size_t member = 0, std::size_t other = 0) {
    findings_.push_back({error, at, index, member, other, {}});
  }

  void check_record(std::size_t index) {
    const RecordOptions& record = options_.records[index];
    const auto [place, fresh] = seen_.try_emplace(record_name(options_, index), index);
    if (!fresh) add(SteeringError::kManagedTwice, At::kRecord, index, 0, place->second);
    std::size_t allowed = 0;
    for (std::size_t i = 0; i < record.members.size(); ++i) {
      check_member(index, i);
      if (is_allowed(options_, record, record.members[i])) ++allowed;
    }
    if (allowed == 0 && !record.members.empty()) add(SteeringError::kNothingAllowed, At::kRecord, index);
  }

  void check_member(std::size_t index, std::size_t place) {
    const RecordOptions& record = options_.records[index];
    const MemberOptions& member = record.members[place];
    if (!is_allowed(options_, record, member)) add(SteeringError::kNeverAllowed, At::kMember, index, place);
    const bool v6 = record.type == dns::Type::AAAA;
    if (std::any_of(member.addresses.begin(), member.addresses.end(),
                    [&](const auto& address) { return address.is_v6() != v6; })) {
      add(SteeringError::kWrongFamily, At::kMember, index, place);
    }
    const bool measured = member.link ? !options_.links[*member.link].probes.empty() : !member.checks.empty();
    if (record.sla && !measured) add(SteeringError::kNothingMeasured, At::kMember, index, place);
  }

  bool is_used(std::size_t link) const {
    return std::any_of(options_.records.begin(), options_.records.end(), [&](const RecordOptions& record) {
      return std::any_of(record.members.begin(), record.members.end(),
                         [&](const MemberOptions& member) { return member.link == link; });
    });
  }

  void check_link(std::size_t index) {
    const LinkOptions& link = options_.links[index];
    if (!is_used(index)) return add(SteeringError::kLinkUnused, At::kLink, index);
    if (link.deprecated)
      add(today_ > *link.deprecated ? SteeringError::kLinkDeprecated : SteeringError::kLinkDeprecatedSoon, At::kLink,
          index);
  }

  void check_view(std::size_t index) {
    if (index == dns::kMaxViews) add(SteeringError::kTooManyViews, At::kView, index);
    const bool used = std::any_of(options_.records.begin(), options_.records.end(),
                                  [&](const RecordOptions& record) { return record.view == index; });
    if (!used) add(SteeringError::kViewUnused, At::kView, index);
    for (std::size_t earlier = 0; earlier < index; ++earlier) {
      if (!shadows(options_.views[earlier], options_.views[index])) continue;
      return add(SteeringError::kViewsOverlap, At::kView, index, 0, earlier);
    }
  }

  const SteeringOptions& options_;
  std::chrono::year_month_day today_;
  std::map<std::string, std::size_t> seen_;
  std::vector<SteeringFinding> findings_;
};

using Managed = std::multimap<dns::Name, std::size_t, dns::CanonicalLess>;  // records by owner

std::optional<SteeringError> error_in(const dns::Snapshot& snapshot, const RecordOptions& record) {
  const dns::Key key{record.owner.view()};
  const dns::Zone* zone = snapshot.find(key);
  if (zone == nullptr) return SteeringError::kNotInZones;
  const dns::Lookup lookup = zone->find(key);
  if (lookup.cut_or_dname) return SteeringError::kBelowCut;
  if (lookup.node && lookup.node->has(dns::Type::CNAME)) return SteeringError::kIsAlias;
  if (!lookup.node || !lookup.node->has(record.type)) return SteeringError::kNoZoneRecords;
  if (is_signed(*zone)) return SteeringError::kSignedZone;
  return std::nullopt;
}

// Reports each managed name that an NS record of `node` points at.
void check_servers(const dns::NodeView& node, const Managed& managed, std::vector<SteeringFinding>& findings) {
  const std::optional<dns::RrsetView> servers = node.find(dns::Type::NS);
  if (!servers) return;
  for (const dns::Bytes rdata : *servers) {
    const auto target = dns::read_name(rdata);
    if (!target) continue;
    const auto range = managed.equal_range(dns::Name(*target));
    for (auto record = range.first; record != range.second; ++record) {
      findings.push_back({SteeringError::kIsNameServer, At::kRecord, record->second, 0, 0, node.owner()});
    }
  }
}

std::string subject_of(const SteeringOptions& options, const SteeringFinding& finding) {
  switch (finding.at) {
    case At::kRecord: return record_name(options, finding.index);
    case At::kMember:
      return record_name(options, finding.index) + ":" + options.records[finding.index].members[finding.member].name;
    case At::kLink: return "link " + options.links[finding.index].name;
    case At::kView: return "view " + options.views[finding.index].name;
  }
  return {};
}

}  // namespace

Severity severity(SteeringError error) { return row(error).severity; }

std::string describe(const SteeringOptions& options, const SteeringFinding& finding) {
  std::string words = fmt::format("{}: {}", subject_of(options, finding), row(finding.error).words);
  if (finding.error == SteeringError::kIsNameServer)
    words +=
        fmt::format(" {}; failover cannot change its glue records in the parent zone", dns::to_text(finding.other));
  if (finding.error == SteeringError::kViewsOverlap) words += " " + options.views[finding.other_index].name;
  if (finding.at == At::kLink && options.links[finding.index].deprecated &&
      finding.error != SteeringError::kLinkUnused) {
    const std::chrono::year_month_day date = *options.links[finding.index].deprecated;
    words += fmt::format(": {:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                         static_cast<unsigned>(date.day()));
  }
  return words;
}

std::vector<SteeringFinding> check_options(const SteeringOptions& options, std::chrono::year_month_day today) {
  return OptionsCheck(options, today).run();
}

std::vector<SteeringFinding> check_zones(const SteeringOptions& options, const dns::Snapshot& snapshot) {
  std::vector<SteeringFinding> findings;
  Managed managed;
  for (std::size_t i = 0; i < options.records.size(); ++i) {
    managed.emplace(options.records[i].owner, i);
    const std::optional<SteeringError> error = error_in(snapshot, options.records[i]);
    if (error) findings.push_back({*error, At::kRecord, i, 0, 0, {}});
  }
  if (managed.empty()) return findings;
  for (const std::shared_ptr<const dns::Zone>& zone : snapshot.zones()) {
    zone->for_each([&](const dns::NodeView& node) {
      if (node.is_cut() || node.relative_owner().empty()) check_servers(node, managed, findings);
      return true;
    });
  }
  return findings;
}

}  // namespace server
