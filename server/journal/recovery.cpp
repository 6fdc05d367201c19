#include "server/journal/recovery.h"

#include <algorithm>

#include <fmt/format.h>

#include "server/journal/segment.h"
#include "server/journal/version1.h"
#include "zone/name/text.h"

namespace server {
namespace {

constexpr std::size_t kMissingOctets = 1UL << 20;    // assumed where a segment is missing
constexpr std::size_t kOctetsPerReservation = 8192;  // a zone's records between two reservations take more
constexpr std::size_t kMostMissing = 1024;           // records of a zone that are counted
constexpr std::size_t kNamedZones = 5;               // in one sentence

// Takes up the records of all segments, and notes of which zones some are missing.
class Replay {
 public:
  explicit Replay(Recovery& recovery) : recovery_(recovery) {}

  void read(const std::string& name, dns::Bytes octets) {
    recovery_.segments.push_back(name);
    const std::optional<SegmentHeader> named = parse_segment_name(name), read = decode_header(octets);
    const bool whole = read && read->number == named->number && read->kind == named->kind;
    recovery_.next_number = named->number + 1;
    ++segment_;
    clean_ = false;
    indexed_ = named->kind == SegmentKind::kChanges;
    const std::size_t gaps = gaps_;
    if (!whole && !is_torn_header(octets, *named)) add_gap(kSegmentHeader);
    // The first segment continues nothing, or is a checkpoint. An empty one is no sign of damage behind others only.
    const bool first = !previous_ && named->kind == SegmentKind::kChanges;
    recovery_.unknown_zones_lost = recovery_.unknown_zones_lost || (first && !whole);
    if (whole && (first ? read->previous != 0 : previous_ && *previous_ != read->previous)) {
      add_gap(kMissingOctets);
      recovery_.unknown_zones_lost = true;
      recovery_.faults.push_back("a file before " + name + " is missing, or its end");
    }
    if (first && !whole && gaps_ == gaps) add_gap(kSegmentHeader);
    const std::size_t damages = gaps_;
    previous_ = whole ? read->previous : previous_.value_or(0);
    if (octets.size() > kSegmentHeader)
      read_segment(octets, {0, *previous_, {}}, [&](SegmentPart part) { take(octets, std::move(part), named->kind); });
    if (!indexed_) add_gap(kSegmentHeader);
    recovery_.unknown_zones_lost = recovery_.unknown_zones_lost || !indexed_;
    if (gaps_ == damages && (whole || gaps == damages)) return;
    recovery_.damaged.push_back(name);
    recovery_.faults.push_back(fmt::format("{} is damaged{}: it is kept as {}", name,
                                           is_of_later_version(octets) ? ", or of a later version" : "",
                                           damaged_name(name)));
  }

  // After the last segment.
  void finish() {
    recovery_.last_checksum = previous_.value_or(0);
    recovery_.clean = clean_;
    recovery_.needs_checkpoint = gaps_ != 0 || torn_;
    std::vector<std::string> hit;
    for (auto& [apex, zone] : recovery_.contents.zones) {
      const Mark& mark = marks_[apex];
      const bool damaged = mark.broken || mark.gaps != gaps_;
      if (!damaged && clean_) continue;
      zone.history.clear();
      if (!zone.state.managed) continue;
      if (damaged) raise_ceiling(zone.state, mark);
      if (damaged) hit.push_back(dns::to_text(apex));
      set_steps_lost(zone.state);
      recovery_.needs_checkpoint = true;
    }
    recovery_.contents.history_octets = 0;
    for (const auto& [apex, zone] : recovery_.contents.zones)
      recovery_.contents.history_octets += zone.history.octets();
    if (!hit.empty()) tell_hit(hit);
  }

 private:
  // What is known of the records about a zone.
  struct Mark {
    std::size_t gaps = 0, gap_octets = 0;  // before the last record
    std::size_t missing = 0;               // records
    bool broken = false;                   // some are missing
    std::size_t segment = 0;               // the checkpoint that has the zone
  };

  void add_gap(std::size_t octets) {
    ++gaps_;
    gap_octets_ += octets;
  }

  // Behind all that the missing records can have reserved.
  void raise_ceiling(ZoneState& state, const Mark& mark) const {
    for (const dns::Serial serial : {state.serial, state.sources.file_serial})
      if (dns::later(serial, state.ceiling)) state.ceiling = serial;
    const std::size_t lost = gap_octets_ - mark.gap_octets;
    state.ceiling.value += kReserve * static_cast<std::uint32_t>(mark.missing + 2 + lost / kOctetsPerReservation);
  }

  void tell_hit(const std::vector<std::string>& hit) {
    std::string names;
    for (std::size_t i = 0; i < std::min(hit.size(), kNamedZones); ++i) names += (i == 0 ? "" : ", ") + hit[i];
    if (hit.size() > kNamedZones) names += fmt::format(" and {} more", hit.size() - kNamedZones);
    recovery_.faults.push_back(
        fmt::format("the last steps of {} may be lost: the serial goes on behind all that were reserved", names));
  }

  void take(dns::Bytes octets, SegmentPart part, SegmentKind kind) {
    clean_ = false;
    if (!part.record) {
      // It may have had the first records of a zone. An index tells all zones.
      recovery_.unknown_zones_lost = recovery_.unknown_zones_lost || kind == SegmentKind::kChanges;
      if (kind == SegmentKind::kChanges && is_torn(octets, part)) torn_ = true;
      else add_gap(part.size == 0 ? kMissingOctets : part.size);
      return;
    }
    if (kind == SegmentKind::kChanges) previous_ = part.checksum;
    std::visit([this](auto& record) { apply(record); }, *part.record);
  }

  static bool is_zero(dns::Bytes octets) {
    return std::ranges::all_of(octets, [](std::uint8_t octet) { return octet == 0; });
  }
  // What was being written when the power was lost: its octets end too early, or are zero.
  static bool is_torn_header(dns::Bytes octets, const SegmentHeader& named) {
    return named.kind == SegmentKind::kChanges && (octets.size() < kSegmentHeader || is_zero(octets));
  }
  static bool is_torn(dns::Bytes octets, const SegmentPart& part) {
    if (part.size == 0 || part.offset + part.size != octets.size()) return false;
    const dns::Bytes end = octets.subspan(part.offset);
    return is_zero(end) || is_beginning_of_record(end);
  }

  // Whether a record continues the one before it about the same zone.
  void note(const dns::Name& apex, std::uint32_t sequence) {
    const auto known = recovery_.contents.zones.find(apex);
    const std::uint32_t before = known == recovery_.contents.zones.end() ? 0 : known->second.state.sequence;
    Mark& mark = marks_[apex];
    if (sequence != before + 1) {
      mark.broken = true;
      mark.missing += std::min<std::size_t>(sequence - before - 1, kMostMissing);
    }
    mark.gaps = gaps_;
    mark.gap_octets = gap_octets_;
  }

  void apply(const CommitRecord& commit) {
    for (const JournalStep& step : commit.steps) {
      note(step.apex, step.sequence);
      apply_step(recovery_.contents, step);
    }
  }
  void apply(const ReservationsRecord& reservations) {
    for (const Reservation& zone : reservations.zones) {
      note(zone.apex, zone.sequence);
      apply_reservation(recovery_.contents, zone);
    }
  }
  void apply(ViewsRecord& views) { recovery_.contents.views = std::move(views.text); }
  void apply(ZoneRecord& zone) {
    marks_[zone.state.apex] = {gaps_, gap_octets_, 0, false, segment_};
    apply_zone(recovery_.contents, std::move(zone));
  }
  // Of each zone it is known now whether its own record was whole.
  void apply(const IndexRecord& index) {
    indexed_ = true;
    for (const IndexRecord::Zone& zone : index.zones) {
      Mark& mark = marks_[zone.apex];
      if (mark.segment != segment_) {
        ZoneState state;
        state.apex = zone.apex;
        state.managed = zone.managed;
        state.serial = state.ceiling = zone.ceiling;
        apply_zone(recovery_.contents, {std::move(state), {}});
        mark = {0, 0, 1, true, segment_};
      }
      mark.gaps = gaps_;
      mark.gap_octets = gap_octets_;
    }
  }
  void apply(const OpenRecord&) {}
  void apply(const CleanRecord&) { clean_ = true; }

  Recovery& recovery_;
  std::optional<std::uint64_t> previous_;  // what the next segment continues
  std::map<dns::Name, Mark, dns::CanonicalLess> marks_;
  std::size_t gaps_ = 0, gap_octets_ = 0;
  std::size_t segment_ = 0;  // counted from 1
  bool clean_ = true;        // nothing was read yet, or the last record is Clean
  bool indexed_ = true;      // the index of the checkpoint was read
  bool torn_ = false;        // a segment has the beginning of a record at its end
};

// Reads the segments from the one with the index `first` on.
Recovery replay(Disk& disk, std::span<const std::string> segments, std::size_t first) {
  Recovery recovery;
  recovery.segments.assign(segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(first));
  Replay replay(recovery);
  for (const std::string& name : segments.subspan(first)) {
    const auto octets = disk.read(name);
    if (!octets) recovery.faults.push_back(name + " cannot be read: " + octets.error());
    replay.read(name, octets ? dns::Bytes(*octets) : dns::Bytes());
  }
  replay.finish();
  return recovery;
}

}  // namespace

std::string damaged_name(const std::string& name) { return name + ".damaged"; }

void set_steps_lost(ZoneState& state) {
  if (dns::later(state.ceiling, state.serial)) state.serial = state.ceiling;
  state.ceiling = state.serial;
  state.sources.file_hash = 0;
}

DiskResult<Recovery> recover(Disk& disk) {
  const auto names = disk.list();
  if (!names) return dns::Failure<std::string>(names.error());
  std::vector<std::string> segments;
  for (const std::string& name : *names)
    if (parse_segment_name(name)) segments.push_back(name);
  const auto number = [](const std::string& name) { return parse_segment_name(name)->number; };
  std::ranges::sort(segments, {}, number);
  // A whole checkpoint replaces all before it. Files that it should have replaced help only where it is damaged.
  std::size_t first = 0;
  for (std::size_t i = 0; i < segments.size(); ++i)
    if (parse_segment_name(segments[i])->kind == SegmentKind::kCheckpoint) first = i;
  Recovery recovery = replay(disk, segments, first);
  if (first != 0 && std::ranges::find(recovery.damaged, segments[first]) != recovery.damaged.end())
    recovery = replay(disk, segments, 0);
  take_over_version1(disk, *names, recovery);
  recovery.needs_checkpoint = recovery.needs_checkpoint || !recovery.taken_over.empty();
  return recovery;
}

}  // namespace server
