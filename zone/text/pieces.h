// Where a zone file may be cut so that its pieces can be read at once.
//
//     head: all directives, the SOA | piece 0 | piece 1 | ...        each piece begins with an owner in the first
//     column
//
// What one piece hands to the next is then its last owner and TTL alone, and a piece that needs one of them says so by
// a error. A parenthesis that is open across a border is an error of the piece before. So pieces without faults are
// read as the whole is. Pure; of a text that is held, a look at each octet that is '$'.
//
// A text that comes in parts of equal size is cut by the same rule: each part's piece begins at the part's first owner,
// and ends where the next begins. A directive behind the first part is for who reads the piece to find.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace dns {

// The first line behind a line's end at or behind `at` that begins with an owner; npos where there is none, or its
// first octet lies beyond this text.
std::size_t owner_line(std::string_view text, std::size_t at);

// Where the head of a text ends that begins with this part; npos where it is longer, or the text is best read in one.
std::size_t head_end(std::string_view first_part);

// Where the pieces begin, the first behind the head, each of about `piece` octets; empty where the text is best read in
// one.
std::vector<std::uint64_t> piece_borders(std::string_view text, std::size_t piece);

}  // namespace dns
