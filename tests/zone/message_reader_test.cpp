#include <vector>

#include <doctest/doctest.h>

#include "zone/message/reader.h"
#include "zone/name/text.h"

namespace {

// A header of zeros, then `body`.
std::vector<std::uint8_t> message(std::vector<std::uint8_t> body) {
  body.insert(body.begin(), dns::kHeaderSize, 0);
  return body;
}

std::string read_at(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  dns::Reader reader(bytes, at);
  const auto name = reader.name();
  if (name) return dns::to_text(*name) + " " + std::to_string(reader.at());
  switch (name.error()) {
    case dns::ReadError::kTruncated: return "truncated";
    case dns::ReadError::kBadLabel: return "bad label";
    case dns::ReadError::kBadPointer: return "bad pointer";
    case dns::ReadError::kNameTooLong: return "too long";
  }
  return "?";
}

}  // namespace

TEST_CASE("reader: reads names and compression pointers (RFC 1035 4.1.4)") {
  struct Row {
    const char* description;
    std::vector<std::uint8_t> body;
    std::size_t at;
    const char* text;
  };
  const Row rows[] = {
      {"plain", {1, 'a', 0}, 12, "a. 15"},
      {"root", {0}, 12, ". 13"},
      {"to a name before", {1, 'a', 0, 1, 'b', 0xc0, 12}, 15, "b.a. 19"},
      {"to a pointer before", {1, 'a', 0, 0xc0, 12, 1, 'c', 0xc0, 15}, 17, "c.a. 21"},
      {"to itself", {0xc0, 12}, 12, "bad pointer"},
      {"into itself", {1, 'a', 0xc0, 12}, 12, "bad pointer"},
      {"ahead", {0xc0, 14, 1, 'a', 0}, 12, "bad pointer"},
      {"a cycle of two", {0xc0, 14, 0xc0, 12}, 14, "bad pointer"},
      {"into the header", {0xc0, 0}, 12, "bad pointer"},
      {"half a pointer", {0xc0}, 12, "truncated"},
      {"label beyond the end", {3, 'a', 'b'}, 12, "truncated"},
      {"no end", {1, 'a'}, 12, "truncated"},
      {"nothing", {}, 12, "truncated"},
      {"type 0x40", {0x41, 'a', 0}, 12, "bad label"},
      {"type 0x80", {0x81, 'a', 0}, 12, "bad label"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.description);
    const auto bytes = message(row.body);
    CHECK(read_at(bytes, row.at) == row.text);
  }
}

TEST_CASE("reader: accepts a name of 255 octets and rejects one of 256") {
  std::vector<std::uint8_t> body;
  for (int label = 0; label < 126; ++label) body.insert(body.end(), {1, 'x'});
  body.push_back(0);                                 // 253 octets at offset 12
  body.insert(body.end(), {1, 'y', 0xc0, 12});       // 255 at 265
  body.insert(body.end(), {2, 'z', 'z', 0xc0, 12});  // 256 at 269
  const auto bytes = message(body);
  CHECK(read_at(bytes, 265).starts_with("y.x."));
  CHECK(read_at(bytes, 269) == "too long");
}

TEST_CASE("reader: rejects a chain with more pointers than a name can have labels") {
  auto bytes = message({0});
  for (std::size_t at = 13; at + 2 < 16384; at += 2) {
    const std::size_t target = at == 13 ? 12 : at - 2;
    bytes.push_back(static_cast<std::uint8_t>(0xc0 | target >> 8));
    bytes.push_back(static_cast<std::uint8_t>(target));
  }
  CHECK(read_at(bytes, bytes.size() - 2).starts_with("bad pointer"));  // more hops than a name has labels
}
