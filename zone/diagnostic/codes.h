// The codes of faults, one row each, in three tables by who finds them. `codes()` of diagnostic.h joins and sorts them.
//
//     Z001-Z019, Z060-Z099   entries and directives          entry_codes()    the parser
//     Z020-Z059              fields of RDATA                 kFieldCodes      parse_rdata_text
//     Z1xx, Z2xx             rules of a zone, advice         zone_codes()     the loader
//
// A code is never given another meaning and never used again: people search for it.
#pragma once

#include <span>

#include "zone/diagnostic/diagnostic.h"

namespace dns {

std::span<const CodeRow> entry_codes();
std::span<const CodeRow> zone_codes();

}  // namespace dns
