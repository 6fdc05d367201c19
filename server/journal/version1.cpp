#include "server/journal/version1.h"

#include <algorithm>

#include <fmt/format.h>

#include "server/journal/content_hash.h"
#include "server/journal/file_name.h"
#include "server/journal/views_text.h"
#include "zone/name/text.h"

namespace server {
namespace {

constexpr std::string_view kVersion1Magic = "WMJOURN1", kSuffix = ".journal", kViews = "views";
constexpr std::size_t kVersion1Header = 16, kIncompleteAt = 8, kVersion1Record = 13;
enum class Kind : std::uint8_t { kState = 1, kStep, kReserve, kBoot, kClean };

std::vector<OverriddenRrsetPtr> read_overridden(OctetReader& reader) {
  std::vector<OverriddenRrsetPtr> sets;
  reader.each([&] { sets.push_back(reader.overridden()); });
  return sets;
}

ZoneState read_version1_state(OctetReader& reader) {
  ZoneState state;
  state.managed = true;
  state.apex = reader.name();
  state.sources.generation = reader.u64();
  state.serial = reader.serial();
  state.sources.file_serial = reader.serial();
  state.sources.file_hash = reader.u64();
  state.sources.views_hash = reader.u64();
  state.ceiling = reader.serial();
  (void)reader.text();  // the boot
  state.overridden = OverriddenRrsets::of_unordered(read_overridden(reader));
  return state;
}

// The change itself is skipped: version 1 has none for a file.
JournalStep read_version1_step(OctetReader& reader) {
  JournalStep step;
  step.managed = true;
  step.sources.generation = reader.u64();
  step.from = reader.serial();
  step.to = reader.serial();
  step.sources.file_serial = reader.serial();
  step.sources.file_hash = reader.u64();
  step.sources.views_hash = reader.u64();
  step.apex = reader.name();
  reader.each([&] {
    (void)reader.name();
    (void)reader.type();
    (void)reader.type();
    (void)reader.rrset();
    (void)reader.rrset();
  });
  step.overridden = read_overridden(reader);
  reader.each([&] {
    const dns::Name owner = reader.name();
    step.restored.emplace_back(owner, reader.type());
  });
  return step;
}

// Applies one record to what was read before; false if its body does not fit its kind.
bool apply(std::optional<ZoneState>& state, bool& clean, Kind kind, dns::Bytes body) {
  OctetReader reader(body);
  clean = kind == Kind::kClean;
  switch (kind) {
    case Kind::kState: {
      ZoneState read = read_version1_state(reader);
      if (reader.complete()) state = std::move(read);
      break;
    }
    case Kind::kStep: {
      const JournalStep step = read_version1_step(reader);
      if (reader.complete() && state) apply_step(*state, step);
      break;
    }
    case Kind::kReserve: {
      const dns::Serial ceiling = reader.serial();
      if (reader.complete() && state) state->ceiling = ceiling;
      break;
    }
    case Kind::kBoot: (void)reader.text(); break;
    case Kind::kClean: break;
    default: return false;
  }
  return reader.complete();
}

void move_aside(Disk& disk, const std::string& name, const dns::Name& apex, const std::string& why,
                Recovery& recovery) {
  JournalZone zone;
  zone.state.apex = apex;
  zone.state.managed = true;
  zone.serial_unknown = true;
  recovery.contents.zones.try_emplace(apex, std::move(zone));
  const auto moved = disk.rename(name, damaged_name(name));
  recovery.faults.push_back(fmt::format(
      "the journal of {} cannot be used: {}; {}; the zone continues from its file, with a serial that is later by {}",
      dns::to_text(apex), why, moved ? "it is now " + damaged_name(name) : moved.error(), kLostSerials));
}

void take_over(Disk& disk, const std::string& name, Recovery& recovery) {
  const auto apex = apex_of_file(name, kSuffix);
  const auto octets = disk.read(name);
  auto zone = octets ? read_version1(*octets) : std::nullopt;
  const bool own = zone && zone_file_name(zone->state.apex, kSuffix) == name;
  if (!own && !apex) return recovery.faults.push_back(name + " is ignored: it is no journal");
  if (!own)
    return move_aside(disk, name, *apex,
                      !octets ? octets.error()
                      : zone  ? "the journal of another zone"
                              : "not a journal, or damaged",
                      recovery);
  if (zone->damaged)
    recovery.faults.push_back(
        fmt::format("the journal of {} is damaged: its last steps are lost; the serial goes on behind all "
                    "that were reserved",
                    dns::to_text(zone->state.apex)));
  const dns::Name owner = zone->state.apex;
  recovery.contents.zones.try_emplace(owner, JournalZone{std::move(zone->state), {}, false});
  recovery.taken_over.push_back(name);
}

}  // namespace

std::optional<Version1Zone> read_version1(dns::Bytes octets) {
  if (octets.size() < kVersion1Header || !dns::as_text(octets).starts_with(kVersion1Magic)) return std::nullopt;
  std::optional<ZoneState> state;
  bool clean = false, damaged = false;
  std::size_t at = kVersion1Header;
  while (!damaged && octets.size() - at >= kVersion1Record) {
    const std::size_t length = dns::load32(octets.data() + at + 8), left = octets.size() - at - kVersion1Record;
    if (left < length) break;
    const dns::Bytes record = octets.subspan(at, kVersion1Record + length);
    damaged = content_hash(dns::as_text(record.subspan(8))) != dns::load64(record.data()) ||
              !apply(state, clean, static_cast<Kind>(record[kVersion1Record - 1]), record.subspan(kVersion1Record));
    if (!damaged) at += record.size();
  }
  if (!state) return std::nullopt;
  const std::size_t cut = octets.size() - at;
  Version1Zone zone{std::move(*state), damaged};
  // Each record that was cut may have reserved one more block.
  if (damaged) zone.state.ceiling.value += kReserve * static_cast<std::uint32_t>(cut / kVersion1Record + 1);
  if (!clean || cut != 0 || octets[kIncompleteAt] != 0) set_steps_lost(zone.state);
  return zone;
}

void take_over_version1(Disk& disk, const std::vector<std::string>& names, Recovery& recovery) {
  for (const std::string& name : names)
    if (name.ends_with(kSuffix)) take_over(disk, name, recovery);
  if (std::ranges::find(names, kViews) == names.end()) return;
  const auto octets = disk.read(std::string(kViews));
  const std::string text = octets ? std::string(dns::as_text(*octets)) : std::string();
  recovery.taken_over.emplace_back(kViews);
  if (parse_views(text) != nullptr) recovery.contents.views = text;
  else if (text != "waymark views 1\n")
    recovery.faults.push_back(std::string(kViews) + ": " +
                              (octets ? "not a table of views, or damaged" : octets.error()));
}

}  // namespace server
