#include "server/journal/record.h"

#include <algorithm>

#include "server/journal/mark.h"

namespace server {
namespace {

enum class Kind : std::uint8_t { kState = 1, kChange, kReserve, kBoot, kClean };

constexpr std::string_view kMagic = "WMJOURN1";
constexpr std::size_t kMarkSize = 8, kRecordHead = kMarkSize + 5;
constexpr std::size_t kMaxRecord = std::size_t{1} << 30;

// A record under way.
class Pen {
 public:
  explicit Pen(Kind kind) : octets_(kRecordHead) { octets_[kRecordHead - 1] = static_cast<std::uint8_t>(kind); }

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
  void laid(const LaidSets& sets) {
    count(sets.size());
    for (const SharedLaid& laid : sets) {
      name(laid->owner);
      type(laid->type);
      set(laid->set);
      set(laid->choice);
    }
  }
  Octets finish() {
    dns::store32(octets_.data() + kMarkSize, static_cast<std::uint32_t>(octets_.size() - kRecordHead));
    dns::store64(octets_.data(), content_mark(dns::as_text(dns::Bytes(octets_).subspan(kMarkSize))));
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

// Reads a body; once it does not hold what is asked for, all that follows is zeros and `whole` is false.
class Eye {
 public:
  explicit Eye(dns::Bytes body) : body_(body) {}

  bool whole() const { return !failed_ && body_.empty(); }
  std::uint16_t u16() { return take(2) ? dns::load16(at_) : std::uint16_t{0}; }
  std::uint32_t u32() { return take(4) ? dns::load32(at_) : 0; }
  std::uint64_t u64() { return take(8) ? dns::load64(at_) : 0; }
  dns::Serial serial() { return {u32()}; }
  dns::Type type() { return static_cast<dns::Type>(u16()); }
  // How many things of at least one octet follow.
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
  LaidSets laid() {
    LaidSets sets;
    for (std::size_t left = count(); left > 0 && !failed_; --left) {
      LaidSet laid;
      laid.owner = name();
      laid.type = type();
      laid.set = set();
      laid.choice = set();
      sets.push_back(std::make_shared<const LaidSet>(std::move(laid)));
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

JournalState read_state(Eye& eye) {
  JournalState state;
  state.apex = eye.name();
  state.generation = eye.u64();
  state.serial = eye.serial();
  state.in_file = eye.serial();
  state.file_mark = eye.u64();
  state.views_mark = eye.u64();
  state.ceiling = eye.serial();
  state.boot = eye.text();
  state.laid = eye.laid();
  return state;
}

JournalStep read_step(Eye& eye) {
  JournalStep step;
  step.generation = eye.u64();
  step.before = eye.serial();
  step.serial = eye.serial();
  step.in_file = eye.serial();
  step.file_mark = eye.u64();
  step.views_mark = eye.u64();
  step.change.apex = eye.name();
  for (std::size_t left = eye.count(); left > 0; --left) {
    dns::SetChange set;
    set.owner = eye.name();
    set.type = eye.type();
    set.covered = eye.type();
    set.before = eye.set();
    set.after = eye.set();
    step.change.sets.push_back(std::move(set));
  }
  step.laid = eye.laid();
  for (std::size_t left = eye.count(); left > 0; --left) {
    const dns::Name owner = eye.name();
    step.lifted.emplace_back(owner, eye.type());
  }
  return step;
}

bool is_at(const LaidSets& laid, LaidSets::const_iterator at, const dns::Name& owner, dns::Type type) {
  return at != laid.end() && order(**at, owner, type) == 0;
}

// Takes one record into what was read so far; false where its body is not what its kind says.
bool take(JournalContents& contents, Kind kind, dns::Bytes body) {
  Eye eye(body);
  contents.clean = false;
  switch (kind) {
    case Kind::kState: {
      JournalState state = read_state(eye);
      if (!eye.whole()) return false;
      if (!contents.steps.empty() && contents.steps.back().serial != state.serial) contents.steps.clear();
      contents.state = std::move(state);
      return true;
    }
    case Kind::kChange: {
      JournalStep step = read_step(eye);
      if (!eye.whole()) return false;
      if (!contents.steps.empty() && contents.steps.back().serial != step.before) contents.steps.clear();
      if (contents.state) advance(*contents.state, step);
      contents.steps.push_back(std::move(step));
      return true;
    }
    case Kind::kReserve: {
      const dns::Serial ceiling = eye.serial();
      if (eye.whole() && contents.state) contents.state->ceiling = ceiling;
      return eye.whole();
    }
    case Kind::kBoot: {
      std::string boot = eye.text();
      if (eye.whole() && contents.state) contents.state->boot = std::move(boot);
      return eye.whole();
    }
    case Kind::kClean: contents.clean = true; return eye.whole();
  }
  return false;
}

}  // namespace

Octets encode_header() {
  Octets header(kJournalHeader);
  std::ranges::copy(kMagic, header.begin());
  return header;
}

Octets encode_state(const JournalState& state) {
  Pen pen(Kind::kState);
  pen.name(state.apex);
  pen.u64(state.generation);
  pen.u32(state.serial.value);
  pen.u32(state.in_file.value);
  pen.u64(state.file_mark);
  pen.u64(state.views_mark);
  pen.u32(state.ceiling.value);
  pen.text(state.boot);
  pen.laid(state.laid);
  return pen.finish();
}

Octets encode_step(const JournalStep& step) {
  Pen pen(Kind::kChange);
  pen.u64(step.generation);
  pen.u32(step.before.value);
  pen.u32(step.serial.value);
  pen.u32(step.in_file.value);
  pen.u64(step.file_mark);
  pen.u64(step.views_mark);
  pen.name(step.change.apex);
  pen.count(step.change.sets.size());
  for (const dns::SetChange& set : step.change.sets) {
    pen.name(set.owner);
    pen.type(set.type);
    pen.type(set.covered);
    pen.set(set.before);
    pen.set(set.after);
  }
  pen.laid(step.laid);
  pen.count(step.lifted.size());
  for (const auto& [owner, type] : step.lifted) {
    pen.name(owner);
    pen.type(type);
  }
  return pen.finish();
}

Octets encode_reserve(dns::Serial ceiling) {
  Pen pen(Kind::kReserve);
  pen.u32(ceiling.value);
  return pen.finish();
}

Octets encode_boot(const std::string& boot) {
  Pen pen(Kind::kBoot);
  pen.text(boot);
  return pen.finish();
}

Octets encode_clean() { return Pen(Kind::kClean).finish(); }

void advance(JournalState& state, const JournalStep& step) {
  state.generation = step.generation;
  state.serial = step.serial;
  state.in_file = step.in_file;
  state.file_mark = step.file_mark;
  state.views_mark = step.views_mark;
  for (const auto& [owner, type] : step.lifted) {
    const auto at = place(state.laid, owner, type);
    if (is_at(state.laid, at, owner, type)) state.laid.erase(at);
  }
  for (const SharedLaid& set : step.laid) {
    const auto at = place(state.laid, set->owner, set->type);
    if (is_at(state.laid, at, set->owner, set->type)) {
      state.laid[static_cast<std::size_t>(at - state.laid.begin())] = set;
    } else {
      state.laid.insert(at, set);
    }
  }
}

JournalContents read_journal(dns::Bytes octets) {
  JournalContents contents;
  if (octets.size() < kJournalHeader || !dns::equal(octets.first(kMagic.size()), dns::as_bytes(kMagic))) {
    contents.damaged = true;
    return contents;
  }
  contents.behind = octets[kBehindAt] != 0;
  std::size_t at = kJournalHeader;
  while (octets.size() - at >= kRecordHead) {
    const dns::Bytes rest = octets.subspan(at);
    const std::size_t length = dns::load32(rest.data() + kMarkSize);
    if (length > kMaxRecord) contents.damaged = true;
    if (length > kMaxRecord || rest.size() - kRecordHead < length) break;
    const dns::Bytes marked = rest.subspan(kMarkSize, kRecordHead - kMarkSize + length);
    const auto kind = static_cast<Kind>(rest[kRecordHead - 1]);
    contents.damaged = content_mark(dns::as_text(marked)) != dns::load64(rest.data()) || !take(contents, kind, rest.subspan(kRecordHead, length));
    if (contents.damaged) break;
    at += kRecordHead + length;
  }
  contents.length = at;
  return contents;
}

}  // namespace server
