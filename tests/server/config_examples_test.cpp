// The examples in zones-example/steering. Each example and its zones load without errors, and the zones contain the
// managed RRsets.
#include <filesystem>

#include <doctest/doctest.h>

#include "server/config/config.h"
#include "server/config/schema.h"
#include "server/zonefiles/discover.h"
#include "server/zonefiles/reader.h"
#include "tests/support/memory_files.h"
#include "zone/file/load.h"

namespace {

constexpr const char* kFolder = WAYMARK_SOURCE_DIR "/zones-example/steering";

std::vector<std::string> examples() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kFolder))
    if (entry.path().extension() == ".toml") paths.push_back(entry.path().string());
  return paths;
}

struct Example {
  server::LoadedConfig config;
  dns::Diagnostics diagnostics;
  std::string rendered;

  void render_diagnostics() {
    for (const dns::Diagnostic& fault : diagnostics.kept()) rendered += dns::render(fault, config.sources, {});
  }
};

Example read(const std::string& path) {
  server::DiskFiles files;
  server::ZoneFileReader reader(files, server::IncludeScope::kAnywhere);
  Example example;
  auto loaded = server::load_config(path, reader, example.diagnostics, std::chrono::year(2026) / 1 / 1);
  REQUIRE(loaded.has_value());
  example.config = std::move(*loaded);
  return example;
}

std::shared_ptr<const dns::Snapshot> zones_of(const server::StoreOptions& options) {
  server::DiskFiles files;
  const server::Discovery found = server::discover(options, files);
  CHECK(found.errors.empty());
  std::vector<std::shared_ptr<const dns::Zone>> zones;
  for (const server::ZoneFile& file : found.zones) {
    server::ZoneFileReader reader(files, server::IncludeScope::kInside);
    dns::Diagnostics diagnostics;
    dns::LoadedZone loaded = dns::load_zone(file.apex, file.path, reader, diagnostics);
    CHECK_MESSAGE(loaded.zone != nullptr, file.path);
    if (loaded.zone) zones.push_back(loaded.zone);
  }
  return dns::Snapshot::of(std::move(zones));
}

}  // namespace

TEST_CASE("examples: each example loads without errors, and its zones contain the managed RRsets") {
  std::size_t count = 0;
  for (const std::string& path : examples()) {
    CAPTURE(path);
    Example example = read(path);
    server::check_against_zones(example.config, *zones_of(example.config.options.store), example.diagnostics);
    example.render_diagnostics();
    CHECK_MESSAGE(example.diagnostics.errors() == 0, example.rendered);
    CHECK_FALSE(example.config.options.steering.empty());
    ++count;
  }
  CHECK(count >= 8);
}

TEST_CASE("examples: reference.toml contains every key of the failover sections") {
  const Example example = read(std::string(kFolder) + "/reference.toml");
  const std::string_view text = example.config.sources.text(0);
  for (const server::Section& section : server::config_sections()) {
    static constexpr std::string_view kOthers[] = {"server", "tcp", "log", "zone", "acl", "key", "remote", "template"};
    if (std::ranges::find(kOthers, section.name) != std::end(kOthers)) continue;
    for (const server::KeyText* row : section.keys) {
      CAPTURE(std::string(row->key));
      const std::string_view last = row->key.substr(row->key.rfind('.') + 1);
      CHECK(text.find(std::string(last) + " = ") != std::string_view::npos);
      if (last != row->key)
        CHECK(text.find(std::string(row->key.substr(0, row->key.find('.'))) + " = {") != std::string_view::npos);
    }
  }
}

TEST_CASE("examples: reports each record that conflicts with the zones, at the record's name") {
  const std::string text = R"([server]
state = "s"
[[record]]
name = "nowhere.example"
type = "A"
members = [{ name = "a", address = "192.0.2.1" }]
[[record]]
name = "ns.example.com"
type = "A"
members = [{ name = "a", address = "192.0.2.1" }]
[[record]]
name = "shop.example.com"
type = "A"
members = [{ name = "a", address = "192.0.2.1" }]
[[record]]
name = "app.example.com"
type = "AAAA"
members = [{ name = "a", address = "2001:db8::1" }]
)";
  server::MemoryFiles files;
  files.write("waymark.toml", text);
  server::ZoneFileReader reader(files, server::IncludeScope::kInside);
  dns::Diagnostics diagnostics;
  const auto loaded = server::load_config("waymark.toml", reader, diagnostics);
  REQUIRE(loaded.has_value());
  CHECK(diagnostics.errors() == 0);
  server::check_against_zones(*loaded, *zones_of({.paths = {std::string(kFolder) + "/example.com.zone"}, .zones = {}}),
                              diagnostics);
  std::string faults;
  for (const dns::Diagnostic& fault : diagnostics.kept())
    faults += std::string(fault.code->code) + " " + std::to_string(loaded->sources.position(fault.at).line) + ":" +
              std::to_string(loaded->sources.position(fault.at).column) + "\n";
  CHECK(faults == "C303 4:8\nC302 8:8\nC304 12:8\nC301 16:8\n");
}
