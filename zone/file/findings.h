// What is said of a zone as a whole, found its place again in the files that it was read from.
//
// A zone does not remember where its records were written: that would cost memory for what is rarely asked. So each
// finding becomes a question, "where is the NS record of sub. that points to ns1.sub.?", and one more pass over the text
// answers all of them.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "zone/master/parser.h"
#include "zone/snapshot/builder.h"
#include "zone/snapshot/check.h"

namespace dns {

class FindingLocator final : public RecordSink {
 public:
  // Questions. The order in which they are put is that in which they are reported.
  void ask(const ZoneFinding& finding);
  void ask(const ZoneBuilder::Late& late);

  bool asked() const { return !questions_.empty(); }
  // True where an answer has to be looked for in the text.
  bool needs_pass() const { return !by_owner_.empty(); }
  void record(const RecordView& record) override;

  // `file` is the place of what is nowhere written.
  void report(const Sources& sources, Place file, Diagnostics& diagnostics) const;

 private:
  enum class Which : std::uint8_t { kFirst, kSecond, kWithTarget, kRepeated, kOtherTtl };
  struct Question {
    std::string_view code;
    std::string message;
    Which which = Which::kFirst;
    Type type{};                        // 0: any
    Name target;
    std::vector<std::string> seen;      // RDATA of the set so far, of kRepeated
    std::optional<std::uint32_t> ttl;   // of the set's first record, of kOtherTtl
    std::size_t count = 0;              // records of the set so far, of kSecond
    std::optional<Place> place, data;   // the answer
  };
  void put(const Name& owner, Question question);
  static bool answers(Question& question, const RecordView& record);

  std::vector<Question> questions_;
  std::unordered_multimap<std::string, std::size_t> by_owner_;  // folded owner in wire form -> questions not answered yet
};

// The code of what `add` answered; empty for kAdded.
std::string_view code_of(AddOutcome outcome, Type type);

// A diagnostic whose caret lies under the word at `place`.
Diagnostic diagnostic_at(const Sources& sources, Place place, std::string_view code, std::string message);

}  // namespace dns
