// Splits a zone file into pieces that can be parsed in parallel.
//
//     head: all directives, the SOA | piece 0 | piece 1 | ...     each piece begins with an owner in the first column
//
// The only state that passes from one piece to the next is the last owner and TTL; a piece that needs one of them
// reports an error. A parenthesis that is open at the end of a piece is an error of that piece. Therefore pieces
// without errors give the same result as the whole file. Pure; the cost for a text in memory is one look at each '$'.
//
// A text that arrives in parts of equal size is split by the same rule: the piece of a part begins at the first owner
// in it, and ends where the next piece begins. The code that parses a piece must detect directives behind the first
// part.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace dns {

// The start of the first line behind `at` that begins with an owner. npos if there is none in this text.
std::size_t find_owner_line(std::string_view text, std::size_t at);

// The end of the head of a text that begins with `first_part`; npos if the head is longer, or if the text should be
// parsed as a whole.
std::size_t head_end(std::string_view first_part);

// The offsets of the pieces, the first behind the head, each of about `piece` octets; empty if the text should be
// parsed as a whole.
std::vector<std::uint64_t> piece_borders(std::string_view text, std::size_t piece);

}  // namespace dns
