// Finds the places in the zone files that belong to findings about the zone as a whole.
//
// A zone does not store the places of its records, to save memory. The locator collects all findings, such as "the NS
// record of sub. that points to ns1.sub.", and one more pass over the text finds the places of all of them.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "zone/build/builder.h"
#include "zone/check/check.h"
#include "zone/master/parser.h"

namespace dns {

class FindingLocator final : public RecordSink {
 public:
  // Adds a finding. Findings are reported in the order in which they were added.
  void add(const ZoneFinding& finding);
  void add(const ZoneBuilder::DeferredOutcome& late);

  bool has_findings() const { return !pending_.empty(); }
  // True if a place has to be found in the text.
  bool needs_pass() const { return !by_owner_.empty(); }
  void record(const RecordView& record) override;

  // Adds diagnostics for all findings. `file` is the place of findings without a record, such as a missing SOA.
  void report(const Sources& sources, Place file, Diagnostics& diagnostics) const;

 private:
  enum class Which : std::uint8_t { kFirst, kSecond, kWithTarget, kRepeated, kOtherTtl };
  struct PendingFinding {
    std::string_view code;
    std::string message;
    Which which = Which::kFirst;
    Type type{};  // 0: any
    Name target;
    std::vector<std::string> seen;     // for kRepeated: RDATA of the RRset so far
    std::optional<std::uint32_t> ttl;  // for kOtherTtl: TTL of the RRset's first record
    std::size_t count = 0;             // for kSecond: records of the RRset so far
    std::optional<Place> place, data;  // the result
  };
  void add_pending(const Name& owner, PendingFinding pending);
  static bool matches(PendingFinding& pending, const RecordView& record);

  std::vector<PendingFinding> pending_;
  // Folded owner in wire form -> findings without a place yet.
  std::unordered_multimap<std::string, std::size_t> by_owner_;
};

// The code for an outcome of ZoneBuilder::add; empty for those that are silent.
std::string_view code_of(AddOutcome outcome, Type type);

// A diagnostic that marks the word at `place`.
Diagnostic diagnostic_at(const Sources& sources, Place place, std::string_view code, std::string message);

}  // namespace dns
