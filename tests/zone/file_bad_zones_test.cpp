// The corpus of bad zones: load_zone reports each error with its code and position, and reports nothing for good zones.
// GOLDEN_UPDATE=1 writes the reported codes into the corpus. Review the diff.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/fake_files.h"
#include "zone/file/load.h"
#include "zone/name/text.h"

using namespace dns;

namespace {

constexpr std::string_view kHead =
    "$TTL 300\n@ SOA ns.example.net. hostmaster 1 7200 3600 1209600 300\n@ NS ns.example.net.\n";
constexpr std::size_t kHeadLines = 3;

struct Verdict {
  std::string reported;  // "1:7 Z020, inc:2:1 Z012", or "good"
  std::size_t refusals = 0;
  bool loaded = false;
};

FakeFiles files() {
  FakeFiles files;
  files.files["good.inc"] = "x A 192.0.2.1\n";
  files.files["bad.inc"] = "x A 192.0.2.1\ny AAA ::1\n";
  files.files["outer.inc"] = "\n\n$INCLUDE bad.inc\n";
  files.files["self.inc"] = "x A 192.0.2.1\n$INCLUDE self.inc\n";
  files.files["ping.inc"] = "$INCLUDE pong.inc\n";
  files.files["pong.inc"] = "$INCLUDE ping.inc\n";
  files.files["unclosed.inc"] = "x TXT ( a\n";
  for (int i = 1; i < 20; ++i)
    files.files["deep" + std::to_string(i) + ".inc"] = "$INCLUDE deep" + std::to_string(i + 1) + ".inc\n";
  return files;
}

Verdict verdict_of(std::string_view text, std::size_t head_lines) {
  FakeFiles reader = files();
  reader.files["zone"] = text;
  Diagnostics diagnostics;
  const Name apex = *parse_name("example.com.");
  const LoadedZone loaded = load_zone(apex, "zone", reader, diagnostics);
  Verdict verdict{.reported = {}, .refusals = diagnostics.refusals(), .loaded = loaded.zone != nullptr};
  for (const Diagnostic& diagnostic : diagnostics.kept()) {
    const Position position = loaded.sources.position(diagnostic.at);
    const bool outer = position.path == "zone";
    if (!verdict.reported.empty()) verdict.reported += ", ";
    if (!outer) verdict.reported += std::string(position.path) + ":";
    verdict.reported += std::to_string(position.line - (outer && position.line > head_lines ? head_lines : 0)) + ":" +
                        std::to_string(position.column) + " ";
    verdict.reported += diagnostic.code->code;
    CHECK_FALSE(render(diagnostic, loaded.sources, {}).empty());
  }
  if (verdict.reported.empty()) verdict.reported = "good";
  return verdict;
}

struct Case {
  std::string expected, text;
  bool bare = false;
};

// Checks the case. Returns the text to write into the corpus.
std::string check_case(const Case& row) {
  CAPTURE(row.text);
  const std::string whole = row.bare ? row.text : std::string(kHead) + row.text;
  const Verdict verdict = verdict_of(whole, row.bare ? 0 : kHeadLines);
  CHECK(verdict.loaded == (verdict.refusals == 0));
  if (std::getenv("GOLDEN_UPDATE") == nullptr) CHECK(verdict.reported == row.expected);
  return verdict.reported;
}

std::string path_of(std::string_view name) { return WAYMARK_SOURCE_DIR "/tests/zone/bad_zones/" + std::string(name); }

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  REQUIRE(file.good());
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

void rewrite(const std::string& path, const std::string& text) {
  if (std::getenv("GOLDEN_UPDATE") != nullptr) std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("bad zones: reports the errors of each line in lines.txt") {
  std::string written;
  std::size_t cases = 0;
  for (const std::string& line : lines_of(path_of("lines.txt"))) {
    const std::size_t bar = line.find(" | ");
    if (line.starts_with('#') || bar == std::string::npos) {
      written += line + "\n";
      continue;
    }
    const std::string text = line.substr(bar + 3);
    written += check_case({.expected = line.substr(0, bar), .text = text + "\n"}) + " | " + text + "\n";
    ++cases;
  }
  CHECK(cases > 250);
  rewrite(path_of("lines.txt"), written);
}

TEST_CASE("bad zones: reports the errors of each file in files.txt") {
  std::string written;
  std::vector<Case> cases;
  for (const std::string& line : lines_of(path_of("files.txt"))) {
    if (line.starts_with("### ")) {
      const bool bare = line.starts_with("### bare ");
      cases.push_back({.expected = line.substr(bare ? 9 : 4), .text = {}, .bare = bare});
    } else if (cases.empty()) {
      written += line + "\n";
    } else {
      cases.back().text += line + "\n";
    }
  }
  for (const Case& row : cases) written += (row.bare ? "### bare " : "### ") + check_case(row) + "\n" + row.text;
  CHECK(cases.size() > 100);
  rewrite(path_of("files.txt"), written);
}
