// Rules for the text of the sources. Each rule is a pattern with the paths that it applies to, a line that breaks it,
// and a line that keeps it.
#include <regex>

#include <doctest/doctest.h>

#include "tests/style/source_tree.h"

namespace {

using style::SourceFile;

enum class Over { kCode, kText };

struct Rule {
  const char* what;
  const char* where;  // the paths that it applies to
  Over over;
  const char* pattern;
  const char* breaks;  // a line that the pattern must match
  const char* keeps;   // a line that it must not match
};

const Rule kRules[] = {
    // In the library only where memory may run out, and where that becomes the failure of one zone or change.
    {"no exceptions in the library and on the query path",
     "^(zone/(?!base/(arena\\.h|pages\\.cpp)|file/load\\.cpp|snapshot/change\\.cpp)|server/query/|server/listen/udp).*",
     Over::kCode, R"(\b(throw|try|catch)\b)", "if (bad) throw Bad();", "auto x = try_parse(text);"},
    // The exception is the advice to use huge pages, without which every level of a big tree costs a TLB miss.
    {"the library is pure: no system, clock, thread, stream or framework", "^zone/(?!base/pages\\.cpp).*", Over::kCode,
     R"(#include <(boost/|spdlog|fmt/|toml|CLI|openssl|sys/|netinet|arpa/|unistd|fcntl|poll|signal|thread|mutex|)"
     R"(condition_variable|chrono|filesystem|fstream|iostream|random))",
     "#include <thread>", "#include <string_view>"},
    {"ldns never in a header", ".*\\.h$", Over::kCode, "#include <ldns", "#include <ldns/ldns.h>",
     "#include \"zone/rr/ldns_door.h\""},
    {"no using namespace in headers and in the code outside of tests", "^((zone|server|tools)/.*|.*\\.h)$", Over::kCode,
     R"(\busing\s+namespace\b)", "using namespace std;", "using dns::Name;"},
    {"no unfinished work", ".*", Over::kText,
     "\\b(TO"
     "DO|FIX"
     "ME|X"
     "XX|HA"
     "CK)\\b",
     "// TO"
     "DO: later",
     "// method"},
    {"no paths of one machine", ".*", Over::kText,
     "(/wo"
     "rk/|/tmp/w"
     "t|/ro"
     "ot/|/ho"
     "me/|\\.\\./sha"
     "red)",
     "see /wo"
     "rk/x",
     "a/work"},
    {"reinterpret_cast only where octets meet the system", "^(zone/(?!base/bytes\\.h).*|server/(?!listen/).*)",
     Over::kCode, R"(\breinterpret_cast\b)", "reinterpret_cast<char*>(p)", "static_cast<int>(x)"},
    {"no tabs and no space at the end of a line", ".*", Over::kText, "(^\\t|[ \\t]$)", "int x; ", "int x;"},
};

bool found(const Rule& rule, const std::string& line) { return std::regex_search(line, std::regex(rule.pattern)); }

}  // namespace

TEST_CASE("text: each rule matches its bad line and not its good line") {
  for (const Rule& rule : kRules) {
    const std::vector<std::string> code = style::code_of({rule.breaks, rule.keeps});
    CHECK_MESSAGE(found(rule, rule.over == Over::kCode ? code[0] : rule.breaks), std::string(rule.what));
    CHECK_MESSAGE(!found(rule, rule.over == Over::kCode ? code[1] : rule.keeps), std::string(rule.what));
  }
}

TEST_CASE("text: comments and literals do not count as code") {
  const auto code = style::code_of(
      {"int a = 1'000; // throw", "auto s = \"throw \\\" try\"; /* catch", "throw */ int b;", "R\"(throw)\" 'x' c"});
  CHECK(code == std::vector<std::string>{"int a = 1'000; ", "auto s = \"\"; ", " int b;", "R\"\" '' c"});
}

TEST_CASE("text: the sources follow all rules") {
  const std::vector<SourceFile> files = style::all_sources();
  REQUIRE(files.size() > 20);
  for (const Rule& rule : kRules) {
    const std::regex pattern(rule.pattern), where(rule.where);
    for (const SourceFile& file : files) {
      if (!std::regex_match(file.path, where)) continue;
      const std::vector<std::string>& lines = rule.over == Over::kCode ? file.code : file.lines;
      for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].empty()) continue;
        CHECK_MESSAGE(!std::regex_search(lines[i], pattern),
                      file.path << ":" << i + 1 << ": " << std::string(rule.what) << ": " << file.lines[i]);
      }
    }
  }
}

TEST_CASE("text: a header starts with a comment and has #pragma once") {
  for (const SourceFile& file : style::all_sources()) {
    if (!file.is_header()) continue;
    REQUIRE_MESSAGE(!file.lines.empty(), file.path);
    CHECK_MESSAGE(file.lines[0].starts_with("// "), file.path << ": no comment at the top");
    CHECK_MESSAGE(std::ranges::count(file.lines, "#pragma once") == 1, file.path << ": #pragma once");
  }
}
