// What `waymark check` finds about a start on this host: users, directories, programs and files.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "server/config/config.h"
#include "server/zonefiles/reader.h"
#include "tests/support/memory_files.h"

namespace {

using namespace server;

// A temporary directory with a configuration. The destructor removes it.
class Host {
 public:
  Host() : path_(std::filesystem::temp_directory_path() / ("waymark-start-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Host() { std::filesystem::remove_all(path_); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path_ / name) << text; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

  // "C401 5:11; C402 3:8" for this configuration.
  std::string findings(const std::string& text, OtherZones other_zones = OtherZones::kNone) const {
    write("waymark.toml", text);
    DiskFiles files;
    ZoneFileReader reader(files, IncludeScope::kAnywhere);
    dns::Diagnostics diagnostics;
    const auto loaded = load_config((path_ / "waymark.toml").string(), reader, diagnostics);
    REQUIRE(loaded.has_value());
    REQUIRE(diagnostics.errors() == 0);
    check_start(*loaded, other_zones, diagnostics);
    std::string found;
    for (const dns::Diagnostic& finding : diagnostics.kept()) {
      const dns::Position at = loaded->sources.position(finding.at);
      found += (found.empty() ? "" : "; ") + std::string(finding.code->code) + " " + std::to_string(at.line) + ":" +
               std::to_string(at.column);
    }
    return found;
  }

 private:
  std::filesystem::path path_;
};

std::string with_monitor(const std::string& monitor) {
  return "[server]\nzones = \"zones\"\nstate = \"state\"\n[monitor.m]\n" + monitor +
         "[[record]]\nname = \"a.example\"\ntype = \"A\"\n"
         "members = [{ name = \"a\", address = \"192.0.2.1\", monitor = \"m\" }]\n";
}

}  // namespace

TEST_CASE("start check: a configuration without zones needs zones on the command line") {
  const Host host;
  CHECK(host.findings("[server]\nworkers = 1\n") == "C404 1:1");
  CHECK(host.findings("[server]\nworkers = 1\n", OtherZones::kSome).empty());
}

TEST_CASE("start check: the user and the group must exist") {
  const Host host;
  CHECK(host.findings("[server]\nzones = \"z\"\nuser = \"no-such-user\"\n") == "C402 3:8");
  CHECK(host.findings("[server]\nzones = \"z\"\ngroup = \"no-such-group\"\n") == "C402 3:9");
  CHECK(host.findings("[server]\nzones = \"z\"\nuser = \"65534\"\ngroup = \"65534\"\n").empty());
}

TEST_CASE("start check: the state directory must be usable") {
  const Host host;
  CHECK(host.findings("[server]\nzones = \"z\"\nstate = \"state\"\n").empty());  // the start creates it
  CHECK(host.findings("[server]\nzones = \"z\"\nstate = \"none/state\"\n") == "C403 3:9");
  host.write("file", "");
  CHECK(host.findings("[server]\nzones = \"z\"\nstate = \"file\"\n") == "C403 3:9");
  std::filesystem::create_directory(host / "mine");
  std::filesystem::permissions(host / "mine", std::filesystem::perms::owner_all);
  CHECK(host.findings("[server]\nzones = \"z\"\nstate = \"mine\"\n").empty());
  CHECK(host.findings("[server]\nzones = \"z\"\nstate = \"mine\"\nuser = \"65534\"\n") == "C403 3:9");
}

TEST_CASE("start check: warns of a program that cannot run, and of a file without a state") {
  const Host host;
  CHECK(host.findings(with_monitor("type = \"exec\"\ncommand = [\"/bin/true\"]\n")).empty());
  CHECK(host.findings(with_monitor("type = \"exec\"\ncommand = [\"/nonexistent/check\"]\n")) == "C401 6:11");
  CHECK(host.findings(with_monitor("type = \"exec\"\ncommand = [\"./check\"]\n")) == "C401 6:11");
  host.write("check", "#!/bin/sh\n");
  CHECK(host.findings(with_monitor("type = \"exec\"\ncommand = [\"./check\"]\n")) == "C401 6:11");  // no execute bit
  std::filesystem::permissions(host / "check", std::filesystem::perms::owner_all);
  CHECK(host.findings(with_monitor("type = \"exec\"\ncommand = [\"./check\"]\n")).empty());
  host.write("check", "#!/nonexistent/sh -e\n");
  CHECK(host.findings(with_monitor("type = \"exec\"\ncommand = [\"./check\"]\n")) == "C401 6:11");
  CHECK(host.findings(with_monitor("type = \"file\"\nfile = \"lan\"\n")) == "C401 6:8");
  host.write("lan", "UP");
  CHECK(host.findings(with_monitor("type = \"file\"\nfile = \"lan\"\n")) == "C401 6:8");
  host.write("lan", "up");
  CHECK(host.findings(with_monitor("type = \"file\"\nfile = \"lan\"\n")).empty());
}

TEST_CASE("config: a program with a slash is relative to the configuration file, others are searched in PATH") {
  const auto program = [](const std::string& path, const std::string& typed) {
    MemoryFiles files;
    files.write(path, with_monitor("type = \"exec\"\ncommand = [\"" + typed + "\", \"a/b\"]\n"));
    ZoneFileReader reader(files, IncludeScope::kAnywhere);
    dns::Diagnostics diagnostics;
    const auto loaded = load_config(path, reader, diagnostics);
    REQUIRE(loaded.has_value());
    REQUIRE(loaded->local_monitors.size() == 1);
    CHECK(loaded->local_monitors[0].options.command[1] == "a/b");
    return loaded->local_monitors[0].options.command[0];
  };
  CHECK(program("waymark.toml", "./check") == "./check");
  CHECK(program("waymark.toml", "bin/check") == "bin/check");
  CHECK(program("waymark.toml", "check") == "check");
  CHECK(program("/etc/waymark/waymark.toml", "./check") == "/etc/waymark/check");
  CHECK(program("/etc/waymark/waymark.toml", "check") == "check");
  CHECK(program("/etc/waymark/waymark.toml", "/bin/check") == "/bin/check");
}
