// Checks includes against the order of rooms, the fenced list of CONTRIBUTING.md: a room includes only rooms below it.
#include <map>
#include <optional>
#include <regex>

#include <doctest/doctest.h>

#include "tests/style/source_tree.h"

namespace {

using style::SourceFile;

// "zone/answer" -> its line in the list; a higher number is further down.
using Order = std::map<std::string, int>;

// The rooms of the first fenced block that lists `zone/`: top folders without indentation, their rooms indented.
Order order_in(const std::vector<std::string>& readme) {
  static const std::regex top_line("^([a-z]+)/( .*)?$"), room_line("^ +([a-z]+)/( .*)?$");
  Order order;
  bool fenced = false;
  std::string top;
  for (const std::string& line : readme) {
    std::smatch match;
    if (line.starts_with("```")) {
      if (fenced && order.contains("zone/base")) return order;
      fenced = !fenced;
      order.clear();
      top.clear();
    } else if (fenced && std::regex_match(line, match, top_line)) {
      top = match[1];
    } else if (fenced && !top.empty() && std::regex_match(line, match, room_line)) {
      order[top + "/" + match[1].str()] = static_cast<int>(order.size());
    }
  }
  return {};
}

// "zone/name/name.h" -> "zone/name"; nothing for a file directly in its top folder.
std::optional<std::string> room_of(const std::string& path) {
  const std::size_t first = path.find('/'), second = path.find('/', first + 1);
  if (second == std::string::npos) return std::nullopt;
  return path.substr(0, second);
}

std::string top_of(const std::string& path) { return path.substr(0, path.find('/')); }

// The reason why `path` must not include `target`; empty if it may.
std::string fault(const Order& order, const std::string& path, const std::string& target) {
  static const std::map<std::string, int> rank = {{"zone", 0}, {"server", 1}, {"tools", 2}, {"tests", 3}};
  if (!rank.contains(top_of(target))) return "includes a file without its path from the root";
  if (rank.at(top_of(target)) > rank.at(top_of(path))) return "includes upward into " + top_of(target) + "/";
  const auto from = room_of(path), to = room_of(target);
  if (top_of(path) != top_of(target) || top_of(path) == "tests" || !from || from == to) return "";
  if (!to) return "includes the composition root";
  if (!order.contains(*from) || !order.contains(*to))
    return "the list does not contain the room " + *from + " or " + *to;
  return order.at(*to) < order.at(*from) ? "includes upward into " + *to : "";
}

}  // namespace

TEST_CASE("layers: an include downward is allowed, an include upward is not") {
  const Order order = {{"zone/answer", 0}, {"zone/name", 1}, {"server/query", 2}, {"server/runtime", 3}};
  CHECK(fault(order, "zone/answer/a.h", "zone/name/n.h").empty());
  CHECK(!fault(order, "zone/name/n.h", "zone/answer/a.h").empty());
  CHECK(fault(order, "server/query/q.h", "zone/answer/a.h").empty());
  CHECK(!fault(order, "zone/name/n.h", "server/query/q.h").empty());
  CHECK(!fault(order, "server/query/q.h", "server/server.h").empty());
  CHECK(fault(order, "server/server.h", "server/query/q.h").empty());
  CHECK(!fault(order, "server/query/q.h", "tools/serve.h").empty());
}

TEST_CASE("layers: the list in CONTRIBUTING.md contains every room") {
  const Order order = order_in(style::lines_of(WAYMARK_SOURCE_DIR "/CONTRIBUTING.md"));
  REQUIRE_MESSAGE(!order.empty(), "CONTRIBUTING.md has no fenced list of rooms");
  for (const SourceFile& file : style::sources({"zone", "server", "tools"})) {
    const auto room = room_of(file.path);
    CHECK_MESSAGE((!room || order.contains(*room)), file.path << ": its room is not in the list");
  }
}

TEST_CASE("layers: a room includes only rooms below it") {
  const Order order = order_in(style::lines_of(WAYMARK_SOURCE_DIR "/CONTRIBUTING.md"));
  static const std::regex include("^#include \"([^\"]+)\".*");
  for (const SourceFile& file : style::all_sources()) {
    for (const std::string& line : file.lines) {
      std::smatch match;
      if (!std::regex_match(line, match, include)) continue;
      const std::string why = fault(order, file.path, match[1]);
      CHECK_MESSAGE(why.empty(), file.path << " " << why << ": " << line);
    }
  }
}
