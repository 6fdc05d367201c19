// Any octets as a segment of the journal: the reader visits each octet once and never reads after the end, and a record
// that it returns encodes to the same octets.
#include <cstdlib>

#include "server/journal/segment.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const dns::Bytes octets(data, size);
  const auto header = server::decode_header(octets);
  std::size_t end = server::kSegmentHeader;
  server::read_segment(octets, header.value_or(server::SegmentHeader{}), [&](const server::SegmentPart& part) {
    if (part.offset != end || part.size > size - part.offset) std::abort();
    end += part.size;
    if (!part.record) return;
    server::Octets once, twice;
    server::encode(once, *part.record);
    const auto again = server::decode(server::kind_of(*part.record), once);
    if (!again) std::abort();
    server::encode(twice, *again);
    if (once != twice) std::abort();
  });
  if (size > server::kSegmentHeader && end != size) std::abort();
  return 0;
}
