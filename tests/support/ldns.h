// ldns as a second opinion on RDATA: an independent reader of presentation form. The one door to it; no type of its own
// leaves the source file.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace test {

// The RDATA octets of the record "TYPE TEXT" under origin "example." as ldns reads it; nothing where it refuses.
std::optional<std::vector<std::uint8_t>> ldns_rdata(std::string_view type, std::string_view text);

}  // namespace test
