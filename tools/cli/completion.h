// What may stand at the end of a command line. The scripts of `waymark completion` ask for it at each press of the tab
// key: `waymark complete WORD...`, where the last word is the one that is being typed. So all shells offer the same.
#pragma once

#include <string>
#include <vector>

namespace tools {

// One line per candidate: the whole word, a tab, its description. A line that begins with ":" asks the shell for its
// own candidates: ":files", ":folders", ":users" or ":groups", a tab, and the part of the word that comes before the
// path.
std::string completions(const std::vector<std::string>& words);

}  // namespace tools
