#include <doctest/doctest.h>

#include "zone/base/printable.h"

using namespace dns;

namespace {

std::string json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::size_t columns(std::string_view text) {
  std::string out;
  std::size_t sum = 0;
  while (!text.empty()) sum += append_character(out, text, Charset::kUtf8);
  return sum;
}

}  // namespace

TEST_CASE("printable: shows what a reader can show, and no control character") {
  struct Row {
    std::string_view text, utf8, ascii, json;
  };
  static constexpr Row rows[] = {
      {"a b", "a b", "a b", "\"a b\""},
      {"b\xc3\xbcro", "b\xc3\xbcro", "b\\195\\188ro", "\"b\xc3\xbcro\""},
      {"\xe6\x97\xa5", "\xe6\x97\xa5", "\\230\\151\\165", "\"\xe6\x97\xa5\""},
      {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\\240\\159\\152\\128", "\"\xf0\x9f\x98\x80\""},
      {"a\nb\x1b[0m\x7f", "a\\010b\\027[0m\\127", "a\\010b\\027[0m\\127", "\"a\\u000ab\\u001b[0m\\u007f\""},
      {"\"\\", "\"\\", "\"\\", "\"\\\"\\\\\""},
      {"\xc2\x9b", "\\194\\155", "\\194\\155", "\"\xc2\x9b\""},                             // CSI
      {"\xe2\x80\xae", "\\226\\128\\174", "\\226\\128\\174", "\"\xe2\x80\xae\""},           // right to left
      {"\xff\xc3", "\\255\\195", "\\255\\195", "\"\\ufffd\\ufffd\""},                       // not UTF-8
      {"\xc0\xaf", "\\192\\175", "\\192\\175", "\"\\ufffd\\ufffd\""},                       // longer than needed
      {"\xed\xa0\x80", "\\237\\160\\128", "\\237\\160\\128", "\"\\ufffd\\ufffd\\ufffd\""},  // a surrogate
      {"\xf4\x90\x80\x80", "\\244\\144\\128\\128", "\\244\\144\\128\\128", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
      {"", "", "", "\"\""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.utf8);
    CHECK(printable(row.text, Charset::kUtf8) == row.utf8);
    CHECK(printable(row.text, Charset::kAscii) == row.ascii);
    CHECK(json(row.text) == row.json);
  }
}

TEST_CASE("printable: counts the columns of a terminal") {
  CHECK(columns("abc") == 3);
  CHECK(columns("b\xc3\xbc") == 2);
  CHECK(columns("\xe6\x97\xa5") == 2);  // wide
  CHECK(columns("e\xcc\x81") == 1);     // a combining mark
  CHECK(columns("\x01\xff") == 8);
}
