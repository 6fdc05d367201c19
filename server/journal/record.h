// The records of a journal: encoding and decoding.
//
//     file      | header | record | record | ...
//     header    | "WMJOURN1" | incomplete 8 | zeros to 16 octets |
//     record    | hash 64 | length 32 | kind 8 | body: `length` octets |        hash: of all that follows it
//
//     kState    all of JournalState and the boot identifier: the records behind it start from here
//     kChange   one step: the Change as it was applied, the numbers of the state after it, and the RRsets that were
//               overridden and restored
//     kReserve  serials up to here may have been published
//     kBoot     the machine was booted again
//     kClean    everything is on the disk and nothing more was published: a clean end
//
// Numbers are big-endian. The hash finds torn and damaged records, not forged ones. kChange records keep the steps
// between two serials in order, as an incremental transfer needs them; those before the last kState are history. Pure;
// any thread.
#pragma once

#include <optional>
#include <string>

#include "server/journal/overridden.h"
#include "zone/rr/serial.h"
#include "zone/snapshot/change.h"

namespace server {

// A managed zone as it was published last.
struct JournalState {
  dns::Name apex;
  std::uint64_t generation = 0;  // of the last overlay
  dns::Serial serial;            // published
  dns::Serial file_serial;       // of the zone file
  std::uint64_t file_hash = 0;   // of the content of the zone file; 0: not known
  std::uint64_t views_hash = 0;  // of the table of views that client choices refer to; 0: none
  dns::Serial ceiling;           // no later serial was published
  std::string boot_id;           // of the boot in which it was written last
  OverriddenRrsets overridden;
};

// One step of a journal.
struct JournalStep {
  std::uint64_t generation = 0;
  dns::Serial before, serial, file_serial;
  std::uint64_t file_hash = 0, views_hash = 0;
  dns::Change change;                          // empty if the zone file changed
  std::vector<OverriddenRrsetPtr> overridden;  // new or changed
  std::vector<std::pair<dns::Name, dns::Type>> restored;
};

inline constexpr std::size_t kJournalHeader = 16;
inline constexpr std::size_t kIncompleteAt = 8;  // the header octet that is overwritten in place

using Octets = std::vector<std::uint8_t>;

Octets encode_header();
// Each returns a whole record.
Octets encode_state(const JournalState& state);
Octets encode_step(const JournalStep& step);
Octets encode_reserve(dns::Serial ceiling);
Octets encode_boot_id(const std::string& boot_id);
Octets encode_clean();

// Changes `state` to the state after `step`.
void apply_step(JournalState& state, const JournalStep& step);
// The same where it is known what is overridden after the step.
void apply_step(JournalState& state, const JournalStep& step, OverriddenRrsets overridden);

// The content of a journal.
struct JournalContents {
  std::optional<JournalState> state;  // nothing if not even the header and the first state are complete
  std::vector<JournalStep> steps;     // the latest ones whose serials follow each other without a gap
  std::size_t length = 0;             // octets up to the end of the last complete record
  bool incomplete = false;            // something was published and could not be written
  bool clean = false;                 // the last record is kClean
  bool damaged = false;               // the octets behind `length` are more than the beginning of a record
};
JournalContents read_journal(dns::Bytes octets);
// The latest serial of the zone `apex`, published or reserved, in the records that are whole, wherever they lie in a
// damaged file.
std::optional<dns::Serial> latest_serial(dns::Bytes octets, const dns::Name& apex);

}  // namespace server
