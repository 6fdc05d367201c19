// The diagnostic codes, one row each, in three tables. `codes()` of diagnostic.h joins and sorts them.
//
//     Z001-Z019, Z060-Z099   entries and directives          entry_codes()    the parser
//     Z020-Z059              fields of RDATA                 kFieldCodes      parse_rdata_text
//     Z1xx, Z2xx             rules of a zone, advice         zone_codes()     the loader
//
// A code never changes its meaning and is never reused, because people search for it.
#pragma once

#include <span>

#include "zone/diagnostic/diagnostic.h"

namespace dns {

std::span<const CodeRow> entry_codes();
std::span<const CodeRow> zone_codes();

}  // namespace dns
