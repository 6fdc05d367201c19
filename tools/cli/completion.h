// Completion of the last word of a command line. The scripts of `waymark completion` call `waymark complete WORD...`
// at each press of the tab key; the last word is the incomplete one. Therefore all shells offer the same candidates.
#pragma once

#include <string>
#include <vector>

namespace tools {

// One line per candidate: the whole word, a tab, its description. A line that begins with ":" requests the shell's own
// candidates: ":files", ":folders", ":users" or ":groups", a tab, and the part of the word before the path. `words`
// does not include the program's name.
std::string completions(const std::vector<std::string>& words);

}  // namespace tools
