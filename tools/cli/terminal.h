// What a person at a terminal sees beside the result: colour, complaints, progress.
//
// Results go to standard output, everything else to standard error. Colour is used on a terminal only, and never where
// NO_COLOR is set; CLICOLOR_FORCE asks for it elsewhere.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

namespace tools {

// Whether text written to `stream` should be coloured.
bool wants_colour(std::FILE* stream);

// Writes to a stream that may have a full disk behind it or nobody at its other end, which is no reason to end: what
// does not get through is lost.
void write_to(std::FILE* stream, std::string_view text);

// "waymark: WORDS" on standard error.
void print_error(std::string_view words);

// One line on standard error that is rewritten as work goes on, shown after a second of it and only on a terminal.
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
