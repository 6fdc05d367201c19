#include "server/config/config.h"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "server/config/schema.h"
#include "server/zonefiles/reader.h"
#include "tests/support/memory_files.h"
#include "zone/name/text.h"

using namespace std::chrono_literals;

namespace {

struct Read {
  server::LoadedConfig loaded;
  dns::Diagnostics diagnostics;

  // "C102 2:1" for each error.
  std::string faults() const {
    std::string all;
    for (const dns::Diagnostic& fault : diagnostics.kept()) {
      const dns::Position at = loaded.sources.position(fault.at);
      all += (all.empty() ? "" : ", ") + std::string(fault.code->code) + " " + std::to_string(at.line) + ":" +
             std::to_string(at.column);
    }
    return all;
  }
  std::string first_help() const { return diagnostics.kept().empty() ? "" : diagnostics.kept().front().help; }
};

Read config_of(std::string text) {
  server::MemoryFiles files;
  files.write("etc/waymark.toml", std::move(text));
  server::ZoneFileReader reader(files, server::IncludeScope::kInside);
  Read read;
  auto loaded = server::load_config("etc/waymark.toml", reader, read.diagnostics);
  REQUIRE(loaded.has_value());
  read.loaded = std::move(*loaded);
  return read;
}

}  // namespace

TEST_CASE("config: reports each error at its line and column, with a suggestion") {
  struct Row {
    const char *text, *faults, *help;
  };
  static constexpr Row rows[] = {
      {"", "", ""},
      {"# a comment\n\n[server]\n[tcp]\n[log]\n", "", ""},
      {"[server]\nlisten = \"127.0.0.1:5300\"\n", "", ""},
      {"[server]\nlisten = [\"*:53\", \"[::1]:5300\"]\n", "", ""},
      {"[server]\nlistn = \"127.0.0.1\"\n", "C102 2:1", "did you mean listen?"},
      {"[sever]\n", "C103 1:2", "did you mean server?"},
      {"listen = \"127.0.0.1\"\n", "C103 1:1", ""},
      {"server = 1\n", "C104 1:10", ""},
      {"[server]\nlisten = 53\n", "C104 2:10", ""},
      {"[server]\nlisten = [\"::1\", 53]\n", "C104 2:18", ""},
      {"[server]\nlisten = \"localhost\"\n", "C107 2:10", ""},
      {"[server]\nlisten = [\"127.0.0.1:70000\"]\n", "C107 2:11", ""},
      {"[server]\nlisten = [\"[fe80::1]:53\"]\n", "C107 2:11", ""},
      {"[server]\nlisten = [\"[2001:db8::1%eth0]:53\"]\n", "C107 2:11", ""},
      {"[server]\nworkers = \"2\"\n", "C104 2:11", ""},
      {"[server]\nworkers = 257\n", "C105 2:11", ""},
      {"[server]\nworkers = -1\n", "C105 2:11", ""},
      {"[server]\nudp-size = 511\n", "C105 2:12", ""},
      {"[server]\nudp-size = 512.0\n", "C104 2:12", ""},
      {"[server]\nspread = \"cpus\"\n", "C106 2:10", "did you mean cpu?"},
      {"[server]\nidle-timeout = \"10s\"\n", "C102 2:1", "this key belongs in [tcp]"},
      {"[tcp]\nidle-timeout = \"10\"\n", "C108 2:16", "write a whole number with the unit ms, s, m or h: \"10s\""},
      {"[tcp]\nidle-timeout = \"1ms\"\n", "C105 2:16", ""},
      {"[tcp]\nidle-timeout = \"99999999m\"\n", "C105 2:16", ""},
      {"[tcp]\nidle-timeout = 10\n", "C104 2:16", ""},
      {"[log]\nlevel = \"warnin\"\n", "C106 2:9", "did you mean warning?"},
      {"[log]\nformat = true\n", "C104 2:10", ""},
      {"[[zone]]\nname = \"example.com\"\n", "C110 1:1",
       "file: the path of the zone file; template, acl: settings of a zone that has its file in `zones`"},
      {"[[zone]]\nfile = \"x\"\n", "C110 1:1", "name: Name of the zone."},
      {"[[zone]]\nname = \"a..b\"\nfile = \"x\"\n", "C109 2:8", ""},
      {"[[zone]]\nname = \"a\"\nfile = \"x\"\n[[zone]]\nname = \"A.\"\nfile = \"y\"\n", "C111 5:8", ""},
      {"[[zone]]\nname = \"a\"\nfile = 1\nfil = \"x\"\n", "C104 3:8, C102 4:1", ""},
      {"[zone]\nname = \"a\"\n", "C104 1:1", ""},
      {"zone = 3\n", "C104 1:8", ""},
      {"[server]\nworkers = 1\nworkers = 2\n", "C101 3:11", ""},
      {"[server\n", "C101 1:8", ""},
      {"[server]\nversion = \"\xc3\xa9\xc3\xa9\"\nnope = \"\xc3\xa9\"\n", "C102 3:1", ""},
      {"[tcp]\nworkers = 0\nconnections = 0\n[log]\nlevel = \"x\"\n[server]\nuser = 7\n",
       "C105 2:11, C105 3:15, C106 5:9, C104 7:8", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.text));
    const Read read = config_of(row.text);
    CHECK(read.faults() == std::string(row.faults));
    CHECK(read.first_help() == std::string(row.help));
  }
}

TEST_CASE("config: the keys of the general sections set the options") {
  const Read read = config_of(R"([server]
listen = ["192.0.2.1", "[2001:db8::1]:5300", "[fe80::1%eth0]"]
absent-addresses = "wait"
workers = 3
spread = "cpu"
send-together = "none"
receive-buffer = 65536
zones = ["../zones", "/srv/root.zone"]
includes = "anywhere"
load-threads = 2
user = "waymark"
group = "dns"
udp-size = 1400
state = "../state"
images = "../images"
control = "/run/waymark.sock"
version = "1"
identity = "ns1"
nsid = "n"
[tcp]
workers = 2
connections = 77
connections-per-address = 5
idle-timeout = "1m"
first-timeout = "3s"
message-timeout = "750ms"
[log]
level = "debug"
format = "json"
[[zone]]
name = "example.com"
file = "db"
)");
  REQUIRE(read.faults() == "");
  const server::Options& o = read.loaded.options;
  REQUIRE(o.listen.addresses.size() == 3);
  CHECK(server::to_text(o.listen.addresses[0]) == "192.0.2.1:53");
  CHECK(server::to_text(o.listen.addresses[1]) == "[2001:db8::1]:5300");
  CHECK(server::to_text(o.listen.addresses[2]) == "[fe80::1%eth0]:53");
  CHECK(o.listen.workers == 3);
  CHECK((o.listen.spread == server::SocketSelection::kCpu));
  CHECK((o.listen.absent == server::AbsentAddress::kWait));
  CHECK((o.listen.send_together == server::GsoGrouping::kNone));
  CHECK(o.listen.receive_buffer == 65536);
  CHECK(o.store.paths == std::vector<std::string>{"zones", "/srv/root.zone"});
  CHECK((o.store.include_scope == server::IncludeScope::kAnywhere));
  CHECK(o.store.load_threads == 2);
  CHECK(o.privileges.user == "waymark");
  CHECK(o.privileges.group == "dns");
  CHECK(o.responder.udp_size_max == 1400);
  CHECK(o.state == "state");
  CHECK(o.store.images == "images");
  CHECK(o.control == "/run/waymark.sock");
  CHECK(o.responder.version == "1");
  CHECK(o.responder.identity == "ns1");
  CHECK(o.responder.nsid == "n");
  CHECK(o.listen.tcp.workers == 2);
  CHECK(o.listen.tcp.connections_max == 77);
  CHECK(o.listen.tcp.connections_per_address == 5);
  CHECK((o.listen.tcp.idle_timeout == 60s));
  CHECK((o.listen.tcp.first_timeout == 3s));
  CHECK((o.listen.tcp.message_timeout == 750ms));
  CHECK((o.log.level == server::LogLevel::kDebug));
  CHECK((o.log.format == server::LogFormat::kJson));
  REQUIRE(o.store.zones.size() == 1);
  CHECK(dns::to_text(o.store.zones[0].apex) == "example.com.");
  CHECK(o.store.zones[0].path == "etc/db");
}

TEST_CASE("config: the example file loads without errors and contains every key of the general sections") {
  server::DiskFiles files;
  server::ZoneFileReader reader(files, server::IncludeScope::kInside);
  const std::string path = std::string(WAYMARK_SOURCE_DIR) + "/zones-example/waymark.toml";
  Read read;
  auto loaded = server::load_config(path, reader, read.diagnostics);
  REQUIRE(loaded.has_value());
  read.loaded = std::move(*loaded);
  CHECK(read.faults() == "");
  const std::string_view text = read.loaded.sources.text(0);
  for (const server::Section& section : server::config_sections()) {
    const bool general = section.form == server::SectionForm::kOne || section.name == "zone" ||
                         section.name == "template" || section.name == "acl";
    if (!general || section.name == "steering") continue;
    for (const server::KeyText* row : section.keys) {
      CAPTURE(std::string(row->key));
      const std::string line = std::string(row->key) + " = ";
      CHECK((text.find("\n" + line) != std::string_view::npos || text.find("\n# " + line) != std::string_view::npos));
    }
  }
}

TEST_CASE("config: each error code is unique and has an explanation") {
  std::set<std::string_view> seen;
  for (const dns::CodeRow& row : server::config_codes()) {
    CHECK(seen.insert(row.code).second);
    CHECK(row.code.starts_with("C"));
    CHECK_FALSE(row.explanation.empty());
  }
}

TEST_CASE("config: reports a missing file") {
  server::MemoryFiles files;
  server::ZoneFileReader reader(files, server::IncludeScope::kInside);
  dns::Diagnostics diagnostics;
  const auto loaded = server::load_config("nowhere.toml", reader, diagnostics);
  REQUIRE_FALSE(loaded.has_value());
  CHECK(loaded.error() == "No such file or directory");
}
