#include "server/folder/reader.h"

#include <doctest/doctest.h>

#include <set>

#include "tests/support/memory_files.h"

TEST_CASE("reader: includes stay in the zone file's directory") {
  server::MemoryFiles files;
  files.write("/zones/example.zone", "z");
  files.write("/zones/part", "p");
  files.write("/zones/sub/part", "s");
  files.write("/etc/shadow", "secret");
  files.write("/volume/now/linked.zone", "l");
  files.write("/volume/now/beside", "b");
  files.link("/zones/linked.zone", "/volume/now/linked.zone");
  files.link("/zones/beside", "/volume/now/beside");
  files.link("/zones/escape", "/etc/shadow");
  struct Row { const char *zone, *include; bool anywhere, opens; };
  static constexpr Row rows[] = {
      {"/zones/example.zone", "part", false, true},
      {"/zones/example.zone", "sub/part", false, true},
      {"/zones/example.zone", "sub/../part", false, true},
      {"/zones/example.zone", "/zones/part", false, true},
      {"/zones/example.zone", "../etc/shadow", false, false},
      {"/zones/example.zone", "/etc/shadow", false, false},
      {"/zones/example.zone", "escape", false, false},
      {"/zones/example.zone", "escape", true, true},
      {"/zones/example.zone", "/etc/shadow", true, true},
      {"/zones/linked.zone", "part", false, true},
      {"/zones/linked.zone", "beside", false, true},       // a volume whose files are links to their present version
      {"/zones/linked.zone", "escape", false, false},
      {"/zones/example.zone", "missing", false, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.zone);
    CAPTURE(row.include);
    server::ZoneReader reader(files, row.anywhere ? server::IncludeScope::kAnywhere : server::IncludeScope::kInside);
    REQUIRE(reader.open(row.zone, "").has_value());
    CHECK(reader.open(row.include, row.zone).has_value() == row.opens);
  }
}

TEST_CASE("reader: remembers each file once") {
  server::MemoryFiles files;
  files.write("a.zone", "z");
  files.write("part", "p");
  server::ZoneReader reader(files, server::IncludeScope::kAnywhere);
  REQUIRE(reader.open("a.zone", "").has_value());
  REQUIRE(reader.open("part", "a.zone").has_value());
  REQUIRE(reader.open("part", "a.zone").has_value());
  REQUIRE(reader.files_read().size() == 2);
  CHECK(reader.files_read()[1].path == "part");
}

TEST_CASE("reader: content marks differ where one octet or the length does") {
  std::set<std::uint64_t> marks;
  std::string text(100, 'x');
  marks.insert(server::content_mark(text));
  for (char& octet : text) {
    octet = 'y';
    CHECK(marks.insert(server::content_mark(text)).second);
    octet = 'x';
  }
  for (std::size_t size = 0; size < text.size(); ++size) CHECK(marks.insert(server::content_mark(std::string_view(text).substr(0, size))).second);
}

TEST_CASE("mark: the same of a text in parts, wherever it is cut") {
  std::string text;
  for (int i = 0; i < 100; ++i) text += static_cast<char>('a' + i * i % 26);
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (const std::size_t second : {first, (first + text.size()) / 2}) {
      server::ContentMark mark;
      mark.add(std::string_view(text).substr(0, first));
      mark.add(std::string_view(text).substr(first, second - first));
      mark.add(std::string_view(text).substr(second));
      CHECK(mark.finish() == server::content_mark(text));
    }
  }
}

