// ldns as an independent reader of RDATA in presentation form. Only this module uses ldns, and no ldns type leaves the
// source file.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace test {

// The RDATA octets of the record "TYPE TEXT" under origin "example." as ldns reads them; nothing if ldns rejects the
// text.
std::optional<std::vector<std::uint8_t>> ldns_rdata(std::string_view type, std::string_view text);

}  // namespace test
