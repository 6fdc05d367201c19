// Bad configurations from tests/server/bad_configs, with the exact error codes and positions.
//
//     === C201 5:11, C202 1:7 + state     the expected errors, in this order; `good`: none
//     [link.a]                            the configuration, up to the next case; `+ state`: with a state directory
//                                         appended
#include <filesystem>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "server/config/config.h"
#include "server/zonefiles/reader.h"
#include "tests/support/memory_files.h"

namespace {

struct Case {
  std::string expected, text, place;
};

constexpr std::string_view kTail = R"(
[server]
state = "s"
)";

std::vector<Case> cases_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  REQUIRE(file.good());
  std::vector<Case> cases;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (line.starts_with("=== ")) {
      cases.push_back({line.substr(4), "", path.filename().string() + ":" + std::to_string(number)});
    } else if (!cases.empty()) {
      cases.back().text += line + "\n";
    }
  }
  return cases;
}

std::string faults_of(const std::string& text) {
  server::MemoryFiles files;
  files.write("waymark.toml", text);
  server::ZoneFileReader reader(files, server::IncludeScope::kInside);
  dns::Diagnostics diagnostics;
  const auto loaded = server::load_config("waymark.toml", reader, diagnostics, std::chrono::year(2030) / 1 / 1);
  REQUIRE(loaded.has_value());
  std::string faults;
  for (const dns::Diagnostic& fault : diagnostics.kept()) {
    const dns::Position at = loaded->sources.position(fault.at);
    faults += (faults.empty() ? "" : ", ") + std::string(fault.code->code) + " " + std::to_string(at.line) + ":" +
              std::to_string(at.column);
    CHECK_FALSE(fault.message.empty());
    CHECK_FALSE(dns::render(fault, loaded->sources, {}).empty());
  }
  return faults.empty() ? "good" : faults;
}

}  // namespace

TEST_CASE("config: reports each error of a bad configuration at its line and column") {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(WAYMARK_SOURCE_DIR "/tests/server/bad_configs")) {
    for (const Case& bad : cases_of(entry.path())) {
      CAPTURE(bad.place);
      CAPTURE(bad.text);
      const std::size_t plus = bad.expected.find(" + state");
      const std::string text = plus == std::string::npos ? bad.text : bad.text + std::string(kTail);
      CHECK(faults_of(text) == bad.expected.substr(0, plus));
      ++count;
    }
  }
  CHECK(count >= 80);
}
