// Limits for the length of a file and a function. The aim is half of these limits.
#include <regex>

#include <doctest/doctest.h>

#include "tests/style/source_tree.h"

namespace {

using style::SourceFile;

inline constexpr std::size_t kMaxFileLines = 600;
inline constexpr std::size_t kMaxFunctionLines = 80;

struct Function {
  std::size_t first_line = 0;  // of its opening brace, starting at 1
  std::size_t lines = 0;
};

enum class Brace { kScope, kFunction, kInside };

// The kind of a brace, from the text after the last ; { or }: a namespace or type, a function body, or a brace inside
// one.
Brace kind_of(const std::string& head, const std::vector<Brace>& open) {
  static const std::regex scope(R"(\b(namespace|class|struct|union|enum|extern)\b[^()=]*$)");
  static const std::regex function(R"(\)[^=]*$)");
  if (!open.empty() && open.back() != Brace::kScope) return Brace::kInside;
  if (std::regex_search(head, scope)) return Brace::kScope;
  return std::regex_search(head, function) ? Brace::kFunction : Brace::kInside;
}

std::vector<Function> functions_of(const std::vector<std::string>& code) {
  std::vector<Function> found;
  std::vector<Brace> open;
  std::vector<std::size_t> opened_at;
  std::string head;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i].starts_with("#")) continue;
    for (const char c : code[i]) {
      if (c == '{') {
        open.push_back(kind_of(head, open));
        opened_at.push_back(i);
      } else if (c == '}' && !open.empty()) {
        if (open.back() == Brace::kFunction) found.push_back({opened_at.back() + 1, i - opened_at.back() + 1});
        open.pop_back();
        opened_at.pop_back();
      }
      if (c == '{' || c == '}' || c == ';') {
        head.clear();
      } else {
        head += c;
      }
    }
    head += ' ';
  }
  return found;
}

}  // namespace

TEST_CASE("length: finds functions with their lengths, but not types and tables") {
  const auto found = functions_of(
      style::code_of({"namespace a {", "struct B {", "  int c() const { return 1; }", "};", "const int t[] = {1,",
                      "2};", "int d(int x) {", "  if (x) {", "  }", "  return [&] { return 1; }();", "}", "}"}));
  REQUIRE(found.size() == 2);
  CHECK(found[0].lines == 1);
  CHECK(found[1].first_line == 7);
  CHECK(found[1].lines == 5);
}

TEST_CASE("length: files and functions are within their limits") {
  std::size_t functions = 0;
  for (const SourceFile& file : style::all_sources()) {
    CHECK_MESSAGE(file.lines.size() <= kMaxFileLines, file.path << " has " << file.lines.size() << " lines");
    for (const Function& function : functions_of(file.code)) {
      ++functions;
      CHECK_MESSAGE(function.lines <= kMaxFunctionLines,
                    file.path << ":" << function.first_line << ": " << function.lines << " lines");
    }
  }
  CHECK(functions > 100);
}
