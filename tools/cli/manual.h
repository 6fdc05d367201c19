// The manual page waymark(1) in mdoc, generated from the table of commands and their declared options. `waymark manual`
// prints it. docs/waymark.1 is this output; a test compares the two.
#pragma once

#include <string>

namespace tools {

std::string manual_page();

}  // namespace tools
