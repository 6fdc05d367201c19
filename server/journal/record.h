// The records of the journal: what one is about, and its octets (docs/journal.md).
//
//     Open          the first record of a segment of changes
//     Commit        steps of zones that were published together, by one producer
//     Reservations  serials that may be published from now on, of several zones
//     Views         the table of views that client choices refer to
//     ZoneRecord    all about one zone, in a checkpoint
//     Index         the zones of a checkpoint; the last record of one
//     Clean         everything is on the disk and nothing more was published: a clean end
//
// A reader skips a section of a step that it does not know, so a new producer can add its own. Pure; any thread.
#pragma once

#include <optional>
#include <variant>

#include "server/journal/octets.h"
#include "zone/snapshot/history.h"

namespace server {

// What the files and the failover have made of a zone, beside its records.
struct ZoneSources {
  dns::Serial file_serial;       // of the zone file
  std::uint64_t file_hash = 0;   // of the content of the zone file; 0: not known
  std::uint64_t generation = 0;  // of the last overlay
  std::uint64_t views_hash = 0;  // of the table of views that client choices refer to; 0: none

  friend bool operator==(const ZoneSources&, const ZoneSources&) = default;
};

// A zone as it was published last.
struct ZoneState {
  dns::Name apex;
  bool managed = false;        // the server gives the serials, and never one twice
  std::uint32_t sequence = 0;  // of the records about this zone; shows that one is missing
  dns::Serial serial;          // published
  dns::Serial ceiling;         // managed: no later serial was published
  ZoneSources sources;
  OverriddenRrsets overridden;
};

// From one published version of a zone to the next.
struct JournalStep {
  dns::Name apex;
  bool managed = false;
  std::uint32_t sequence = 0;
  dns::Serial from, to;
  dns::HistoryStepPtr change;                  // null: not known; who has an earlier version needs the whole zone
  ZoneSources sources;                         // after the step
  std::vector<OverriddenRrsetPtr> overridden;  // new or changed
  std::vector<std::pair<dns::Name, dns::Type>> restored;
};

inline constexpr std::uint32_t kReserve = 256;  // serials that may be published before the next reservation

struct Reservation {
  dns::Name apex;
  std::uint32_t sequence = 0;
  dns::Serial serial;   // published
  dns::Serial ceiling;  // serials up to here may be published
};

enum class Producer : std::uint8_t { kFile = 1, kFailover };

struct OpenRecord {};
struct CommitRecord {
  std::uint64_t time = 0;  // milliseconds since 1970-01-01 UTC
  Producer producer{};
  std::vector<JournalStep> steps;
};
struct ReservationsRecord {
  std::vector<Reservation> zones;
};
struct ViewsRecord {
  std::string text;  // views_text.h
};
struct ZoneRecord {
  ZoneState state;
  std::vector<dns::HistoryStepPtr> history;  // from the oldest to the newest
};
struct IndexRecord {
  struct Zone {
    dns::Name apex;
    bool managed = false;
    dns::Serial ceiling;  // managed; else the serial
  };
  std::vector<Zone> zones;
};
struct CleanRecord {};

// The index of an alternative, counted from 1, is the kind in the octets.
using JournalRecord =
    std::variant<OpenRecord, CommitRecord, ReservationsRecord, ViewsRecord, ZoneRecord, IndexRecord, CleanRecord>;
inline constexpr std::uint8_t kMaxRecordKind = std::variant_size_v<JournalRecord>;

std::uint8_t kind_of(const JournalRecord& record);
// Appends the body of a record.
void encode(Octets& out, const JournalRecord& record);
// Nothing if the octets are not the body of a record of this kind.
std::optional<JournalRecord> decode(std::uint8_t kind, dns::Bytes body);

}  // namespace server
