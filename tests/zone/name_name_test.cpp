#include "zone/name/name.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "tests/support/random_names.h"
#include "zone/name/text.h"

namespace dns {
namespace {

Name name(std::string_view text) { return *parse_name(text); }

std::string text(const std::optional<Name>& made) { return made ? to_text(*made) : "too long"; }

Bytes prefix_of(const Name& whole) { return whole.view().bytes().first(whole.size() - 1); }

}  // namespace

TEST_CASE("name: is_within compares whole labels and ignores case") {
  struct Row {
    const char* name;
    const char* ancestor;
    bool within;
  };
  const Row rows[] = {
      {"a.example.", "example.", true},
      {"example.", "example.", true},
      {"A.EXAMPLE.", "eXample.", true},
      {"a.example.", ".", true},
      {".", ".", true},
      {".", "example.", false},
      {"xexample.", "example.", false},
      {"example.", "a.example.", false},
      {"a\\.example.", "example.", false},
      {"a.b.c.", "b.c.", true},
      {"a.b.c.", "b.", false},
      {"\\007example.", "example.", false},  // a length octet inside a label does not begin a label
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(name(row.name).view().is_within(name(row.ancestor)) == row.within);
  }
}

TEST_CASE("name: join and replace_suffix return a name, or nothing if it is too long") {
  CHECK(text(join(prefix_of(name("a.b.")), name("c."))) == "a.b.c.");
  CHECK(text(join({}, name("c."))) == "c.");
  CHECK(text(replace_suffix(name("x.old.example."), name("old.example."), name("new."))) == "x.new.");
  CHECK(text(replace_suffix(name("old.example."), name("OLD.example."), name("."))) == ".");
  const Name longest = name(std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." +
                            std::string(61, 'd') + ".");
  CHECK(longest.size() == kMaxName);
  CHECK(text(join({}, longest)) == to_text(longest));
  CHECK(text(join(prefix_of(name("x.")), longest)) == "too long");
  CHECK(text(replace_suffix(longest, name("."), name("x."))) == "too long");
}

TEST_CASE("name: canonical order equals the list in RFC 4034 6.1") {
  const char* const ascending[] = {
      ".",          "example.",         "a.example.",   "yljkjljk.a.example.", "Z.a.example.", "zABC.a.EXAMPLE.",
      "z.example.", "\\001.z.example.", "*.z.example.", "\\200.z.example."};
  for (std::size_t i = 0; i < std::size(ascending); ++i)
    for (std::size_t j = 0; j < std::size(ascending); ++j)
      CHECK((canonical_order(name(ascending[i]), name(ascending[j])) <=> 0) == (i <=> j));
}

TEST_CASE("name: labels, parent, drop and is_wildcard") {
  const Name www = name("www.example.com.");
  CHECK(www.view().labels() == 3);
  CHECK(to_text(www.view().parent()) == "example.com.");
  CHECK(to_text(www.view().drop(2)) == "com.");
  CHECK(to_text(www.view().drop(9)) == ".");
  CHECK(name("*.example.").view().is_wildcard());
  CHECK_FALSE(name("**.example.").view().is_wildcard());
  CHECK_FALSE(name("a.*.example.").view().is_wildcard());
}

TEST_CASE("name: read_name reads the name at the start and rejects invalid octets") {
  struct Row {
    std::vector<std::uint8_t> octets;
    const char* outcome;
  };
  std::vector<std::uint8_t> too_long;
  for (int i = 0; i < 128; ++i) too_long.insert(too_long.end(), {1, 'a'});
  too_long.push_back(0);
  const Row rows[] = {
      {{0}, "."},       {{1, 'a', 0}, "a."},      {{1, 'a', 0, 7}, "a."}, {{}, "0"},
      {{1, 'a'}, "0"},  {{2, 'a', 0}, "0"},       {{0x40, 0}, "2"},       {{0x80, 0}, "2"},
      {{0xc0, 0}, "3"}, {{1, 'a', 0xc0, 0}, "3"}, {too_long, "1"},
  };
  for (const Row& row : rows) {
    const auto read = read_name(row.octets);
    CHECK((read ? to_text(*read) : std::to_string(static_cast<int>(read.error()))) == row.outcome);
  }
}

}  // namespace dns
