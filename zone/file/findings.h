// What is said of a zone as a whole, found its place again in the files that it was read from.
//
// A zone does not remember where its records were written: that would cost memory for what is rarely asked. So each
// finding becomes a question, "where is the NS record of sub. that points to ns1.sub.?", and one more pass over the
// text answers all of them.
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
  // Questions. The order in which they are put is that in which they are reported.
  void add(const ZoneFinding& finding);
  void add(const ZoneBuilder::DeferredOutcome& late);

  bool has_findings() const { return !pending_.empty(); }
  // True where an answer has to be looked for in the text.
  bool needs_pass() const { return !by_owner_.empty(); }
  void record(const RecordView& record) override;

  // `file` is the place of what is nowhere written.
  void report(const Sources& sources, Place file, Diagnostics& diagnostics) const;

 private:
  enum class Which : std::uint8_t { kFirst, kSecond, kWithTarget, kRepeated, kOtherTtl };
  struct PendingFinding {
    std::string_view code;
    std::string message;
    Which which = Which::kFirst;
    Type type{};  // 0: any
    Name target;
    std::vector<std::string> seen;     // RDATA of the set so far, of kRepeated
    std::optional<std::uint32_t> ttl;  // of the set's first record, of kOtherTtl
    std::size_t count = 0;             // records of the set so far, of kSecond
    std::optional<Place> place, data;  // the answer
  };
  void add_pending(const Name& owner, PendingFinding pending);
  static bool matches(PendingFinding& pending, const RecordView& record);

  std::vector<PendingFinding> pending_;
  std::unordered_multimap<std::string, std::size_t>
      by_owner_;  // folded owner in wire form -> questions not answered yet
};

// The code of what `add` answered; empty for kAdded.
std::string_view code_of(AddOutcome outcome, Type type);

// A diagnostic whose caret lies under the word at `place`.
Diagnostic diagnostic_at(const Sources& sources, Place place, std::string_view code, std::string message);

}  // namespace dns
