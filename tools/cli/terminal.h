// Terminal output besides the result: colour, error messages, progress.
//
// Results go to standard output, everything else to standard error. Colour is used only on a terminal. NO_COLOR
// disables it; CLICOLOR_FORCE enables it for other outputs.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

#include "zone/base/printable.h"

namespace tools {

// True if text for `stream` should be in colour.
bool wants_colour(std::FILE* stream);

// What a person can read by the locale: LC_ALL, else LC_CTYPE, else LANG.
dns::Charset charset();

// `text` on one line, without control sequences, in this character set.
std::string shown(std::string_view text);

// Writes `text` and ignores write errors, such as a full disk or a closed pipe. Text that cannot be written is lost.
void write_to(std::FILE* stream, std::string_view text);

// "waymark: WORDS" and a newline, in colour if standard error should be. Names of files in the words cannot forge
// another line.
std::string error_text(std::string_view words);
// Prints that on standard error.
void print_error(std::string_view words);

// A progress line on standard error that is redrawn in place. It appears after one second, and only on a terminal.
class Progress {
 public:
  Progress();
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::string_view words);
  void clear();

 private:
  std::chrono::steady_clock::time_point shown_;
  bool on_terminal_;
  bool drawn_ = false;
};

}  // namespace tools
