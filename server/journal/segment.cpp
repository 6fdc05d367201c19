#include "server/journal/segment.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "server/journal/content_hash.h"

namespace server {
namespace {

constexpr std::string_view kMagic = "WMJOURN2", kFamily = "WMJOURN";
constexpr std::string_view kMark = "WMre";
constexpr std::string_view kChanges = ".changes", kCheckpoint = ".checkpoint";
constexpr std::size_t kNumberDigits = 8;
constexpr std::size_t kLengthAt = 4, kChecksumAt = 8, kPreviousAt = 16, kKindAt = 24;

// The size of the whole record at the beginning of `octets`; 0 if there is none.
std::size_t whole_record(dns::Bytes octets) {
  if (octets.size() < kRecordHeader || !dns::equal(octets.first(kMark.size()), dns::as_bytes(kMark))) return 0;
  const std::size_t size = kRecordHeader + dns::load32(octets.data() + kLengthAt);
  if (octets.size() < size) return 0;
  const dns::Bytes checked = octets.subspan(kPreviousAt, size - kPreviousAt);
  return content_hash(dns::as_text(checked)) == dns::load64(octets.data() + kChecksumAt) ? size : 0;
}

// Where the next whole record begins; the end if there is none.
std::size_t next_record(dns::Bytes octets, std::size_t at) {
  const std::string_view text = dns::as_text(octets);
  while ((at = text.find(kMark, at)) != text.npos) {
    if (whole_record(octets.subspan(at)) != 0) return at;
    ++at;
  }
  return octets.size();
}

}  // namespace

std::string segment_name(const SegmentHeader& header) {
  return fmt::format("{:08}{}", header.number, header.kind == SegmentKind::kCheckpoint ? kCheckpoint : kChanges);
}

std::optional<SegmentHeader> parse_segment_name(std::string_view name) {
  SegmentHeader header;
  header.kind = name.ends_with(kCheckpoint) ? SegmentKind::kCheckpoint : SegmentKind::kChanges;
  const auto digits = std::from_chars(name.data(), name.data() + name.size(), header.number);
  if (digits.ec != std::errc() || digits.ptr < name.data() + kNumberDigits || segment_name(header) != name)
    return std::nullopt;
  return header;
}

Octets encode_header(const SegmentHeader& header) {
  Octets octets(kSegmentHeader);
  std::ranges::copy(kMagic, octets.begin());
  dns::store64(octets.data() + 8, header.number);
  dns::store64(octets.data() + 16, header.previous);
  octets[24] = static_cast<std::uint8_t>(header.kind);
  return octets;
}

std::optional<SegmentHeader> decode_header(dns::Bytes octets) {
  if (octets.size() < kSegmentHeader || !dns::equal(octets.first(kMagic.size()), dns::as_bytes(kMagic)))
    return std::nullopt;
  const std::uint8_t kind = octets[24];
  if (kind > static_cast<std::uint8_t>(SegmentKind::kCheckpoint)) return std::nullopt;
  return SegmentHeader{dns::load64(octets.data() + 8), dns::load64(octets.data() + 16), static_cast<SegmentKind>(kind)};
}

bool is_of_later_version(dns::Bytes octets) {
  const std::string_view text = dns::as_text(octets);
  return text.size() > kFamily.size() && text.starts_with(kFamily) && text[kFamily.size()] > '2' &&
         text[kFamily.size()] <= '9';
}

std::uint64_t append_record(Octets& out, std::uint64_t previous, const JournalRecord& record) {
  const std::size_t at = out.size();
  out.resize(at + kRecordHeader);
  encode(out, record);
  std::uint8_t* const header = out.data() + at;
  std::ranges::copy(kMark, header);
  dns::store32(header + kLengthAt, static_cast<std::uint32_t>(out.size() - at - kRecordHeader));
  dns::store64(header + kPreviousAt, previous);
  header[kKindAt] = kind_of(record);
  const std::uint64_t checksum = content_hash(dns::as_text(dns::Bytes(out).subspan(at + kPreviousAt)));
  dns::store64(header + kChecksumAt, checksum);
  return checksum;
}

bool is_beginning_of_record(dns::Bytes octets) {
  const std::size_t mark = std::min(octets.size(), kMark.size());
  if (!dns::equal(octets.first(mark), dns::as_bytes(kMark.substr(0, mark)))) return false;
  return octets.size() < kRecordHeader || octets.size() - kRecordHeader < dns::load32(octets.data() + kLengthAt);
}

void read_segment(dns::Bytes octets, const SegmentHeader& header, const std::function<void(SegmentPart)>& visit) {
  std::uint64_t previous = header.previous;
  for (std::size_t at = kSegmentHeader; at < octets.size();) {
    const std::size_t size = whole_record(octets.subspan(at));
    if (size == 0) {
      const std::size_t next = next_record(octets, at + 1);
      visit({at, next - at, 0, {}});
      at = next;
      if (at < octets.size()) previous = dns::load64(octets.data() + at + kPreviousAt);  // one gap is enough
      continue;
    }
    const dns::Bytes record = octets.subspan(at, size);
    if (dns::load64(record.data() + kPreviousAt) != previous) visit({at, 0, 0, {}});
    previous = dns::load64(record.data() + kChecksumAt);
    // Where the body makes no sense, `record` is nothing: the reader is told as of damage.
    visit({at, size, previous, decode(record[kKindAt], record.subspan(kRecordHeader))});
    at += size;
  }
}

}  // namespace server
