#include <algorithm>
#include <iterator>

#include <doctest/doctest.h>

#include "server/journal/file_name.h"
#include "server/journal/segment.h"
#include "zone/name/text.h"

namespace {

using namespace server;

dns::Rrset address(std::uint8_t last) {
  dns::Rrset set(dns::Type::A, 30);
  set.add(std::vector<std::uint8_t>{203, 0, 113, last});
  return set;
}

const dns::Name kApex = *dns::parse_name("example.");
const dns::Name kOwner = *dns::parse_name("www.example.");

OverriddenRrsetPtr overridden(std::uint8_t last) {
  return std::make_shared<const OverriddenRrset>(OverriddenRrset{kOwner, dns::Type::A, {}, address(last), {}});
}

JournalStep step(std::uint32_t serial, std::uint8_t last) {
  JournalStep step;
  step.apex = kApex;
  step.managed = true;
  step.sequence = serial;
  step.from = {serial - 1};
  step.to = {serial};
  step.change =
      dns::to_step({kApex, {{kOwner, dns::Type::A, {}, address(1), address(last)}}, step.from, step.to}, 1000);
  step.sources = {{1}, 77, serial, 0};
  step.overridden = {overridden(last)};
  step.restored = {{*dns::parse_name("old.example."), dns::Type::AAAA}};
  return step;
}

// One record of each kind.
std::vector<JournalRecord> all_kinds() {
  ZoneState state{kApex, true, 9, {9}, {300}, {{1}, 77, 5, 6}, OverriddenRrsets({overridden(2)})};
  std::vector<JournalRecord> records;
  records.emplace_back(OpenRecord{});
  records.emplace_back(CommitRecord{1'000, Producer::kFailover, {step(2, 2), step(3, 3)}});
  records.emplace_back(ReservationsRecord{{{kApex, 4, {3}, {259}}}});
  records.emplace_back(ViewsRecord{"waymark views 1\n"});
  records.emplace_back(ZoneRecord{std::move(state), {step(8, 8).change, step(9, 9).change}});
  records.emplace_back(IndexRecord{{{kApex, true, {300}}}});
  records.emplace_back(CleanRecord{});
  return records;
}

Octets segment(const std::vector<JournalRecord>& records, std::vector<std::size_t>* ends = nullptr) {
  Octets octets = encode_header({12, 5, SegmentKind::kChanges});
  std::uint64_t previous = 5;
  for (const JournalRecord& record : records) {
    previous = append_record(octets, previous, record);
    if (ends != nullptr) ends->push_back(octets.size());
  }
  return octets;
}

struct Parts {
  std::size_t whole = 0, gaps = 0, octets_lost = 0;
};
Parts parts_of(dns::Bytes octets) {
  Parts parts;
  read_segment(octets, {12, 5, SegmentKind::kChanges}, [&](const SegmentPart& part) {
    ++(part.record ? parts.whole : parts.gaps);
    if (!part.record) parts.octets_lost += part.size;
  });
  return parts;
}

}  // namespace

TEST_CASE("journal records: each kind reads back as it was written") {
  for (const JournalRecord& record : all_kinds()) {
    CAPTURE(kind_of(record));
    Octets octets;
    encode(octets, record);
    const auto read = decode(kind_of(record), octets);
    REQUIRE(read);
    CHECK(kind_of(*read) == kind_of(record));
    Octets again;
    encode(again, *read);
    CHECK(again == octets);
    for (std::size_t size = 0; size < octets.size(); ++size)
      CHECK_FALSE(decode(kind_of(record), dns::Bytes(octets).first(size)));
  }
  CHECK_FALSE(decode(kMaxRecordKind + 1, {}));
}

TEST_CASE("journal records: a section of a step that is not known is skipped") {
  Octets octets;
  encode(octets, JournalRecord(CommitRecord{1, Producer::kFile, {step(2, 2)}}));
  // The step ends the record; its sections follow time, producer, number, apex, flag and three numbers.
  const std::size_t size_at = 8 + 1 + 4 + kApex.view().size() + 1 + 12;
  const std::uint8_t more[] = {200, 0, 0, 0, 3, 1, 2, 3};
  dns::store32(octets.data() + size_at, dns::load32(octets.data() + size_at) + sizeof more);
  octets.insert(octets.end(), std::begin(more), std::end(more));
  const auto read = decode(2, octets);
  REQUIRE(read);
  const CommitRecord& commit = std::get<CommitRecord>(*read);
  CHECK(commit.steps.front().to.value == 2);
  CHECK(commit.steps.front().overridden.size() == 1);
}

TEST_CASE("journal segments: the records of a segment that was cut anywhere are read up to the cut") {
  std::vector<std::size_t> ends;
  const Octets octets = segment(all_kinds(), &ends);
  CHECK(parts_of(octets).whole == ends.size());
  for (std::size_t size = kSegmentHeader; size < octets.size(); ++size) {
    CAPTURE(size);
    const Parts parts = parts_of(dns::Bytes(octets).first(size));
    const auto whole = std::ranges::count_if(ends, [&](std::size_t end) { return end <= size; });
    CHECK(parts.whole == static_cast<std::size_t>(whole));
    CHECK(parts.gaps == (size == kSegmentHeader || std::ranges::count(ends, size) != 0 ? 0 : 1));
  }
}

TEST_CASE("journal segments: a changed octet costs its record, and the ones behind it are read") {
  std::vector<std::size_t> ends;
  const Octets octets = segment(all_kinds(), &ends);
  for (std::size_t at = kSegmentHeader; at < octets.size(); ++at) {
    CAPTURE(at);
    Octets damaged = octets;
    damaged[at] ^= 0x10;
    const Parts parts = parts_of(damaged);
    CHECK(parts.whole == ends.size() - 1);
    CHECK(parts.gaps == 1);
    CHECK(parts.octets_lost > 0);
  }
}

TEST_CASE("journal segments: a record that is missing, doubled or in another place breaks the chain") {
  std::vector<std::size_t> ends;
  const Octets octets = segment(all_kinds(), &ends);
  const auto at = [&](std::size_t end) { return octets.begin() + static_cast<std::ptrdiff_t>(end); };
  Octets missing(octets.begin(), at(ends[1]));
  missing.insert(missing.end(), at(ends[2]), octets.end());
  CHECK(parts_of(missing).gaps == 1);
  CHECK(parts_of(missing).whole == ends.size() - 1);
  Octets doubled(octets.begin(), at(ends[2]));
  doubled.insert(doubled.end(), at(ends[1]), octets.end());
  CHECK(parts_of(doubled).gaps == 1);
}

TEST_CASE("journal segments: names and headers read back; others are refused") {
  for (const SegmentHeader header : {SegmentHeader{1, 2, SegmentKind::kChanges},
                                     SegmentHeader{123'456'789, ~std::uint64_t{0}, SegmentKind::kCheckpoint}}) {
    const auto named = parse_segment_name(segment_name(header));
    REQUIRE(named);
    CHECK(named->number == header.number);
    CHECK(named->kind == header.kind);
    const auto read = decode_header(encode_header(header));
    REQUIRE(read);
    CHECK(read->number == header.number);
    CHECK(read->previous == header.previous);
    CHECK(read->kind == header.kind);
  }
  for (const char* name : {"1.changes", "000000001.changes", "00000001.changes.new", "00000001.changes.damaged",
                           "0000000a.changes", "00000001", "example.com.journal", ""})
    CHECK_FALSE(parse_segment_name(name));
  Octets later = encode_header({1, 0, SegmentKind::kChanges});
  CHECK_FALSE(is_of_later_version(later));
  later[7] = '3';
  CHECK_FALSE(decode_header(later));
  CHECK(is_of_later_version(later));
}

TEST_CASE("journal names: escapes the octets of a zone name that are not safe in a file name") {
  const auto name = [](const char* text) { return server::zone_file_name(*dns::parse_name(text), ".journal"); };
  CHECK(name("Example.COM.") == "example.com.journal");
  CHECK(name(".") == "%root.journal");
  CHECK(name("..\\/etc." + 2) == "%2fetc.journal");
  CHECK(name("a\\.b\\000c%_-.") == "a%2eb%00c%25_-.journal");
  const std::string label(63, '*');
  CHECK(name((label + "." + label + "." + label + ".").c_str()).size() < 255);
}
