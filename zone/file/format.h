// Formats a zone file: the same records, comments and directives in the same order, aligned in columns.
//
//     www 300 in a 192.0.2.1 ;web             www   300  IN  A      192.0.2.1  ; web
//     mail   IN 1h  MX 10 mx                  mail  1h   IN  MX     10 mx
//
// Owners, TTLs, classes and types have their own columns. Entries without a blank line between them share the column
// widths. Blank lines are kept, at most one at a time. An SOA on several lines gets one line for each number.
//
// Formatting a formatted file changes nothing. The result parses to the same records: names, strings and numbers are
// kept as written. Included files are not read.
#pragma once

#include <optional>
#include <string>

#include "zone/diagnostic/diagnostic.h"

namespace dns {

// Returns the formatted text of `source`. If the text cannot be split into entries (unclosed quotes or parentheses),
// returns nothing and adds diagnostics. Does not check the records. Linear in time and memory.
std::optional<std::string> format_zone(const Sources& sources, std::uint32_t source, Diagnostics& diagnostics);

}  // namespace dns
