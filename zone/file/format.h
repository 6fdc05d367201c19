// A zone file laid out: the same records, comments and directives in the same order, in columns. What gofmt is to Go.
//
//     www 300 in a 192.0.2.1 ;web             www   300  IN  A      192.0.2.1  ; web
//     mail   IN 1h  MX 10 mx                  mail  1h   IN  MX     10 mx
//
// Owners, TTLs, classes and types stand in columns of their own, as wide as a run of entries without a blank line
// between needs; blank lines are kept, at most one at a time; an SOA in parentheses gets a line a field, with its
// meaning. Formatting what was formatted alters nothing, and what is parsed from the result is what was parsed before:
// names, strings and numbers are kept as they were written. Included files are not looked into.
#pragma once

#include <optional>
#include <string>

#include "zone/diagnostic/diagnostic.h"

namespace dns {

// Text `source` laid out; nothing where it cannot be cut into entries (unclosed quotes, parentheses), which
// `diagnostics` then say. Whether its records are well-formed is not asked. Linear in time and memory.
std::optional<std::string> format_zone(const Sources& sources, std::uint32_t source, Diagnostics& diagnostics);

}  // namespace dns
