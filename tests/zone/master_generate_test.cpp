#include <doctest/doctest.h>

#include "zone/master/generate.h"

using namespace dns;

namespace {

std::string text(std::string_view range) {
  const Result<GenerateRange, std::size_t> parsed = parse_range(range);
  if (!parsed) return "fault at " + std::to_string(parsed.error());
  return std::to_string(parsed->start) + " to " + std::to_string(parsed->stop) + " by " + std::to_string(parsed->step) +
         ": " + std::to_string(parsed->count());
}

std::string expanded(std::string_view text, std::uint32_t number) {
  const Result<GenerateTemplate, TemplateError> parsed =
      GenerateTemplate::parse(text, {.start = number, .stop = number});
  if (!parsed) return "fault at " + std::to_string(parsed.error().offset) + "+" + std::to_string(parsed.error().length);
  std::string out;
  parsed->append(out, number);
  return out;
}

}  // namespace

TEST_CASE("generate: parses ranges and gives the offset of an error") {
  struct Row {
    std::string_view range, meaning;
  };
  static constexpr Row rows[] = {
      {"1-3", "1 to 3 by 1: 3"},
      {"0-255/5", "0 to 255 by 5: 52"},
      {"7-7", "7 to 7 by 1: 1"},
      {"0-10/4", "0 to 10 by 4: 3"},
      {"0-2147483647", "0 to 2147483647 by 1: 2147483648"},
      {"0-9/2147483647", "0 to 9 by 2147483647: 1"},
      {"", "fault at 0"},
      {"1", "fault at 1"},
      {"1-", "fault at 2"},
      {"-1", "fault at 0"},
      {"3-1", "fault at 2"},
      {"1-3/", "fault at 4"},
      {"1-3/0", "fault at 4"},
      {"1-3x", "fault at 3"},
      {"1-2147483648", "fault at 2"},
      {"0-4294967296", "fault at 2"},
      {"1-99999999999999999999999", "fault at 2"},
      {"a-b", "fault at 0"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.range);
    CHECK(text(row.range) == row.meaning);
  }
}

TEST_CASE("generate: expands templates like BIND") {
  struct Row {
    std::string_view text;
    std::uint32_t number;
    std::string_view expansion;
  };
  static constexpr Row rows[] = {
      {"host$", 7, "host7"},
      {"$.$", 7, "7.7"},
      {"a$$b", 7, "a$b"},
      {"a\\$b", 7, "a\\$b"},
      {"a\\065b", 7, "a\\065b"},
      {"plain", 7, "plain"},
      {"${0}", 7, "7"},
      {"${10}", 7, "17"},
      {"${-3}", 7, "4"},
      {"${-9}", 7, "-2"},
      {"${+1}", 7, "8"},
      {"${0,3}", 7, "007"},
      {"${0,3,d}", 7, "007"},
      {"${-9,4}", 7, "-002"},
      {"${0,0,x}", 255, "ff"},
      {"${0,4,X}", 255, "00FF"},
      {"${0,0,o}", 8, "10"},
      {"${0,5,n}", 17, "1.1.0"},
      {"${0,4,n}", 0, "0.0."},
      {"${0,0,n}", 0, "0"},
      {"${0,0,n}", 0xab, "b.a"},
      {"${0,0,N}", 0xab, "B.A"},
      {"${2147483647}", 2147483647, "4294967294"},
      {"${", 1, "fault at 0+2"},
      {"x${0", 1, "fault at 1+2"},
      {"${}", 1, "fault at 0+3"},
      {"${a}", 1, "fault at 0+4"},
      {"${0,}", 1, "fault at 0+5"},
      {"${0,256}", 1, "fault at 0+8"},
      {"${0,1000000000}", 1, "fault at 0+15"},
      {"${0,1,q}", 1, "fault at 0+8"},
      {"${0,1,}", 1, "fault at 0+7"},
      {"${0,1,dd}", 1, "fault at 0+9"},
      {"${0 }", 1, "fault at 0+5"},
      {"${-9,1,x}", 1, "fault at 0+9"},
      {"${99999999999}", 1, "fault at 0+14"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(expanded(row.text, row.number) == row.expansion);
  }
}
