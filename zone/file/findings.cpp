#include "zone/file/findings.h"

#include <algorithm>
#include <utility>

#include "zone/base/ascii.h"
#include "zone/field/text.h"
#include "zone/master/entry.h"
#include "zone/name/text.h"
#include "zone/rr/rdata.h"
#include "zone/text/scan.h"

namespace dns {
namespace {

std::string folded(NameView name) {
  std::string out(as_text(name.bytes()));
  for (char& c : out) c = static_cast<char>(fold(static_cast<std::uint8_t>(c)));
  return out;
}

struct FindingRow {
  Finding finding;
  std::string_view code;
  std::string_view message;  // {o} owner, {t} type, {n} target
};

constexpr FindingRow kFindings[] = {
    {Finding::kNoSoa, "Z101", "{o} has no SOA record"},
    {Finding::kNoApexNs, "Z104", "{o} has no NS records"},
    {Finding::kSerialZero, "Z203", "the serial number of {o} is 0"},
    {Finding::kCnameWithOtherData, "Z106", "{o} has a CNAME record and other records"},
    {Finding::kSeveralCnames, "Z107", "{o} has more than one CNAME record"},
    {Finding::kSeveralDnames, "Z108", "{o} has more than one DNAME record"},
    {Finding::kDnameWithNamesBelow, "Z110", "{o} redirects all names below it, but there are records below it"},
    {Finding::kDnameWithCname, "Z109", "{o} has a DNAME and a CNAME record"},
    {Finding::kTargetIsCname, "Z112", "{n} is an alias (CNAME)"},
    {Finding::kTargetWithoutAddress, "Z113", "{n} has neither A nor AAAA records"},
    {Finding::kMissingGlue, "Z114", "{n} has neither A nor AAAA records in this zone"},
    {Finding::kOccluded, "Z115", "{o} is below {n} and is never returned"},
    {Finding::kRrsetTooLargeForUdp, "Z204", "the {t} records of {o} do not fit into 1232 octets"},
    {Finding::kRrsetTooLarge, "Z111", "the {t} records of {o} do not fit into 65,535 octets"},
    {Finding::kDsWithoutCut, "Z116", "{o} has no NS records"},
    {Finding::kCutWithOtherData, "Z117", "{o} is delegated, and its {t} records are never returned"},
    {Finding::kCutAtWildcard, "Z120", "the {t} records of {o} do not apply to the names of the wildcard"},
};

const FindingRow& row_of(Finding finding) {
  const auto row = std::ranges::find(kFindings, finding, &FindingRow::finding);
  require(row != std::end(kFindings), "each finding has a row");
  return *row;
}

std::string message_of(const FindingRow& row, const ZoneFinding& finding) {
  std::string out;
  for (std::string_view rest = row.message; !rest.empty();) {
    const std::size_t brace = std::min(rest.find('{'), rest.size());
    out += rest.substr(0, brace);
    rest.remove_prefix(brace);
    if (rest.empty()) break;
    out += rest[1] == 'o' ? to_text(finding.owner) : rest[1] == 'n' ? to_text(finding.target) : to_text(finding.type);
    rest.remove_prefix(3);
  }
  return out;
}

bool is_about_target(Finding finding) {
  return finding == Finding::kTargetIsCname || finding == Finding::kTargetWithoutAddress ||
         finding == Finding::kMissingGlue;
}

// The place of the target name in the RDATA: the last word of NS, MX and SRV, the second of SVCB. Tokenizes the entry
// again, from the line on which the record begins.
std::uint64_t target_word(std::string_view text, std::uint64_t record, std::uint64_t data, Type type) {
  Entry entry;
  tokenize_entry(text, text.substr(0, record).rfind('\n') + 1, entry);
  std::erase_if(entry.tokens, [data](const Token& token) { return token.offset < data; });
  if (entry.tokens.empty()) return data;
  const bool is_second = (type == Type::SVCB || type == Type::HTTPS) && entry.tokens.size() > 1;
  return is_second ? entry.tokens[1].offset : entry.tokens.back().offset;
}

}  // namespace

std::string_view code_of(AddOutcome outcome, Type type) {
  switch (outcome) {
    case AddOutcome::kAdded: return {};
    case AddOutcome::kDuplicate: return type == Type::SOA ? "Z206" : "Z118";
    case AddOutcome::kOutOfZone: return "Z105";
    case AddOutcome::kTtlDiffers: return "Z119";
    case AddOutcome::kSecondSoa: return "Z102";
    case AddOutcome::kSoaNotAtApex: return "Z103";
    case AddOutcome::kRrsetTooLarge: return {};
  }
  return {};
}

Diagnostic diagnostic_at(const Sources& sources, Place place, std::string_view code, std::string message) {
  const CodeRow* row = find_code(code);
  require(row != nullptr, "a finding has a code of the table");
  std::uint64_t end = place.offset;
  const std::string_view text = sources.text(place.source);
  const Lexeme lexeme = scan(text, end);
  const bool word = lexeme.kind == Lexeme::Kind::kWord || lexeme.kind == Lexeme::Kind::kQuoted;
  return {.code = row, .at = place, .length = word ? end - place.offset : 1, .message = std::move(message), .help = {}};
}

void FindingLocator::add_pending(const Name& owner, PendingFinding pending) {
  by_owner_.emplace(folded(owner), pending_.size());
  pending_.push_back(std::move(pending));
}

void FindingLocator::add(const ZoneFinding& finding) {
  const FindingRow& row = row_of(finding.finding);
  PendingFinding pending{.code = row.code,
                         .message = message_of(row, finding),
                         .type = finding.type,
                         .target = finding.target,
                         .seen = {},
                         .ttl = {},
                         .place = {},
                         .data = {}};
  if (finding.finding == Finding::kNoSoa || finding.finding == Finding::kNoApexNs) {
    pending_.push_back(std::move(pending));
    return;
  }
  if (is_about_target(finding.finding)) pending.which = Which::kWithTarget;
  if (finding.finding == Finding::kSeveralCnames || finding.finding == Finding::kSeveralDnames)
    pending.which = Which::kSecond;
  add_pending(finding.owner, std::move(pending));
}

void FindingLocator::add(const ZoneBuilder::DeferredOutcome& deferred) {
  PendingFinding pending{.code = code_of(deferred.outcome, deferred.type),
                         .message = concat(to_text(deferred.owner), " ", to_text(deferred.type)),
                         .type = deferred.type,
                         .target = {},
                         .seen = {},
                         .ttl = {},
                         .place = {},
                         .data = {}};
  if (deferred.outcome == AddOutcome::kDuplicate) pending.which = Which::kRepeated;
  if (deferred.outcome == AddOutcome::kTtlDiffers) pending.which = Which::kOtherTtl;
  add_pending(deferred.owner, std::move(pending));
}

bool FindingLocator::matches(PendingFinding& pending, const RecordView& record) {
  if (pending.type != Type{} && pending.type != record.type) return false;
  switch (pending.which) {
    case Which::kFirst: return true;
    case Which::kSecond: return std::exchange(pending.count, pending.count + 1) == 1;
    case Which::kWithTarget: {
      const std::optional<NameView> target = additional_target(record.type, record.rdata);
      return target && *target == pending.target.view();
    }
    case Which::kRepeated: {
      const auto same = [&](const std::string& seen) {
        return compare_rdata(record.type, as_bytes(seen), record.rdata) == 0;
      };
      if (std::ranges::any_of(pending.seen, same)) return true;
      pending.seen.emplace_back(as_text(record.rdata));
      return false;
    }
    case Which::kOtherTtl:
      if (!pending.ttl) pending.ttl = record.ttl;
      return *pending.ttl != record.ttl;
  }
  return false;
}

void FindingLocator::record(const RecordView& record) {
  const auto [begin, end] = by_owner_.equal_range(folded(record.owner));
  for (auto at = begin; at != end;) {
    PendingFinding& pending = pending_[at->second];
    if (!matches(pending, record)) {
      ++at;
      continue;
    }
    pending.place = record.place;
    pending.data = record.rdata_place;
    at = by_owner_.erase(at);
  }
}

void FindingLocator::report(const Sources& sources, Place file, Diagnostics& diagnostics) const {
  for (const PendingFinding& pending : pending_) {
    Place place = pending.place.value_or(file);
    const bool generated = pending.place == pending.data;
    if (pending.place && !generated && pending.which == Which::kWithTarget)
      place.offset = target_word(sources.text(place.source), place.offset, pending.data->offset, pending.type);
    diagnostics.add(diagnostic_at(sources, place, pending.code, pending.message));
  }
}

}  // namespace dns
