#include "server/journal/record.h"

namespace server {
namespace {

// Of a step. What has none of its own is not written.
enum class Section : std::uint8_t { kChange = 1, kSources, kOverridden, kRestored };

void put_sources(OctetWriter& writer, const ZoneSources& sources) {
  writer.serial(sources.file_serial);
  writer.u64(sources.file_hash);
  writer.u64(sources.generation);
  writer.u64(sources.views_hash);
}

ZoneSources read_sources(OctetReader& reader) {
  ZoneSources sources;
  sources.file_serial = reader.serial();
  sources.file_hash = reader.u64();
  sources.generation = reader.u64();
  sources.views_hash = reader.u64();
  return sources;
}

// One section: its kind, the number of its octets, and what `put` writes.
template <class Put>
void put_section(Octets& out, Section section, Put&& put) {
  out.push_back(static_cast<std::uint8_t>(section));
  const std::size_t at = out.size();
  OctetWriter writer(out);
  writer.u32(0);
  put(writer);
  dns::store32(out.data() + at, static_cast<std::uint32_t>(out.size() - at - 4));
}

void put_step(Octets& out, const JournalStep& step) {
  OctetWriter writer(out);
  writer.name(step.apex);
  writer.u8(step.managed ? 1 : 0);
  writer.u32(step.sequence);
  writer.serial(step.from);
  writer.serial(step.to);
  const std::size_t at = out.size();
  writer.u32(0);
  if (step.change != nullptr)
    put_section(out, Section::kChange, [&](OctetWriter& section) { section.octets(step.change->octets); });
  put_section(out, Section::kSources, [&](OctetWriter& section) { put_sources(section, step.sources); });
  if (!step.overridden.empty())
    put_section(out, Section::kOverridden, [&](OctetWriter& section) {
      section.count(step.overridden.size());
      for (const OverriddenRrsetPtr& overridden : step.overridden) section.overridden(*overridden);
    });
  if (!step.restored.empty())
    put_section(out, Section::kRestored, [&](OctetWriter& section) {
      section.count(step.restored.size());
      for (const auto& [owner, type] : step.restored) {
        section.name(owner);
        section.type(type);
      }
    });
  dns::store32(out.data() + at, static_cast<std::uint32_t>(out.size() - at - 4));
}

// Null also where the octets are no change of this zone; then the reader has failed.
dns::HistoryStepPtr read_change(OctetReader& reader, dns::NameView apex, dns::Serial from, dns::Serial to) {
  dns::HistoryStepPtr change = dns::read_step(reader.octets(), apex, from, to);
  if (change == nullptr) reader.fail();
  return change;
}

void read_section(Section section, OctetReader reader, JournalStep& step, OctetReader& whole) {
  switch (section) {
    case Section::kChange: step.change = read_change(reader, step.apex, step.from, step.to); break;
    case Section::kSources: step.sources = read_sources(reader); break;
    case Section::kOverridden: reader.each([&] { step.overridden.push_back(reader.overridden()); }); break;
    case Section::kRestored:
      reader.each([&] {
        const dns::Name owner = reader.name();
        step.restored.emplace_back(owner, reader.type());
      });
      break;
    default: return;  // of a later version
  }
  if (!reader.complete()) whole.fail();
}

JournalStep read_step(OctetReader& reader) {
  JournalStep step;
  step.apex = reader.name();
  step.managed = reader.u8() != 0;
  step.sequence = reader.u32();
  step.from = reader.serial();
  step.to = reader.serial();
  OctetReader sections(reader.octets());
  while (!sections.failed() && !sections.complete()) {
    const auto section = static_cast<Section>(sections.u8());
    read_section(section, OctetReader(sections.octets()), step, reader);
  }
  if (sections.failed()) reader.fail();
  return step;
}

void put_zone(OctetWriter& writer, const ZoneRecord& record) {
  const ZoneState& state = record.state;
  writer.name(state.apex);
  writer.u8(state.managed ? 1 : 0);
  writer.u32(state.sequence);
  writer.serial(state.serial);
  writer.serial(state.ceiling);
  put_sources(writer, state.sources);
  writer.count(state.overridden.size());
  for (const OverriddenRrsetPtr& overridden : state.overridden) writer.overridden(*overridden);
  writer.count(record.history.size());
  for (const dns::HistoryStepPtr& step : record.history) {
    writer.serial(step->from);
    writer.serial(step->to);
    writer.octets(step->octets);
  }
}

ZoneRecord read_zone(OctetReader& reader) {
  ZoneRecord record;
  ZoneState& state = record.state;
  state.apex = reader.name();
  state.managed = reader.u8() != 0;
  state.sequence = reader.u32();
  state.serial = reader.serial();
  state.ceiling = reader.serial();
  state.sources = read_sources(reader);
  std::vector<OverriddenRrsetPtr> overridden;
  reader.each([&] { overridden.push_back(reader.overridden()); });
  if (!reader.failed()) state.overridden = OverriddenRrsets::of_unordered(std::move(overridden));
  reader.each([&] {
    const dns::Serial from = reader.serial(), to = reader.serial();
    record.history.push_back(read_change(reader, state.apex, from, to));
  });
  return record;
}

// Writes the body of each kind of record.
class BodyWriter {
 public:
  explicit BodyWriter(Octets& out) : out_(out), writer_(out) {}

  void operator()(const OpenRecord&) {}
  void operator()(const CleanRecord&) {}
  void operator()(const CommitRecord& commit) {
    writer_.u64(commit.time);
    writer_.u8(static_cast<std::uint8_t>(commit.producer));
    writer_.count(commit.steps.size());
    for (const JournalStep& step : commit.steps) put_step(out_, step);
  }
  void operator()(const ReservationsRecord& reservations) {
    writer_.count(reservations.zones.size());
    for (const Reservation& zone : reservations.zones) {
      writer_.name(zone.apex);
      writer_.u32(zone.sequence);
      writer_.serial(zone.serial);
      writer_.serial(zone.ceiling);
    }
  }
  void operator()(const ViewsRecord& views) { writer_.text(views.text); }
  void operator()(const ZoneRecord& zone) { put_zone(writer_, zone); }
  void operator()(const IndexRecord& index) {
    writer_.count(index.zones.size());
    for (const IndexRecord::Zone& zone : index.zones) {
      writer_.name(zone.apex);
      writer_.u8(zone.managed ? 1 : 0);
      writer_.serial(zone.ceiling);
    }
  }

 private:
  Octets& out_;
  OctetWriter writer_;
};

CommitRecord read_commit(OctetReader& reader) {
  CommitRecord commit;
  commit.time = reader.u64();
  commit.producer = static_cast<Producer>(reader.u8());
  reader.each([&] { commit.steps.push_back(read_step(reader)); });
  return commit;
}

ReservationsRecord read_reservations(OctetReader& reader) {
  ReservationsRecord reservations;
  reader.each([&] {
    Reservation zone;
    zone.apex = reader.name();
    zone.sequence = reader.u32();
    zone.serial = reader.serial();
    zone.ceiling = reader.serial();
    reservations.zones.push_back(std::move(zone));
  });
  return reservations;
}

IndexRecord read_index(OctetReader& reader) {
  IndexRecord index;
  reader.each([&] {
    IndexRecord::Zone zone;
    zone.apex = reader.name();
    zone.managed = reader.u8() != 0;
    zone.ceiling = reader.serial();
    index.zones.push_back(std::move(zone));
  });
  return index;
}

}  // namespace

std::uint8_t kind_of(const JournalRecord& record) { return static_cast<std::uint8_t>(record.index() + 1); }

void encode(Octets& out, const JournalRecord& record) { std::visit(BodyWriter(out), record); }

std::optional<JournalRecord> decode(std::uint8_t kind, dns::Bytes body) {
  OctetReader reader(body);
  JournalRecord record;
  switch (kind) {
    case 1: record = OpenRecord{}; break;
    case 2: record = read_commit(reader); break;
    case 3: record = read_reservations(reader); break;
    case 4: record = ViewsRecord{reader.text()}; break;
    case 5: record = read_zone(reader); break;
    case 6: record = read_index(reader); break;
    case 7: record = CleanRecord{}; break;
    default: return std::nullopt;
  }
  if (!reader.complete()) return std::nullopt;
  return record;
}

}  // namespace server
