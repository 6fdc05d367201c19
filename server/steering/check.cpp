#include "server/steering/check.h"

#include <map>
#include <optional>

#include <fmt/format.h>

#include "server/steering/words.h"
#include "server/store/plan_overlay.h"
#include "zone/name/text.h"

namespace server {
namespace {

std::string_view words_of(SteeringError error) {
  switch (error) {
    case SteeringError::kNotInZones: return "the name is in none of the loaded zones";
    case SteeringError::kBelowCut:
      return "the name is below a delegation or a DNAME record, and the zone cannot answer for it";
    case SteeringError::kNoZoneRecords:
      return "the zone file has no records of this name and type; add default records, which are served until the "
             "first decision";
    case SteeringError::kIsAlias: return "the name has a CNAME record and cannot have addresses";
    case SteeringError::kIsNameServer: return "the name is a name server of";
    case SteeringError::kSignedZone:
      return "the zone is signed, and its signatures would not match other addresses; failover does not change this "
             "name";
  }
  return {};
}

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
      findings.push_back({SteeringError::kIsNameServer, record->second, node.owner()});
    }
  }
}

}  // namespace

std::string describe(const SteeringOptions& options, const SteeringFinding& finding) {
  std::string words = fmt::format("{}: {}", record_name(options, finding.record), words_of(finding.error));
  if (finding.error == SteeringError::kIsNameServer)
    words +=
        fmt::format(" {}; failover cannot change its glue records in the parent zone", dns::to_text(finding.server_of));
  return words;
}

std::vector<SteeringFinding> check_zones(const SteeringOptions& options, const dns::Snapshot& snapshot) {
  std::vector<SteeringFinding> findings;
  Managed managed;
  for (std::size_t i = 0; i < options.records.size(); ++i) {
    managed.emplace(options.records[i].owner, i);
    const std::optional<SteeringError> error = error_in(snapshot, options.records[i]);
    if (error) findings.push_back({*error, i, {}});
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
