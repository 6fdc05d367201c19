// Groups of answers that are sent with one system call.
#include <map>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "server/listen/gso_batch.h"

namespace {

using server::GsoBatch;
using server::OutgoingDatagram;

std::vector<std::uint8_t> client_of(char name) {
  std::vector<std::uint8_t> address(16);
  address[0] = 2;
  address[3] = static_cast<std::uint8_t>(name);
  return address;
}

struct Answers {
  std::vector<std::vector<std::uint8_t>> octets, clients, controls;
  std::vector<OutgoingDatagram> outgoing;

  // "a60": 60 octets to client a; "a60/x": from the local address x.
  explicit Answers(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      const std::size_t slash = text.find('/');
      octets.emplace_back(std::stoul(text.substr(1)));
      clients.push_back(client_of(text[0]));
      controls.emplace_back(slash == std::string::npos ? 0 : 1, slash == std::string::npos ? 0 : text[slash + 1]);
    }
    for (std::size_t i = 0; i < texts.size(); ++i) outgoing.push_back({octets[i], clients[i], controls[i]});
  }
};

// "a75 a60 | b90"
std::string arranged(const std::vector<std::string>& texts) {
  const Answers answers(texts);
  GsoBatch grouping;
  if (!grouping.group(answers.outgoing)) return "each alone";
  std::string text;
  for (const GsoBatch::Group& group : grouping.groups()) {
    if (!text.empty()) text += "|";
    for (std::size_t i = 0; i < group.count; ++i)
      text += (text.empty() || text.back() == '|' ? "" : " ") + texts[grouping.answer(group.first + i)];
  }
  return text;
}

}  // namespace

TEST_CASE("GSO batch: groups answers of one size to one client, with a shorter answer at the end") {
  CHECK(arranged({}) == "each alone");
  CHECK(arranged({"a60"}) == "each alone");
  CHECK(arranged({"a60", "b60", "c60"}) == "each alone");
  CHECK(arranged({"a60", "a60"}) == "a60 a60");
  CHECK(arranged({"a60", "b60", "a60", "b60"}) == "a60 a60|b60 b60");
  CHECK(arranged({"a60", "b90", "a60", "a75", "c60", "a60"}) == "a75 a60|a60 a60|b90|c60");
  CHECK(arranged({"a1", "a2", "a3", "a4"}) == "a4 a3|a2 a1");
  CHECK(arranged({"a60/x", "a60/y", "a60/x"}) == "a60/x a60/x|a60/y");
  CHECK(arranged({"a1232", "a1232", "a1233", "a1233"}) == "a1233|a1233|a1232 a1232");
}

TEST_CASE("GSO batch: each answer is in exactly one group, with one client and a valid segment size") {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> texts;
    const std::size_t count = random() % (server::kMaxGrouped + 1), clients = 1 + random() % 40,
                      sizes = 1 + random() % 6;
    for (std::size_t i = 0; i < count; ++i)
      texts.push_back(std::string(1, static_cast<char>('0' + random() % clients)) +
                      std::to_string(40 + random() % sizes * 300));
    const Answers answers(texts);
    GsoBatch grouping;
    if (!grouping.group(answers.outgoing)) {
      std::map<char, int> seen;
      for (const std::string& text : texts) CHECK(++seen[text[0]] == 1);
      continue;
    }
    std::vector<int> grouped(count, 0);
    for (const GsoBatch::Group& group : grouping.groups()) {
      REQUIRE(group.count > 0);
      for (std::size_t i = 0; i < group.count; ++i) {
        const std::size_t index = grouping.answer(group.first + i);
        ++grouped[index];
        const std::size_t size = answers.octets[index].size();
        CHECK(texts[index][0] == texts[grouping.answer(group.first)][0]);
        if (i + 1 < group.count) CHECK(size == group.segment);
        else CHECK(size <= group.segment);
      }
      if (group.count > 1) CHECK(group.segment <= server::kMaxSegment);
    }
    for (const int times : grouped) CHECK(times == 1);
  }
}
