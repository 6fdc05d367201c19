// Golden stories: a zone, questions, answers and the reason of each, in one file that is read as a page of the RFC.
//
//     # what the story shows                         lines of prose, kept
//     zone example.                                  master file text follows, indented by two
//     view closed 10.0.0.0/8 [at 10.1.0.53]          in order: clients, then addresses of ours; "all" for either
//     choice www.example. A                          view = addresses [| addresses], view "-" for whoever has none,
//     indented by two ask x.example. A [do] [size=512] [from=10.1.2.3] [at=10.1.0.53]     then what is answered,
//     indented by two
//
// Choices are laid over the zones as failover does. Sets between bars share the clients evenly.
//
// `GOLDEN_UPDATE=1` writes what is answered now into the files; the diff is then the review.
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
  std::string expected;  // lines as they stand
};

struct Story {
  std::filesystem::path path;
  std::shared_ptr<const Snapshot> snapshot;
  std::vector<std::shared_ptr<const Zone>> zones;
  std::vector<View> views;
  std::vector<Ask> asks;
  std::vector<std::string> kept;  // every line that is not an expected one, empty where an answer stands behind
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

// "10.0.0.1 10.0.0.2 | 10.0.0.3", each part a variant; none for an empty one.
void read_arm(const Story& story, const std::string& view, std::istream& words, Type type, ClientChoice& plan) {
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
  ViewRule arm = arm_of(kNoView, dealt(weights, keys));
  for (std::uint8_t& slot : arm.slots) slot = static_cast<std::uint8_t>(slot + first);
  const auto named = std::ranges::find(story.views, view, &View::name);
  if (named != story.views.end()) arm.view = static_cast<std::uint8_t>(named - story.views.begin());
  plan.rules.push_back(arm);
}

void lay_choice(Story& story, const std::string& what, const std::string& block) {
  std::istringstream words(what), lines(block);
  std::string name, type;
  words >> name >> type;
  ClientChoice plan;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream arm(line);
    std::string view, equals;
    arm >> view >> equals;
    read_arm(story, view, arm, *parse_type(type), plan);
  }
  const Name owner = name_of(name);
  for (auto& zone : story.zones)
    if (owner.view().is_within(zone->apex()) && zone->find_exact(owner))
      zone = with_choice(zone, owner, *parse_type(type), plan);
}

Story read_story(const std::filesystem::path& path) {
  Story story{.path = path, .snapshot = nullptr, .zones = {}, .views = {}, .asks = {}, .kept = {}};
  const std::vector<std::string> lines = lines_of(path);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    story.kept.push_back(lines[i]);
    std::string block;
    std::size_t end = i + 1;
    for (; end < lines.size() && is_indented(lines[end]); ++end) block += lines[end] + '\n';
    if (lines[i].starts_with("zone ")) {
      std::string text;
      for (std::size_t k = i + 1; k < end; ++k) text += lines[k].substr(2) + '\n';
      story.zones.push_back(zone_of(lines[i].substr(5), text));
      for (std::size_t k = i + 1; k < end; ++k) story.kept.push_back(lines[k]);
    } else if (lines[i].starts_with("view ")) {
      story.views.push_back(read_view(lines[i].substr(5)));
    } else if (lines[i].starts_with("choice ")) {
      lay_choice(story, lines[i].substr(7), block);
      for (std::size_t k = i + 1; k < end; ++k) story.kept.push_back(lines[k]);
    } else if (lines[i].starts_with("ask ")) {
      story.asks.push_back({i + 1, lines[i].substr(4), block});
    } else {
      end = i + 1;
    }
    i = end - 1;
  }
  const auto views = story.views.empty() ? nullptr : std::make_shared<const ViewTable>(story.views);
  story.snapshot = Snapshot::of({})->with(story.zones, {}, views);
  return story;
}

ExplainedAnswer answered(const Story& story, const Ask& ask) {
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
    else FAIL(story.path.string() << ":" << ask.line << ": no such option: " << option);
  }
  const auto parsed = parse_type(type);
  REQUIRE_MESSAGE(parsed.has_value(), story.path.string() << ":" << ask.line << ": no such type: " << type);
  const Name asked = name_of(name);
  const ClientInfo asker{.address = client, .local = local, .salt = 0, .views = story.snapshot->views().get()};
  if (!client.empty()) options.solve.client = &asker;
  return explain(*story.snapshot, {asked, *parsed, Class::IN}, options);
}

std::vector<std::filesystem::path> story_paths() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(WAYMARK_SOURCE_DIR "/tests/golden"))
    if (entry.path().extension() == ".golden") paths.push_back(entry.path());
  std::ranges::sort(paths);
  return paths;
}

void rewrite(const Story& story, const std::vector<std::string>& answers) {
  std::ofstream file(story.path);
  std::size_t next = 0;
  for (const std::string& line : story.kept) {
    file << line << '\n';
    if (line.starts_with("ask ")) file << answers[next++];
  }
}

}  // namespace

TEST_CASE("golden: each story is answered as it stands, and every reason occurs in one") {
  const bool update = std::getenv("GOLDEN_UPDATE") != nullptr;
  std::set<int> told;
  const auto paths = story_paths();
  REQUIRE(paths.size() >= 14);
  for (const auto& path : paths) {
    const Story story = read_story(path);
    CHECK_MESSAGE(!story.asks.empty(), path.string() << " asks nothing");
    std::vector<std::string> answers;
    for (const Ask& ask : story.asks) {
      const ExplainedAnswer explained = answered(story, ask);
      for (const TraceEntry& entry : explained.trace) told.insert(static_cast<int>(entry.step));
      answers.push_back(to_text(explained));
      if (!update)
        CHECK_MESSAGE(answers.back() == ask.expected, path.string()
                                                          << ":" << ask.line << ": ask " << ask.text << "\nexpected\n"
                                                          << ask.expected << "answered\n"
                                                          << answers.back());
    }
    if (update) rewrite(story, answers);
  }
  for (int step = 0; step < kSteps; ++step)
    CHECK_MESSAGE(told.contains(step),
                  "no story has the reason: " << to_text(Trace{{static_cast<Step>(step), Name(), Type::A}}));
}

}  // namespace dns::test
