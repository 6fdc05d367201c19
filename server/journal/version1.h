// Takes over the journals of version 1: one file for each zone, and a file of views.
//
//     NAME.journal   | "WMJOURN1" | incomplete 8 | zeros to 16 octets | record | record | ...
//     record         | checksum 64 | length 32 | kind 8 | body: `length` octets |
//                    kinds: state 1, step 2, reserve 3, boot 4, clean 5
//     views          views_text.h
//
// A file that is no journal is moved aside, and its zone counts as one of whose serials nothing is known.
#pragma once

#include "server/journal/recovery.h"

namespace server {

struct Version1Zone {
  ZoneState state;
  bool damaged = false;  // by more than a loss of power
};
// The zone in the octets of a journal; nothing if they are none.
std::optional<Version1Zone> read_version1(dns::Bytes octets);

// Adds what the files among `names` say to `recovery`. Zones that it has already stay.
void take_over_version1(Disk& disk, const std::vector<std::string>& names, Recovery& recovery);

}  // namespace server
