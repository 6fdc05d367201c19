// Reads the journal of an earlier process.
//
// A clean end: every zone goes on where it was. Any other end: steps may be lost that were published, so each managed
// zone counts as published with its ceiling, and its content as unknown. Damage costs the zones of the records that it
// has hit: each record has the sequence number of its zone, so a zone of which nothing is missing shows. A zone without
// a record behind the damage counts as hit.
#pragma once

#include "server/journal/contents.h"
#include "server/journal/disk.h"

namespace server {

struct Recovery {
  JournalContents contents;
  std::uint64_t last_checksum = 0, next_number = 1;  // what the next segment continues, and its number
  std::vector<std::string> segments;                 // read; a checkpoint replaces them
  std::vector<std::string> damaged;                  // of these: to be kept for a person to look at
  std::vector<std::string> taken_over;               // files of version 1: a checkpoint replaces them
  bool clean = true;                                 // the last process has ended cleanly, or there was none
  bool needs_checkpoint = false;                     // `contents` are not what the segments say
  bool unknown_zones_lost = false;                   // damage may have hit zones that are in no other record
  std::vector<std::string> faults;                   // each a sentence without its full stop
};

// Steps behind the state may be lost: the next version must be later than all that may have been published.
void set_steps_lost(ZoneState& state);

// The name under which a damaged file is kept.
std::string damaged_name(const std::string& name);

// Of a directory that is locked. The error is about the directory as a whole.
DiskResult<Recovery> recover(Disk& disk);

}  // namespace server
