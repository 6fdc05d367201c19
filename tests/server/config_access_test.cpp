// [[zone]], [template.NAME] and [acl.NAME]: the policy that each zone gets, and what is checked against the zones.
#include <doctest/doctest.h>

#include "server/config/config.h"
#include "server/zonefiles/reader.h"
#include "tests/support/choices.h"
#include "tests/support/memory_files.h"
#include "tests/support/zone_from_text.h"
#include "zone/build/builder.h"

using namespace server;

namespace {

struct Read {
  LoadedConfig loaded;
  dns::Diagnostics diagnostics;
};

Read read(const std::string& text) {
  MemoryFiles files;
  files.write("waymark.toml", text);
  ZoneFileReader reader(files, IncludeScope::kInside);
  Read result;
  auto loaded = load_config("waymark.toml", reader, result.diagnostics);
  REQUIRE(loaded.has_value());
  result.loaded = std::move(*loaded);
  return result;
}

constexpr const char* kConfig = R"([server]
zones = "zones"
[template.default]
acl = "office"
[template.secondary]
acl = ["lab", "office", "backup"]
[template.open]
[acl.office]
clients = ["10.0.0.0/8", "2001:db8::/32"]
[acl.lab]
action = "deny"
clients = "10.9.0.0/16"
[acl.backup]
clients = "192.0.2.7"
transports = "tcp"
operations = "transfer"
[[zone]]
name = "sec.example"
template = "secondary"
[[zone]]
name = "open.example"
template = "open"
file = "db.open"
[[zone]]
name = "own.example"
template = "secondary"
acl = "lab"
)";

}  // namespace

TEST_CASE("access configuration: a zone has its own rules, those of its template, or those of the default template") {
  const Read config = read(kConfig);
  REQUIRE(config.diagnostics.errors() == 0);
  REQUIRE(config.loaded.options.store.zones.size() == 1);
  CHECK(config.loaded.options.store.zones[0].path == "db.open");
  const auto& policies = config.loaded.options.store.policies;
  REQUIRE(policies != nullptr);
  const auto allows = [&](std::string_view zone, std::string_view client, dns::Operation operation,
                          std::uint8_t transport) {
    const std::vector<std::uint8_t> octets = dns::test::address(client);
    return dns::is_allowed(policies->find(dns::test::name_of(zone)), operation,
                           {.address = octets, .transport = transport});
  };
  using enum dns::Operation;
  const std::uint8_t udp = Transport::kUdp.number, tcp = Transport::kTcp.number;
  CHECK(allows("other.example.", "10.9.0.1", kQuery, udp));
  CHECK(allows("other.example.", "2001:db8::1", kQuery, tcp));
  CHECK_FALSE(allows("other.example.", "192.0.2.7", kQuery, udp));
  CHECK_FALSE(allows("sec.example.", "10.9.0.1", kQuery, udp));
  CHECK(allows("SEC.example.", "10.8.0.1", kQuery, udp));
  CHECK(allows("sec.example.", "192.0.2.7", kTransfer, tcp));
  CHECK_FALSE(allows("sec.example.", "192.0.2.7", kTransfer, udp));
  CHECK(allows("open.example.", "192.0.2.7", kQuery, udp));
  CHECK_FALSE(allows("open.example.", "192.0.2.7", kTransfer, tcp));
  CHECK(policies->find(dns::test::name_of("open.example.")) == nullptr);
  CHECK(allows("own.example.", "192.0.2.7", kQuery, udp));
  CHECK_FALSE(allows("own.example.", "10.9.0.1", kQuery, udp));
  CHECK_FALSE(allows("own.example.", "192.0.2.7", kTransfer, tcp));
}

TEST_CASE("access configuration: without rules no zone has a policy, and equal files give equal policies") {
  CHECK(read("[server]\nzones = \"zones\"\n").loaded.options.store.policies == nullptr);
  CHECK(read("[template.default]\n[[zone]]\nname = \"a\"\nfile = \"a\"\n").loaded.options.store.policies == nullptr);
  const auto policies = read(kConfig).loaded.options.store.policies;
  CHECK(*policies == *read(kConfig).loaded.options.store.policies);
  std::string changed = kConfig;
  changed.replace(changed.find("10.9.0.0/16"), 11, "10.8.0.0/16");
  CHECK_FALSE(*policies == *read(changed).loaded.options.store.policies);
}

TEST_CASE("access configuration: a [[zone]] section without a zone file is an error at its name") {
  const Read config = read(
      "[[zone]]\nname = \"here.example\"\nacl = \"all\"\n[[zone]]\nname = \"a.here.example\"\n"
      "acl = \"all\"\n[acl.all]\n");
  REQUIRE(config.diagnostics.errors() == 0);
  const auto zones = dns::Snapshot::of({dns::ZoneBuilder(dns::test::name_of("here.example.")).finish().zone});
  dns::Diagnostics found;
  check_against_zones(config.loaded, *zones, found);
  REQUIRE(found.kept().size() == 1);
  CHECK(found.kept()[0].code->code == "C306");
  CHECK(config.loaded.sources.position(found.kept()[0].at).line == 5);
  CHECK(found.kept()[0].help == "did you mean here.example.?");
}
