// Compares `solve` and `render` with a slow reference implementation of RFC 1034 4.3.2 on random zones.
#include <algorithm>

#include <doctest/doctest.h>

#include "tests/support/random_zones.h"
#include "tests/support/repetitions.h"
#include "zone/answer/render.h"
#include "zone/field/text.h"
#include "zone/message/parsed.h"
#include "zone/name/text.h"

namespace dns::test {
namespace {

std::size_t rounds() { return repetitions(1500, "WAYMARK_ANSWER_ROUNDS"); }

std::vector<std::string> lines(const Answer& answer, Section section) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < answer.count; ++i) {
    const AnswerRrset& set = answer.sets[i];
    if (set.section != section) continue;
    for (const Bytes rdata : set.set) all.push_back(line_of(set.owner, set.set.type, set.ttl, rdata));
  }
  std::ranges::sort(all);
  return all;
}

std::vector<std::string> lines(const ParsedMessage& message, Section section) {
  std::vector<std::string> all;
  for (const ParsedRecord& record : message.section(section))
    all.push_back(line_of(record.owner, record.type, record.ttl, record.rdata));
  std::ranges::sort(all);
  return all;
}

std::string joined(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& line : all) text += line + '\n';
  return text;
}

std::string text(const ReferenceAnswer& answer) {
  return to_text(answer.rcode) + (answer.authoritative ? " aa\n" : "\n") + joined(answer.answer) + "authority\n" +
         joined(answer.authority) + "additional\n" + joined(answer.additional);
}

std::string text(const Answer& answer) {
  return to_text(answer.rcode) + (answer.authoritative ? " aa\n" : "\n") + joined(lines(answer, Section::kAnswer)) +
         "authority\n" + joined(lines(answer, Section::kAuthority)) + "additional\n" +
         joined(lines(answer, Section::kAdditional));
}

bool contains_all(const std::vector<std::string>& sorted, const std::vector<std::string>& wanted) {
  return std::ranges::includes(sorted, wanted);
}

// Renders the answer in a message of at most `budget` octets and parses it. The message must contain only complete
// RRsets. TC must be set if and only if required records are missing.
void check_message(const ReferenceAnswer& expected, const Question& question, const Answer& answer,
                   Compression& compression, std::size_t budget) {
  std::vector<std::uint8_t> buffer(budget, 0xa5);
  Query query;
  query.question = question;
  query.id = 0x4711;
  ResponseEdns edns;
  edns.present = true;
  const std::size_t size = render(query, answer, edns, compression, buffer);
  REQUIRE(size <= budget);
  const auto message = read_message(Bytes(buffer).first(size));
  REQUIRE(message.has_value());
  REQUIRE(message->trailing == 0);
  REQUIRE(message->questions.size() == 1);
  CHECK(equal(message->questions[0].name.view().bytes(), question.name.bytes()));  // including the case of letters
  REQUIRE(message->opt() != nullptr);
  auto additional = lines(*message, Section::kAdditional);
  std::erase_if(additional, [](const std::string& line) { return line.find(" TYPE41 ") != std::string::npos; });
  const auto answers = lines(*message, Section::kAnswer), authority = lines(*message, Section::kAuthority);
  const bool complete =
      answers == expected.answer && authority == expected.authority && contains_all(additional, expected.glue);
  const bool truncated = (message->header.flags & Flag::kTc) != 0;
  CHECK(truncated == !complete);
  CHECK(contains_all(expected.answer, answers));
  CHECK(contains_all(expected.authority, authority));
  CHECK(contains_all(expected.additional, additional));
  if (budget == kMaxMessage) CHECK(additional == expected.additional);
}

}  // namespace

TEST_CASE("answer: the answer and the parsed message equal the reference on random zones") {
  const auto answer = std::make_unique<Answer>(), traced = std::make_unique<Answer>();
  const auto compression = std::make_unique<Compression>();
  for (std::size_t round = 0; round < rounds(); ++round) {
    std::mt19937_64 random(20261122 + round);  // one seed per round: a failure can be reproduced
    const RandomZones zones = random_zones(random);
    for (int i = 0; i < 40; ++i) {
      const Name name = random_question_name(random, zones);
      const Question question{name, random_question_type(random), Class::IN};
      CAPTURE(round);
      CAPTURE(to_text(name));
      CAPTURE(to_text(question.type));
      const ListedAsker client = random_asker(random, zones);
      const ReferenceAnswer expected = reference_answer(zones.listed, name, question.type, client);
      const ClientInfo client_info{
          .address = client.client, .local = client.local, .salt = client.salt, .views = zones.snapshot->views().get()};
      const SolveOptions options{.dnssec_ok = false, .client = client.client.empty() ? nullptr : &client_info};
      solve(*zones.snapshot, question, options, *answer);
      REQUIRE(text(*answer) == text(expected));
      Trace trace;
      solve(*zones.snapshot, question, options, *traced, trace);
      CHECK(text(*traced) == text(*answer));
      CHECK(!trace.empty());
      check_message(expected, question, *answer, *compression, kMaxMessage);
      check_message(expected, question, *answer, *compression, 512 + random() % 800);
    }
  }
}

TEST_CASE("answer: a batch lookup returns the same results as single lookups") {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    const RandomZones zones = random_zones(random);
    std::array<Key, kMaxLookupBatch> keys;
    std::array<Name, kMaxLookupBatch> names;
    std::array<BatchLookup, kMaxLookupBatch> batch;
    const std::size_t size = random() % (kMaxLookupBatch + 1);
    for (std::size_t i = 0; i < size; ++i) {
      names[i] = random_question_name(random, zones);
      batch[i].name = names[i];
      batch[i].key = random() % 8 == 0 ? nullptr : &keys[i];
      batch[i].type = random_question_type(random);
    }
    look_up_batch(*zones.snapshot, std::span(batch).first(size));
    for (std::size_t i = 0; i < size; ++i) {
      if (batch[i].key == nullptr) continue;
      const ZoneLookup single = look_up_name(*zones.snapshot, Key(names[i]), batch[i].type);
      CHECK(single.zone == batch[i].result.zone);
      if (single.zone == nullptr) continue;
      CHECK(single.found.match == batch[i].result.found.match);
      CHECK(single.found.encloser_labels == batch[i].result.found.encloser_labels);
      CHECK(single.found.cut_or_dname_labels == batch[i].result.found.cut_or_dname_labels);
      CHECK(single.found.node.has_value() == batch[i].result.found.node.has_value());
      CHECK(single.found.wildcard.has_value() == batch[i].result.found.wildcard.has_value());
    }
  }
}

}  // namespace dns::test
