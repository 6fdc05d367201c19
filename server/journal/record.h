// What is written down of a steered zone, and how: the records of a journal, in octets and back.
//
//     file      | header | record | record | ...
//     header    | "WMJOURN1" | incomplete 8 | zeros to 16 octets |
//     record    | hash 64 | length 32 | kind 8 | body: `length` octets |        hash: of all that follows it
//
//     kState    all of JournalState and the run of the kernel: what the records behind it start from
//     kChange   one step: the Change as it was applied, the state's numbers after it, and which overridden RRsets came
//     and went kReserve  serials up to here may have been given out        kBoot  another run of the kernel begins
//     kClean    all is on the disk and nobody is told more: a peaceful end
//
// Numbers are big-endian. The hash tells torn and rotten records, not forged ones. Change records keep the steps
// between two serials in order, which is what an incremental transfer is made of; those before the last kState are
// history. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "server/journal/overridden.h"
#include "zone/rr/serial.h"
#include "zone/snapshot/change.h"

namespace server {

// A steered zone as it was last published.
struct JournalState {
  dns::Name apex;
  std::uint64_t generation = 0;  // of the overlay that was applied last
  dns::Serial serial;            // published
  dns::Serial file_serial;       // the zone file's own
  std::uint64_t file_hash = 0;   // of the zone file's content; 0: not known
  std::uint64_t views_hash = 0;  // of the table of views that choices speak of; 0: none
  dns::Serial ceiling;           // no later serial was given out
  std::string boot_id;           // the run of the kernel that wrote last
  OverriddenRrsets overridden;
};

// One step of a journal.
struct JournalStep {
  std::uint64_t generation = 0;
  dns::Serial before, serial, file_serial;
  std::uint64_t file_hash = 0, views_hash = 0;
  dns::Change change;           // empty where the zone file itself was another
  OverriddenRrsets overridden;  // new or altered
  std::vector<std::pair<dns::Name, dns::Type>> restored;
};

inline constexpr std::size_t kJournalHeader = 16;
inline constexpr std::size_t kIncompleteAt = 8;  // the octet of the header that is overwritten in place

using Octets = std::vector<std::uint8_t>;

Octets encode_header();
// Whole records.
Octets encode_state(const JournalState& state);
Octets encode_step(const JournalStep& step);
Octets encode_reserve(dns::Serial ceiling);
Octets encode_boot_id(const std::string& boot_id);
Octets encode_clean();

// `state` after `step`.
void apply_step(JournalState& state, const JournalStep& step);

// What a journal's octets say.
struct JournalContents {
  std::optional<JournalState> state;  // nothing where not even the header and first state are whole
  std::vector<JournalStep> steps;     // those since the first of an unbroken line of serials
  std::size_t length = 0;             // octets up to the end of the last whole record
  bool incomplete = false;            // something was published that could not be written
  bool clean = false;                 // the last record is kClean
  bool damaged = false;               // what follows `length` is not just the beginning of a record
};
JournalContents read_journal(dns::Bytes octets);

}  // namespace server
