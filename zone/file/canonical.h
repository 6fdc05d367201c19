// A zone as text, one record a line: absolute names, owners in canonical order (RFC 4034 6.1), types ascending, RDATA
// in canonical order. Equal zones give equal text, whatever their zone files look like. The text is a valid zone file.
//
//     example.com. 3600 IN SOA ns.example.com. hostmaster.example.com. 1 7200 3600 1209600 300
#pragma once

#include <functional>
#include <string_view>

#include "zone/snapshot/zone.h"

namespace dns {

// Calls `out` with pieces of whole lines, each about 64 KB, so a large zone needs no large string.
void write_canonical(const Zone& zone, const std::function<void(std::string_view)>& out);

}  // namespace dns
