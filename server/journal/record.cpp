#include "server/journal/record.h"

#include <algorithm>

#include "server/journal/content_hash.h"

namespace server {
namespace {

enum class Kind : std::uint8_t { kState = 1, kChange, kReserve, kBoot, kClean };

constexpr std::string_view kMagic = "WMJOURN1";
constexpr std::size_t kHashSize = 8, kRecordHeader = kHashSize + 5;
constexpr std::size_t kMaxRecord = std::size_t{1} << 30;

// Encodes one record.
class RecordWriter {
 public:
  explicit RecordWriter(Kind kind) : octets_(kRecordHeader) {
    octets_[kRecordHeader - 1] = static_cast<std::uint8_t>(kind);
  }

  void u16(std::uint16_t value) { dns::store16(room(2), value); }
  void u32(std::uint32_t value) { dns::store32(room(4), value); }
  void u64(std::uint64_t value) { dns::store64(room(8), value); }
  void count(std::size_t value) { u32(static_cast<std::uint32_t>(value)); }
  void text(std::string_view value) {
    count(value.size());
    bytes(dns::as_bytes(value));
  }
  void name(const dns::Name& value) { bytes(value.view().bytes()); }
  void type(dns::Type value) { u16(static_cast<std::uint16_t>(value)); }
  void set(const dns::Rrset& value) {
    type(value.type);
    u32(value.ttl);
    u16(value.count);
    bytes(value.packed);
  }
  void overridden(const auto& sets) {
    count(sets.size());
    for (const OverriddenRrsetPtr& overridden : sets) {
      name(overridden->owner);
      type(overridden->type);
      set(overridden->set);
      set(overridden->choice);
    }
  }
  Octets finish() {
    dns::store32(octets_.data() + kHashSize, static_cast<std::uint32_t>(octets_.size() - kRecordHeader));
    dns::store64(octets_.data(), content_hash(dns::as_text(dns::Bytes(octets_).subspan(kHashSize))));
    return std::move(octets_);
  }

 private:
  std::uint8_t* room(std::size_t size) {
    octets_.resize(octets_.size() + size);
    return octets_.data() + octets_.size() - size;
  }
  void bytes(dns::Bytes value) { octets_.insert(octets_.end(), value.begin(), value.end()); }

  Octets octets_;
};

// Decodes a body. After the first value that does not fit, all values are zero and `complete` is false.
class RecordReader {
 public:
  explicit RecordReader(dns::Bytes body) : body_(body) {}

  bool complete() const { return !failed_ && body_.empty(); }
  std::uint16_t u16() { return take(2) ? dns::load16(at_) : std::uint16_t{0}; }
  std::uint32_t u32() { return take(4) ? dns::load32(at_) : 0; }
  std::uint64_t u64() { return take(8) ? dns::load64(at_) : 0; }
  dns::Serial serial() { return {u32()}; }
  dns::Type type() { return static_cast<dns::Type>(u16()); }
  // A number of elements, each of at least one octet.
  std::size_t count() {
    const std::size_t value = u32();
    if (value > body_.size()) failed_ = true;
    return failed_ ? 0 : value;
  }
  std::string text() {
    const std::size_t size = count();
    return take(size) ? std::string(dns::as_text({at_, size})) : std::string();
  }
  dns::Name name() {
    const auto read = dns::read_name(body_);
    if (!read) failed_ = true;
    if (failed_ || !take(read->size())) return {};
    return dns::Name(*read);
  }
  dns::Rrset set() {
    dns::Rrset value;
    value.type = type();
    value.ttl = u32();
    value.count = u16();
    std::size_t size = 0;
    for (std::size_t i = 0; i < value.count && !failed_; ++i) {
      if (body_.size() < size + 2) failed_ = true;
      else size += 2U + dns::load16(body_.data() + size);
    }
    if (take(size)) value.packed.assign(at_, at_ + size);
    return value;
  }
  std::vector<OverriddenRrsetPtr> overridden() {
    std::vector<OverriddenRrsetPtr> sets;
    for (std::size_t left = count(); left > 0 && !failed_; --left) {
      OverriddenRrset overridden;
      overridden.owner = name();
      overridden.type = type();
      overridden.set = set();
      overridden.choice = set();
      sets.push_back(std::make_shared<const OverriddenRrset>(std::move(overridden)));
    }
    return sets;
  }

 private:
  bool take(std::size_t size) {
    if (failed_ || body_.size() < size) {
      failed_ = true;
      return false;
    }
    at_ = body_.data();
    body_ = body_.subspan(size);
    return true;
  }

  dns::Bytes body_;
  const std::uint8_t* at_ = nullptr;
  bool failed_ = false;
};

JournalState read_state(RecordReader& reader) {
  JournalState state;
  state.apex = reader.name();
  state.generation = reader.u64();
  state.serial = reader.serial();
  state.file_serial = reader.serial();
  state.file_hash = reader.u64();
  state.views_hash = reader.u64();
  state.ceiling = reader.serial();
  state.boot_id = reader.text();
  state.overridden = OverriddenRrsets::of_unordered(reader.overridden());
  return state;
}

JournalStep read_step(RecordReader& reader) {
  JournalStep step;
  step.generation = reader.u64();
  step.before = reader.serial();
  step.serial = reader.serial();
  step.file_serial = reader.serial();
  step.file_hash = reader.u64();
  step.views_hash = reader.u64();
  step.change.apex = reader.name();
  for (std::size_t left = reader.count(); left > 0; --left) {
    dns::RrsetChange set;
    set.owner = reader.name();
    set.type = reader.type();
    set.covered = reader.type();
    set.before = reader.set();
    set.after = reader.set();
    step.change.sets.push_back(std::move(set));
  }
  step.overridden = reader.overridden();
  for (std::size_t left = reader.count(); left > 0; --left) {
    const dns::Name owner = reader.name();
    step.restored.emplace_back(owner, reader.type());
  }
  return step;
}

// In order, each key once: a step from the disk may have anything.
std::vector<OverriddenRrsets::Edit> edits_of(const JournalStep& step) {
  using Edit = OverriddenRrsets::Edit;
  std::vector<Edit> edits;
  for (const OverriddenRrsetPtr& set : step.overridden) edits.push_back({&set->owner, set->type, set});
  for (const auto& [owner, type] : step.restored) edits.push_back({&owner, type, nullptr});
  std::ranges::stable_sort(edits, [](const Edit& a, const Edit& b) { return a.precedes(b); });
  const auto same = [](const Edit& a, const Edit& b) { return !a.precedes(b); };
  edits.erase(std::ranges::unique(edits, same).begin(), edits.end());
  return edits;
}

// Applies one record; false if its body does not fit its kind.
bool apply_record(JournalContents& contents, Kind kind, dns::Bytes body) {
  RecordReader reader(body);
  contents.clean = false;
  switch (kind) {
    case Kind::kState: {
      JournalState state = read_state(reader);
      if (!reader.complete()) return false;
      if (!contents.steps.empty() && contents.steps.back().serial != state.serial) contents.steps.clear();
      contents.state = std::move(state);
      return true;
    }
    case Kind::kChange: {
      JournalStep step = read_step(reader);
      if (!reader.complete()) return false;
      if (!contents.steps.empty() && contents.steps.back().serial != step.before) contents.steps.clear();
      if (contents.state) apply_step(*contents.state, step);
      contents.steps.push_back(std::move(step));
      return true;
    }
    case Kind::kReserve: {
      const dns::Serial ceiling = reader.serial();
      if (reader.complete() && contents.state) contents.state->ceiling = ceiling;
      return reader.complete();
    }
    case Kind::kBoot: {
      std::string boot_id = reader.text();
      if (reader.complete() && contents.state) contents.state->boot_id = std::move(boot_id);
      return reader.complete();
    }
    case Kind::kClean: contents.clean = true; return reader.complete();
  }
  return false;
}

// The body of the record at the beginning of `octets`; nothing if no whole record begins there.
std::optional<dns::Bytes> record_body(dns::Bytes octets) {
  if (octets.size() < kRecordHeader) return std::nullopt;
  const std::size_t length = dns::load32(octets.data() + kHashSize);
  if (length > kMaxRecord || octets.size() - kRecordHeader < length) return std::nullopt;
  const dns::Bytes hashed = octets.subspan(kHashSize, kRecordHeader - kHashSize + length);
  if (content_hash(dns::as_text(hashed)) != dns::load64(octets.data())) return std::nullopt;
  return octets.subspan(kRecordHeader, length);
}

struct SerialOf {
  std::optional<dns::Name> apex;  // nothing: of the zone in the records before
  dns::Serial serial;
};

// The serial that a record says was published or reserved.
std::optional<SerialOf> serial_in(Kind kind, dns::Bytes body) {
  RecordReader reader(body);
  std::optional<SerialOf> found;
  if (kind == Kind::kState) {
    JournalState state = read_state(reader);
    found = {std::move(state.apex), state.ceiling};
  } else if (kind == Kind::kChange) {
    JournalStep step = read_step(reader);
    found = {std::move(step.change.apex), step.serial};
  } else if (kind == Kind::kReserve) {
    found = {std::nullopt, reader.serial()};
  }
  return reader.complete() ? found : std::nullopt;
}

}  // namespace

std::optional<dns::Serial> latest_serial(dns::Bytes octets, const dns::Name& apex) {
  std::optional<dns::Serial> latest;
  bool ours = true;
  for (std::size_t at = 0; at < octets.size();) {
    const auto body = record_body(octets.subspan(at));
    if (!body) {
      ++at;
      continue;
    }
    const auto found = serial_in(static_cast<Kind>(octets[at + kRecordHeader - 1]), *body);
    if (found && found->apex) ours = *found->apex == apex;
    if (found && ours && (!latest || dns::later(found->serial, *latest))) latest = found->serial;
    at += kRecordHeader + body->size();
  }
  return latest;
}

Octets encode_header() {
  Octets header(kJournalHeader);
  std::ranges::copy(kMagic, header.begin());
  return header;
}

Octets encode_state(const JournalState& state) {
  RecordWriter writer(Kind::kState);
  writer.name(state.apex);
  writer.u64(state.generation);
  writer.u32(state.serial.value);
  writer.u32(state.file_serial.value);
  writer.u64(state.file_hash);
  writer.u64(state.views_hash);
  writer.u32(state.ceiling.value);
  writer.text(state.boot_id);
  writer.overridden(state.overridden);
  return writer.finish();
}

Octets encode_step(const JournalStep& step) {
  RecordWriter writer(Kind::kChange);
  writer.u64(step.generation);
  writer.u32(step.before.value);
  writer.u32(step.serial.value);
  writer.u32(step.file_serial.value);
  writer.u64(step.file_hash);
  writer.u64(step.views_hash);
  writer.name(step.change.apex);
  writer.count(step.change.sets.size());
  for (const dns::RrsetChange& set : step.change.sets) {
    writer.name(set.owner);
    writer.type(set.type);
    writer.type(set.covered);
    writer.set(set.before);
    writer.set(set.after);
  }
  writer.overridden(step.overridden);
  writer.count(step.restored.size());
  for (const auto& [owner, type] : step.restored) {
    writer.name(owner);
    writer.type(type);
  }
  return writer.finish();
}

Octets encode_reserve(dns::Serial ceiling) {
  RecordWriter writer(Kind::kReserve);
  writer.u32(ceiling.value);
  return writer.finish();
}

Octets encode_boot_id(const std::string& boot_id) {
  RecordWriter writer(Kind::kBoot);
  writer.text(boot_id);
  return writer.finish();
}

Octets encode_clean() { return RecordWriter(Kind::kClean).finish(); }

void apply_step(JournalState& state, const JournalStep& step) {
  apply_step(state, step, state.overridden.with(edits_of(step)));
}

void apply_step(JournalState& state, const JournalStep& step, OverriddenRrsets overridden) {
  state.generation = step.generation;
  state.serial = step.serial;
  state.file_serial = step.file_serial;
  state.file_hash = step.file_hash;
  state.views_hash = step.views_hash;
  state.overridden = std::move(overridden);
}

JournalContents read_journal(dns::Bytes octets) {
  JournalContents contents;
  if (octets.size() < kJournalHeader || !dns::equal(octets.first(kMagic.size()), dns::as_bytes(kMagic))) {
    contents.damaged = true;
    return contents;
  }
  contents.incomplete = octets[kIncompleteAt] != 0;
  std::size_t at = kJournalHeader;
  while (octets.size() - at >= kRecordHeader) {
    const dns::Bytes rest = octets.subspan(at);
    const std::size_t length = dns::load32(rest.data() + kHashSize);
    if (length > kMaxRecord) contents.damaged = true;
    if (length > kMaxRecord || rest.size() - kRecordHeader < length) break;
    const auto body = record_body(rest);
    contents.damaged = !body || !apply_record(contents, static_cast<Kind>(rest[kRecordHeader - 1]), *body);
    if (contents.damaged) break;
    at += kRecordHeader + length;
  }
  contents.length = at;
  return contents;
}

}  // namespace server
