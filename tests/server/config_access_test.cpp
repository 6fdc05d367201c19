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

namespace {

constexpr const char* kSecret = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

}  // namespace

TEST_CASE("access configuration: keys and remotes of a rule") {
  const Read config =
      read(std::string("[key.K]\nsecret = \"") + kSecret + "\"\n[key.\"b.example\"]\nsecret = \"" + kSecret + R"("
[remote.backup]
addresses = ["192.0.2.7:5300", "::ffff:192.0.2.8"]
key = "k."
transport = "tcp"
[remote.plain]
addresses = "[fe80::1%eth0]:53"
[acl.transfers]
remotes = ["backup", "plain"]
operations = "transfer"
[acl.signed]
action = "deny"
keys = ["b.example"]
[template.default]
acl = ["transfers", "signed"]
)");
  REQUIRE(config.diagnostics.errors() == 0);
  const auto& policies = config.loaded.options.store.policies;
  REQUIRE(policies != nullptr);
  REQUIRE(policies->keys() != nullptr);
  const auto allows = [&](std::string_view client, dns::Operation operation, const Transport& transport,
                          std::string_view key) {
    const std::vector<std::uint8_t> octets = dns::test::address(client);
    const dns::TsigKey* const found = key.empty() ? nullptr : policies->keys()->find(dns::test::name_of(key));
    const std::uint16_t number = found == nullptr ? std::uint16_t{0} : found->number();
    return dns::is_allowed(policies->find(dns::test::name_of("z.")), operation,
                           {.address = octets, .transport = transport.number, .key = number});
  };
  using enum dns::Operation;
  CHECK(allows("192.0.2.7", kTransfer, Transport::kTcp, "k."));
  CHECK(allows("192.0.2.8", kTransfer, Transport::kTcp, "k."));
  CHECK_FALSE(allows("192.0.2.7", kTransfer, Transport::kUdp, "k."));
  CHECK_FALSE(allows("192.0.2.7", kTransfer, Transport::kTcp, ""));
  CHECK_FALSE(allows("192.0.2.7", kTransfer, Transport::kTcp, "b.example."));
  CHECK_FALSE(allows("192.0.2.9", kTransfer, Transport::kTcp, "k."));
  CHECK(allows("fe80::1", kTransfer, Transport::kUdp, ""));
  CHECK(allows("192.0.2.9", kQuery, Transport::kUdp, "k."));
  CHECK_FALSE(allows("192.0.2.9", kQuery, Transport::kUdp, "b.example."));
}

TEST_CASE("access configuration: other secrets, algorithms and names of keys are other policies") {
  const auto policies = [](std::string_view name, std::string_view secret, std::string_view more = "") {
    return read(std::string("[key.") + std::string(name) + "]\nsecret = \"" + std::string(secret) + "\"\n" +
                std::string(more))
        .loaded.options.store.policies;
  };
  const auto first = policies("a", kSecret);
  CHECK(*first == *policies("a", kSecret));
  CHECK(*first == *policies("A", kSecret));
  CHECK_FALSE(*first == *policies("b", kSecret));
  CHECK_FALSE(*first == *policies("a", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY0"));
  CHECK_FALSE(*first == *policies("a", kSecret, "algorithm = \"hmac-sha512\"\n"));
}

TEST_CASE("access configuration: no error text and no shown line has a secret") {
  const char* const texts[] = {
      "[key.a]\nsecret = \"SECRET+!\"\n",
      "[key.a]\nsecret = 'SECRET+!'\n",
      "[key.a]\n\"secret\"=\"SECRET+!\"\n",
      "[key.a]\nsecret = \"\"\"SECRET+\nSECRET+!\"\"\"\n",
      "[key.a]\nsecret = \"SECRET+\n",
      "[key.a]\nsecret = SECRET+\n",
      "[key.a]\nsecret = \"SECRET+\"\nsecret-file = \"x\"\n",
      "[key]\na = { algorithm = \"hmac-md5\", secret = \"SECRET+\" }\n",
      "key.a.secret = \"SECRET+!\"\n",
      "[key.a]\nsecret = [\"SECRET+\"]\n",
      "[acl.a]\nsecret = \"SECRET+\"\n",
  };
  for (const char* const text : texts) {
    CAPTURE(text);
    const Read config = read(text);
    CHECK_FALSE(config.diagnostics.kept().empty());
    for (const dns::Diagnostic& fault : config.diagnostics.kept())
      CHECK_FALSE(dns::render(fault, config.loaded.sources, {}).contains("SECRET"));
    CHECK_FALSE(config.loaded.sources.text(0).contains("SECRET"));
    CHECK(config.loaded.sources.text(0).size() == std::string_view(text).size());
  }
}
