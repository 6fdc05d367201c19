// Golden files: each contains zones, queries, the expected answers and the reason for each answer.
//
//     # comment                                      kept when the file is updated
//     zone example.                                  next lines, indented by two: the zone file
//     view closed 10.0.0.0/8 [at 10.1.0.53]          clients, then local addresses; "all" is allowed for both
//     choice www.example. A                          next lines, indented by two: view = addresses [| addresses],
//                                                    view "-" for clients without a view
//     ask x.example. A [do] [size=512] [from=10.1.2.3] [at=10.1.0.53]
//                                                    next lines, indented by two: the expected answer
//
// Views are listed in the order of their priority. Client choices are applied to the zones in the same way as failover
// applies them. RRsets separated by bars get equal shares of the clients.
//
// `GOLDEN_UPDATE=1` writes the current answers into the files. Review the diff.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "tests/support/choices.h"
#include "tests/support/zone_from_text.h"
#include "zone/answer/explain.h"
#include "zone/field/text.h"

namespace dns::test {
namespace {

constexpr int kSteps = static_cast<int>(Step::kNxdomain) + 1;

struct Ask {
  std::size_t line = 0;  // counted from 1
  std::string text;      // "x.example. A"
  std::string expected;  // the lines, unchanged
};

struct GoldenFile {
  std::filesystem::path path;
  std::shared_ptr<const Snapshot> snapshot;
  std::vector<std::shared_ptr<const Zone>> zones;
  std::vector<View> views;
  std::vector<Ask> asks;
  std::vector<std::string> kept;  // every line except the expected answers
};

bool is_indented(const std::string& line) { return line.starts_with("  "); }

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// "closed 10.0.0.0/8 192.0.2.1 at 10.1.0.53"
View read_view(const std::string& text) {
  std::istringstream words(text);
  View view;
  words >> view.name;
  std::vector<Prefix>* list = &view.clients;
  for (std::string word; words >> word;) {
    if (word == "at") list = &view.local;
    else if (word != "all") list->push_back(parse_prefix(word).value());
  }
  return view;
}

// "10.0.0.1 10.0.0.2 | 10.0.0.3": each part is a variant. An empty part is a variant without addresses.
void read_rule(const GoldenFile& golden, const std::string& view, std::istream& words, Type type, ClientChoice& plan) {
  std::vector<std::uint32_t> weights;
  std::vector<std::uint64_t> keys;
  const std::size_t first = plan.variants.size();
  for (std::string word = "|"; !word.empty();) {
    if (word == "|") {
      plan.variants.emplace_back(type, 60);
      weights.push_back(1);
      keys.push_back(weights.size());
    } else {
      plan.variants.back().add(address(word));
    }
    if (!(words >> word)) word.clear();
  }
  ViewRule rule = arm_of(kNoView, dealt(weights, keys));
  for (std::uint8_t& slot : rule.slots) slot = static_cast<std::uint8_t>(slot + first);
  const auto found = std::ranges::find(golden.views, view, &View::name);
  if (found != golden.views.end()) rule.view = static_cast<std::uint8_t>(found - golden.views.begin());
  plan.rules.push_back(rule);
}

void apply_choice(GoldenFile& golden, const std::string& owner_and_type, const std::string& block) {
  std::istringstream words(owner_and_type), lines(block);
  std::string name, type;
  words >> name >> type;
  ClientChoice plan;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream rule(line);
    std::string view, equals;
    rule >> view >> equals;
    read_rule(golden, view, rule, *parse_type(type), plan);
  }
  const Name owner = name_of(name);
  for (auto& zone : golden.zones)
    if (owner.view().is_within(zone->apex()) && zone->find_exact(owner))
      zone = with_choice(zone, owner, *parse_type(type), plan);
}

GoldenFile read_golden(const std::filesystem::path& path) {
  GoldenFile golden{.path = path, .snapshot = nullptr, .zones = {}, .views = {}, .asks = {}, .kept = {}};
  const std::vector<std::string> lines = lines_of(path);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    golden.kept.push_back(lines[i]);
    std::string block;
    std::size_t end = i + 1;
    for (; end < lines.size() && is_indented(lines[end]); ++end) block += lines[end] + '\n';
    if (lines[i].starts_with("zone ")) {
      std::string text;
      for (std::size_t k = i + 1; k < end; ++k) text += lines[k].substr(2) + '\n';
      golden.zones.push_back(zone_of(lines[i].substr(5), text));
      for (std::size_t k = i + 1; k < end; ++k) golden.kept.push_back(lines[k]);
    } else if (lines[i].starts_with("view ")) {
      golden.views.push_back(read_view(lines[i].substr(5)));
    } else if (lines[i].starts_with("choice ")) {
      apply_choice(golden, lines[i].substr(7), block);
      for (std::size_t k = i + 1; k < end; ++k) golden.kept.push_back(lines[k]);
    } else if (lines[i].starts_with("ask ")) {
      golden.asks.push_back({i + 1, lines[i].substr(4), block});
    } else {
      end = i + 1;
    }
    i = end - 1;
  }
  const auto views = golden.views.empty() ? nullptr : std::make_shared<const ViewTable>(golden.views);
  golden.snapshot = Snapshot::of({})->with(golden.zones, {}, views);
  return golden;
}

ExplainedAnswer answer_to(const GoldenFile& golden, const Ask& ask) {
  std::istringstream words(ask.text);
  std::string name, type, option;
  words >> name >> type;
  ExplainOptions options;
  std::vector<std::uint8_t> client, local;
  while (words >> option) {
    if (option == "do") options.solve.dnssec_ok = true;
    else if (option.starts_with("size=")) options.size = std::strtoul(option.c_str() + 5, nullptr, 10);
    else if (option.starts_with("from=")) client = address(option.substr(5));
    else if (option.starts_with("at=")) local = address(option.substr(3));
    else FAIL(golden.path.string() << ":" << ask.line << ": unknown option: " << option);
  }
  const auto parsed = parse_type(type);
  REQUIRE_MESSAGE(parsed.has_value(), golden.path.string() << ":" << ask.line << ": unknown type: " << type);
  const Name asked = name_of(name);
  const ClientInfo client_info{.address = client, .local = local, .salt = 0, .views = golden.snapshot->views().get()};
  if (!client.empty()) options.solve.client = &client_info;
  return explain(*golden.snapshot, {asked, *parsed, Class::IN}, options);
}

std::vector<std::filesystem::path> golden_paths() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(WAYMARK_SOURCE_DIR "/tests/golden"))
    if (entry.path().extension() == ".golden") paths.push_back(entry.path());
  std::ranges::sort(paths);
  return paths;
}

void rewrite(const GoldenFile& golden, const std::vector<std::string>& answers) {
  std::ofstream file(golden.path);
  std::size_t next = 0;
  for (const std::string& line : golden.kept) {
    file << line << '\n';
    if (line.starts_with("ask ")) file << answers[next++];
  }
}

}  // namespace

TEST_CASE("golden: answers equal the files, and every trace step occurs in one of them") {
  const bool update = std::getenv("GOLDEN_UPDATE") != nullptr;
  std::set<int> steps;
  const auto paths = golden_paths();
  REQUIRE(paths.size() >= 14);
  for (const auto& path : paths) {
    const GoldenFile golden = read_golden(path);
    CHECK_MESSAGE(!golden.asks.empty(), path.string() << " contains no queries");
    std::vector<std::string> answers;
    for (const Ask& ask : golden.asks) {
      const ExplainedAnswer explained = answer_to(golden, ask);
      for (const TraceEntry& entry : explained.trace) steps.insert(static_cast<int>(entry.step));
      answers.push_back(to_text(explained));
      if (!update)
        CHECK_MESSAGE(answers.back() == ask.expected, path.string()
                                                          << ":" << ask.line << ": ask " << ask.text << "\nexpected\n"
                                                          << ask.expected << "actual\n"
                                                          << answers.back());
    }
    if (update) rewrite(golden, answers);
  }
  for (int step = 0; step < kSteps; ++step)
    CHECK_MESSAGE(steps.contains(step),
                  "no golden file has the trace step: " << to_text(Trace{{static_cast<Step>(step), Name(), Type::A}}));
}

}  // namespace dns::test
