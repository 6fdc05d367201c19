// Uses octets as the seeds of small zones and of questions for them: `solve` gives the same answer as the slow
// reference.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>

#include "tests/support/random_zones.h"
#include "zone/answer/answer.h"

namespace {

using dns::test::ReferenceAnswer;

std::vector<std::string> lines(const dns::Answer& answer, dns::Section section) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < answer.count; ++i)
    if (const dns::AnswerRrset& set = answer.sets[i]; set.section == section)
      for (const dns::Bytes rdata : set.set) all.push_back(dns::test::line_of(set.owner, set.set.type, set.ttl, rdata));
  std::ranges::sort(all);
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto answer = std::make_unique<dns::Answer>();
  std::uint64_t seeds[2] = {};
  std::memcpy(seeds, data, std::min(size, sizeof seeds));
  std::mt19937_64 of_zones(seeds[0]), of_questions(seeds[1]);
  const dns::test::RandomZones zones = dns::test::random_zones(of_zones);
  for (int i = 0; i < 20; ++i) {
    const dns::Name name = dns::test::random_question_name(of_questions, zones);
    const dns::Question question{name, dns::test::random_question_type(of_questions), dns::Class::IN};
    const ReferenceAnswer expected = dns::test::reference_answer(zones.listed, name, question.type);
    dns::solve(*zones.snapshot, question, {}, *answer);
    dns::require(answer->rcode == expected.rcode, "rcode");
    dns::require(answer->authoritative == expected.authoritative, "AA");
    dns::require(lines(*answer, dns::Section::kAnswer) == expected.answer, "answer section");
    dns::require(lines(*answer, dns::Section::kAuthority) == expected.authority, "authority section");
    dns::require(lines(*answer, dns::Section::kAdditional) == expected.additional, "additional section");
  }
  return 0;
}
