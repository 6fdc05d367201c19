#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include "server/zonefiles/reader.h"
#include "tests/support/memory_files.h"

TEST_CASE("reader: $INCLUDE opens only files in the zone file's directory, unless the scope is kAnywhere") {
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
  struct Row {
    const char *zone, *include;
    bool anywhere, opens;
  };
  static constexpr Row rows[] = {
      {"/zones/example.zone", "part", false, true},           {"/zones/example.zone", "sub/part", false, true},
      {"/zones/example.zone", "sub/../part", false, true},    {"/zones/example.zone", "/zones/part", false, true},
      {"/zones/example.zone", "../etc/shadow", false, false}, {"/zones/example.zone", "/etc/shadow", false, false},
      {"/zones/example.zone", "escape", false, false},        {"/zones/example.zone", "escape", true, true},
      {"/zones/example.zone", "/etc/shadow", true, true},     {"/zones/linked.zone", "part", false, true},
      {"/zones/linked.zone", "beside", false, true},  // a volume whose files are links to their current version
      {"/zones/linked.zone", "escape", false, false},         {"/zones/example.zone", "missing", false, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.zone);
    CAPTURE(row.include);
    server::ZoneFileReader reader(files,
                                  row.anywhere ? server::IncludeScope::kAnywhere : server::IncludeScope::kInside);
    REQUIRE(reader.open(row.zone, "").has_value());
    CHECK(reader.open(row.include, row.zone).has_value() == row.opens);
  }
}

TEST_CASE("reader: the message about an $INCLUDE names the path that was tried") {
  server::MemoryFiles files;
  files.write("zones/example.zone", "z");
  server::ZoneFileReader reader(files, server::IncludeScope::kAnywhere);
  REQUIRE(reader.open("zones/example.zone", "").has_value());
  CHECK(reader.open("zones/part", "zones/example.zone").error().starts_with("zones/zones/part: "));
  CHECK_FALSE(reader.open("/part", "zones/example.zone").error().starts_with("/part"));
}

TEST_CASE("reader: records each file once") {
  server::MemoryFiles files;
  files.write("a.zone", "z");
  files.write("part", "p");
  server::ZoneFileReader reader(files, server::IncludeScope::kAnywhere);
  REQUIRE(reader.open("a.zone", "").has_value());
  REQUIRE(reader.open("part", "a.zone").has_value());
  REQUIRE(reader.open("part", "a.zone").has_value());
  REQUIRE(reader.files_read().size() == 2);
  CHECK(reader.files_read()[1].path == "part");
}

TEST_CASE("content hash: differs if one octet or the length differs") {
  std::set<std::uint64_t> hashes;
  std::string text(100, 'x');
  hashes.insert(server::content_hash(text));
  for (char& octet : text) {
    octet = 'y';
    CHECK(hashes.insert(server::content_hash(text)).second);
    octet = 'x';
  }
  for (std::size_t size = 0; size < text.size(); ++size)
    CHECK(hashes.insert(server::content_hash(std::string_view(text).substr(0, size))).second);
}

TEST_CASE("content hash: is the same for a text that is added in parts") {
  std::string text;
  for (int i = 0; i < 100; ++i) text += static_cast<char>('a' + i * i % 26);
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (const std::size_t second : {first, (first + text.size()) / 2}) {
      server::ContentHash hash;
      hash.add(std::string_view(text).substr(0, first));
      hash.add(std::string_view(text).substr(first, second - first));
      hash.add(std::string_view(text).substr(second));
      CHECK(hash.finish() == server::content_hash(text));
    }
  }
}

namespace {

std::string long_text(std::size_t size) {
  std::string text;
  for (unsigned i = 0; text.size() < size; ++i) text += "host" + std::to_string(i) + " A 192.0.2.1\n";
  return text;
}

bool read_all(dns::ChunkedText& text, std::string& out) {
  out.resize(text.size());
  for (std::size_t part = 0; part * text.part_size() < out.size(); ++part) {
    const std::size_t at = part * text.part_size();
    if (!text.read_part(part, std::span(out).subspan(at, std::min(text.part_size(), out.size() - at)))) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("reader: a long file that is read in parts has the same content and the same hash") {
  for (const std::size_t size : {4 * server::kHashBlock, 5 * server::kHashBlock + 17}) {
    const std::string written = long_text(size);
    server::MemoryFiles files;
    files.write("a.zone", written);
    server::ZoneFileReader reader(files, server::IncludeScope::kInside);
    const auto opened = reader.open_parts("a.zone");
    REQUIRE(opened.text != nullptr);
    CHECK(opened.path == "a.zone");
    CHECK(opened.text->text().empty());
    std::string read;
    REQUIRE(read_all(*opened.text, read));
    CHECK((read == written));
    REQUIRE(opened.text->finish());
    REQUIRE(reader.files_read().size() == 1);
    CHECK(reader.files_read().front().content == server::content_hash(written));
    CHECK(reader.files_read().front().stamp == *files.stamp("a.zone"));
    REQUIRE(opened.text->hold());
    CHECK((opened.text->text() == written));
  }
}

TEST_CASE("reader: does not open short or missing files in parts") {
  server::MemoryFiles files;
  files.write("short.zone", long_text(server::kHashBlock));
  server::ZoneFileReader reader(files, server::IncludeScope::kInside);
  CHECK(reader.open_parts("short.zone").text == nullptr);
  CHECK(reader.open_parts("none.zone").text == nullptr);
}

TEST_CASE("reader: detects that a file changes while it is read in parts") {
  const std::string written = long_text(5 * server::kHashBlock);
  for (const std::string& now :
       {written + "x A 192.0.2.1\n", written.substr(0, server::kHashBlock), "y" + written.substr(1)}) {
    server::MemoryFiles files;
    files.write("a.zone", written);
    server::ZoneFileReader reader(files, server::IncludeScope::kInside);
    const auto opened = reader.open_parts("a.zone");
    std::string read;
    REQUIRE(opened.text->read_part(0, std::span(read = std::string(server::kHashBlock, ' '))));
    files.write("a.zone", now);
    const bool whole = read_all(*opened.text, read) && opened.text->finish();
    CHECK(!whole);
    CHECK(!opened.text->hold());
    CHECK(reader.files_read().empty());
    REQUIRE(reader.open("a.zone", "").has_value());
    CHECK(reader.files_read().front().content == server::content_hash(now));
  }
}

TEST_CASE("content hash: of a long text does not depend on the parts, and differs if one octet differs") {
  std::string text = long_text(3 * server::kHashBlock);
  const std::uint64_t whole = server::content_hash(text);
  for (const std::size_t step : {server::kHashBlock - 1, server::kHashBlock, server::kHashBlock + 1}) {
    server::ContentHash hash;
    for (std::size_t at = 0; at < text.size(); at += step) hash.add(std::string_view(text).substr(at, step));
    CHECK(hash.finish() == whole);
  }
  std::vector<std::uint64_t> hashes;
  for (std::size_t at = 0; at < text.size(); at += server::kHashBlock)
    hashes.push_back(server::content_hash(std::string_view(text).substr(at, server::kHashBlock)));
  CHECK(server::combined_hash(hashes) == whole);
  for (const std::size_t at : {std::size_t{0}, server::kHashBlock, text.size() - 1}) {
    text[at] ^= 1;
    CHECK(server::content_hash(text) != whole);
    text[at] ^= 1;
  }
  CHECK(server::content_hash(text.substr(0, 2 * server::kHashBlock)) !=
        server::content_hash(text.substr(0, 2 * server::kHashBlock + 1)));
}

TEST_CASE("files: reads a disk file at any offset and detects that it changed") {
  const std::string path = std::filesystem::temp_directory_path() / ("waymark-reader-" + std::to_string(::getpid()));
  std::ofstream(path) << "0123456789";
  server::DiskFiles disk;
  const auto file = disk.open(path);
  REQUIRE(file.has_value());
  std::string buffer(4, ' ');
  CHECK((*file)->stamp().size == 10);
  CHECK((*file)->read(3, buffer));
  CHECK(buffer == "3456");
  CHECK(!(*file)->read(7, buffer));
  CHECK((*file)->is_unchanged());
  std::ofstream(path, std::ios::app) << "x";
  CHECK(!(*file)->is_unchanged());
  std::filesystem::remove(path);
  CHECK(!disk.open(path).has_value());
  CHECK(!disk.open(std::filesystem::temp_directory_path()).has_value());
}
