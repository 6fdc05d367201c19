// A file of the journal: records in a chain, each with its checksum (docs/journal.md).
//
//     file      | header | record | record | ...
//     header    | "WMJOURN2" | number 64 | previous 64 | kind 8 | zeros to 32 octets |
//     record    | "WMre" | length 32 | checksum 64 | previous 64 | kind 8 | body: `length` octets |
//
// `previous` is the checksum of the record before, so a record that is missing, doubled or in another place shows. The
// first record continues the header. A checkpoint is beside the chain: the segment of changes behind it continues what
// its header continues. The checksum is of all that follows it (content_hash.h): it finds torn and damaged records,
// not forged ones. Pure; any thread.
#pragma once

#include <functional>
#include <string>

#include "server/journal/record.h"

namespace server {

inline constexpr std::size_t kSegmentHeader = 32, kRecordHeader = 25;  // octets

enum class SegmentKind : std::uint8_t { kChanges, kCheckpoint };

struct SegmentHeader {
  std::uint64_t number = 0, previous = 0;
  SegmentKind kind{};
};

// "00000012.changes" or "00000012.checkpoint".
std::string segment_name(const SegmentHeader& header);
// The number and kind that `segment_name` has put into a name; nothing for other names.
std::optional<SegmentHeader> parse_segment_name(std::string_view name);

Octets encode_header(const SegmentHeader& header);
// Nothing if it is not one of this version.
std::optional<SegmentHeader> decode_header(dns::Bytes octets);
// Whether the octets begin like a segment of a later version.
bool is_of_later_version(dns::Bytes octets);

// Appends a record that continues the one with the checksum `previous`. Returns its checksum.
std::uint64_t append_record(Octets& out, std::uint64_t previous, const JournalRecord& record);

// Whether `octets`, up to the end of a file, are less than a whole record.
bool is_beginning_of_record(dns::Bytes octets);

// A stretch of a segment.
struct SegmentPart {
  std::size_t offset = 0, size = 0;     // octets
  std::uint64_t checksum = 0;           // of the record
  std::optional<JournalRecord> record;  // nothing: damaged octets, or a gap of size 0, where the chain is broken
};
// Visits all that follows the header, in order. Behind damage it goes on with the next whole record.
void read_segment(dns::Bytes octets, const SegmentHeader& header, const std::function<void(SegmentPart)>& visit);

}  // namespace server
