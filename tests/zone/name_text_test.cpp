#include <doctest/doctest.h>

#include "tests/support/random_names.h"
#include "zone/name/text.h"

namespace dns {
namespace {

std::string outcome(std::string_view text, std::string_view origin) {
  const auto name = parse_name(text, *parse_name(origin));
  if (name) return to_text(*name);
  return std::string(describe(name.error().error)) + " at " + std::to_string(name.error().offset);
}

std::string repeat(std::string_view text, std::size_t count) {
  std::string out;
  while (count-- > 0) out += text;
  return out;
}

}  // namespace

TEST_CASE("name text: parses valid names and reports the offset of errors") {
  const std::string label63 = repeat("x", 63), label64 = repeat("x", 64);
  const std::string name253 =
      label63 + "." + label63 + "." + label63 + "." + repeat("y", 61);  // 255 octets in wire form
  struct Row {
    std::string text, origin, outcome;
  };
  const Row rows[] = {
      {"www.example.", ".", "www.example."},
      {"www", "example.", "www.example."},
      {"www", ".", "www."},
      {"@", "example.", "example."},
      {"\\@", "example.", "\\@.example."},
      {"a@", "example.", "a\\@.example."},
      {".", "example.", "."},
      {"A.b", ".", "A.b."},
      {"a\\.b", ".", "a\\.b."},
      {"a\\046b", ".", "a\\.b."},
      {"\\000\\255\\032", ".", "\\000\\255\\032."},
      {"a\\\\b", ".", "a\\\\b."},
      {"\\w\\w", ".", "ww."},
      {"*", "example.", "*.example."},
      {"_sip._tcp", "example.", "_sip._tcp.example."},
      {"\xc3\xa4", ".", "\\195\\164."},
      {"", ".", "empty name at 0"},
      {"..", ".", "empty label at 0"},
      {".a", ".", "empty label at 0"},
      {"a..b", ".", "empty label at 2"},
      {"a..", ".", "empty label at 2"},
      {"a\\", ".", "malformed escape (write \\X, or \\DDD with DDD from 000 to 255) at 1"},
      {"a\\2", ".", "malformed escape (write \\X, or \\DDD with DDD from 000 to 255) at 1"},
      {"a\\25", ".", "malformed escape (write \\X, or \\DDD with DDD from 000 to 255) at 1"},
      {"a\\25x", ".", "malformed escape (write \\X, or \\DDD with DDD from 000 to 255) at 1"},
      {"a\\256", ".", "malformed escape (write \\X, or \\DDD with DDD from 000 to 255) at 1"},
      {label63, ".", label63 + "."},
      {label64, ".", "label longer than 63 octets at 63"},
      {"ab." + label64, ".", "label longer than 63 octets at 66"},
      {name253, ".", name253 + "."},
      {name253 + ".", ".", name253 + "."},
      {name253 + "y", ".", "name longer than 255 octets at 0"},
      {name253 + ".z", ".", "name longer than 255 octets at 254"},
      {name253, "z.", "name longer than 255 octets at 0"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(outcome(row.text, row.origin) == row.outcome);
  }
}

TEST_CASE("name text: a printed name parses to the same octets") {
  test::Random random(4343);
  for (int round = 0; round < 20000; ++round) {
    const Name name = test::random_name(random, 8);
    const auto again = parse_name(to_text(name), *parse_name("origin."));
    REQUIRE(again.has_value());
    REQUIRE(equal(again->view().bytes(), name.view().bytes()));  // including the case of letters
  }
}

}  // namespace dns
