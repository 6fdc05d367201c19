// The project's own C++ files as text, for the tests of layout and style.
//
// `code` is a line without comments and without the contents of literals, so a rule for code does not match prose.
#pragma once

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace style {

struct SourceFile {
  std::string path;                // from the root: zone/name/name.h
  std::vector<std::string> lines;  // as written
  std::vector<std::string> code;   // the same lines, with comments and literals blanked

  bool is_header() const { return path.ends_with(".h"); }
};

// Blanks comments and the contents of literals, including raw strings, and keeps every line.
inline std::vector<std::string> code_of(const std::vector<std::string>& lines) {
  enum class State { kCode, kBlock, kString, kChar, kRaw } state = State::kCode;
  std::vector<std::string> out;
  std::string raw_end;
  for (const std::string& line : lines) {
    std::string code;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const bool pair = i + 1 < line.size();
      if (state == State::kCode) {
        const bool digit_separator = !code.empty() && std::isalnum(static_cast<unsigned char>(code.back())) != 0;
        if (pair && line[i] == '/' && line[i + 1] == '/') break;
        if (pair && line[i] == '/' && line[i + 1] == '*') {
          state = State::kBlock, ++i;
        } else if (line[i] == '"' && !code.empty() && code.back() == 'R') {
          const std::size_t open = line.find('(', i);
          raw_end = ")" + line.substr(i + 1, open - i - 1) + "\"";
          state = State::kRaw, code += '"', i = open;
        } else {
          if (line[i] == '"') state = State::kString;
          if (line[i] == '\'' && !digit_separator) state = State::kChar;
          code += line[i];
        }
      } else if (state == State::kBlock) {
        if (pair && line[i] == '*' && line[i + 1] == '/') state = State::kCode, ++i;
      } else if (state == State::kRaw) {
        if (line.compare(i, raw_end.size(), raw_end) == 0) state = State::kCode, code += '"', i += raw_end.size() - 1;
      } else if (line[i] == '\\') {
        ++i;
      } else if (line[i] == (state == State::kString ? '"' : '\'')) {
        code += line[i];
        state = State::kCode;
      }
    }
    if (state == State::kString || state == State::kChar) state = State::kCode;
    out.push_back(code);
  }
  return out;
}

inline std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// Every .h and .cpp below the given top folders, by path.
inline std::vector<SourceFile> sources(const std::vector<std::string>& tops) {
  const std::filesystem::path root = WAYMARK_SOURCE_DIR;
  std::vector<SourceFile> files;
  for (const std::string& top : tops) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / top)) {
      const std::string extension = entry.path().extension().string();
      if (!entry.is_regular_file() || (extension != ".h" && extension != ".cpp")) continue;
      std::vector<std::string> lines = lines_of(entry.path());
      std::vector<std::string> code = code_of(lines);
      files.push_back({std::filesystem::relative(entry.path(), root).string(), std::move(lines), std::move(code)});
    }
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

inline std::vector<SourceFile> all_sources() { return sources({"zone", "server", "tools", "tests"}); }

}  // namespace style
