// Where a zone file may be cut so that its pieces can be read at once.
//
//     head: all directives, the SOA | piece 0 | piece 1 | ...        each piece begins with an owner in the first column
//
// What one piece hands to the next is then its last owner and TTL alone, and a piece that needs one of them says so by a
// fault. A parenthesis that is open across a border is a fault of the piece before. So pieces without faults are read as
// the whole is. Pure; a look at each octet that is '$'.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace dns {

// Where the pieces begin, the first behind the head, each of about `piece` octets; empty where the text is best read in one.
std::vector<std::uint64_t> piece_borders(std::string_view text, std::size_t piece);

}  // namespace dns
