#include <doctest/doctest.h>

#include "server/zonefiles/discover.h"
#include "tests/support/memory_files.h"
#include "zone/name/text.h"

namespace {

std::string text(const server::Discovery& found) {
  std::string all;
  for (const server::ZoneFile& zone : found.zones) all += dns::to_text(zone.apex) + "=" + zone.path + " ";
  return all;
}

}  // namespace

TEST_CASE("discover: derives the zone name from the file name") {
  struct Row {
    const char *file, *zone;
  };
  static constexpr Row rows[] = {
      {"example.com.zone", "example.com."},
      {"Example.COM.zone", "Example.COM."},
      {"root.zone", "."},
      {"example.com..zone", "example.com."},
      {"0\\04725.2.0.192.in-addr.arpa.zone", "0/25.2.0.192.in-addr.arpa."},
      {"example.com", nullptr},
      {"example.com.zone~", nullptr},
      {".zone", nullptr},
      {"@.zone", nullptr},
      {"..zone", nullptr},
      {"a..b.zone", nullptr},
  };
  for (const Row& row : rows) {
    CAPTURE(row.file);
    const auto zone = server::apex_of_file_name(row.file);
    CHECK((zone ? dns::to_text(*zone) : std::string("none")) == (row.zone == nullptr ? "none" : row.zone));
  }
}

TEST_CASE("discover: finds zones in directories, files and named zones; an explicit file has precedence") {
  server::MemoryFiles files;
  files.write("dir/b.zone", "");
  files.write("dir/a.zone", "");
  files.write("dir/notes.txt", "");
  files.write("dir/deeper/c.zone", "");
  files.write("single/a.zone", "");
  files.write("db.d", "");
  server::StoreOptions options;
  options.paths = {"dir", "single/a.zone"};
  options.zones = {{*dns::parse_name("d"), "db.d"}};
  const server::Discovery found = server::discover(options, files);
  CHECK(text(found) == "a.=single/a.zone b.=dir/b.zone d.=db.d ");
  REQUIRE(found.errors.size() == 1);
  CHECK(found.errors[0] == "zone a. has two files, single/a.zone and dir/a.zone: using the first");
}

TEST_CASE("discover: reports a path that cannot be read and a file name without a zone name") {
  server::MemoryFiles files;
  files.write("db.example", "");
  server::StoreOptions options;
  options.paths = {"nowhere", "db.example"};
  const server::Discovery found = server::discover(options, files);
  CHECK(found.zones.empty());
  REQUIRE(found.errors.size() == 2);
  CHECK(found.errors[0] == "cannot read nowhere: No such file or directory");
  CHECK(found.unreadable == std::vector<std::string>{"nowhere"});
}
