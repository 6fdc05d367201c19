#include "zone/message/writer.h"

#include <algorithm>
#include <bit>

#include "zone/base/ascii.h"
#include "zone/rr/rdata.h"

namespace dns {
namespace {

// The hash of a suffix from the hash of the suffix that is one label shorter.
std::uint32_t hash_label(std::uint32_t shorter, const std::uint8_t* label) {
  constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15;
  std::uint64_t hash = shorter;
  std::size_t left = 1U + *label;
  while (left > 0) {
    const std::size_t step = std::min<std::size_t>(left, 8);
    std::uint64_t word = 0;
    std::memcpy(&word, label, step);
    hash = std::rotl((hash ^ word) * kMultiplier, 29);
    label += step;
    left -= step;
  }
  return static_cast<std::uint32_t>(hash ^ hash >> 32);
}

}  // namespace

void Compression::undo(std::size_t mark) {
  while (used_count_ > mark) slots_[used_[--used_count_]].offset = 0;
}

void Compression::remember(std::uint32_t hash, std::size_t offset) {
  if (offset > kMaxPointerOffset || used_count_ == kMaxUsed) return;
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    const std::size_t at = (hash + probe) % kSlots;
    if (slots_[at].offset != 0) continue;
    slots_[at] = {hash, static_cast<std::uint16_t>(offset)};
    used_[used_count_++] = static_cast<std::uint16_t>(at);
    return;
  }
}

Writer::Writer(MutableBytes out, Compression& compression)
    : out_(out.data()), limit_(out.size()), compression_(compression) {
  require(out.size() >= kHeaderSize, "a message has space for its header");
}

bool Writer::question(const Question& question) {
  const std::size_t start = size_;
  if (!question_apart(question)) return false;
  question_ = NameView::trusted(out_ + start, question.name.size());
  return true;
}

bool Writer::question_apart(const Question& question) {
  const NameView name = question.name;
  if (room() < name.size() + 4) return false;
  std::memcpy(out_ + size_, name.data(), name.size());
  size_ += name.size();
  store16(out_ + size_, static_cast<std::uint16_t>(question.type));
  store16(out_ + size_ + 2, static_cast<std::uint16_t>(question.klass));
  if (question.klass != Class::ANY) klass_ = question.klass;
  size_ += 4;
  return true;
}

bool Writer::rrset(NameView owner_name, const RrsetView& set, std::uint32_t ttl) {
  const std::size_t start = size_, mark = compression_.mark();
  std::uint16_t pointer = 0;
  for (const Bytes octets : set) {
    std::array<std::uint8_t, 8> fixed;
    store16(fixed.data(), static_cast<std::uint16_t>(set.type));
    store16(fixed.data() + 2, static_cast<std::uint16_t>(klass_));
    store32(fixed.data() + 4, ttl);
    if (owner(owner_name, pointer) && put(fixed) && rdata(set, octets)) continue;
    size_ = start;
    compression_.undo(mark);
    return false;
  }
  return true;
}

void Writer::finish(std::uint16_t id, std::uint16_t flags, const Counts& counts) {
  store16(out_, id);
  store16(out_ + 2, flags);
  store16(out_ + 4, counts.questions);
  store16(out_ + 6, counts.answers);
  store16(out_ + 8, counts.authorities);
  store16(out_ + kArcountAt, counts.additionals);
}

// The first record of an RRset writes the owner, compressed if possible; the other records point to the same position.
bool Writer::owner(NameView owner_name, std::uint16_t& pointer) {
  if (pointer != 0) return put16(pointer);
  const std::size_t start = size_;
  if (!name(owner_name)) return false;
  const bool is_pointer = size_ - start == 2 && out_[start] >= 0xc0;
  if (is_pointer) pointer = load16(out_ + start);
  else if (start <= kMaxPointerOffset && !owner_name.is_root()) pointer = static_cast<std::uint16_t>(kPointer | start);
  return true;
}

bool Writer::rdata(const RrsetView& set, Bytes rdata) {
  const std::size_t length_at = size_;
  if (!put16(static_cast<std::uint16_t>(rdata.size()))) return false;
  if (!has_compressible_names(set.type)) return put(rdata);
  const RdataNames names = names_of(set.type, rdata);
  std::size_t done = 0;
  for (std::size_t i = 0; i < names.count; ++i) {
    const RdataNames::Place at = names.at[i];
    if (!put(rdata.subspan(done, at.offset - done))) return false;
    if (!name(NameView::trusted(rdata.data() + at.offset, at.size))) return false;
    done = std::size_t{at.offset} + at.size;
  }
  if (!put(rdata.subspan(done))) return false;
  store16(out_ + length_at, static_cast<std::uint16_t>(size_ - length_at - 2));
  return true;
}

bool Writer::name(NameView whole) {
  if (const std::uint16_t offset = question_suffix(whole); offset != 0) return put16(kPointer | offset);

  std::array<std::uint8_t, kMaxLabels> start;
  std::array<std::uint32_t, kMaxLabels> hash;
  std::size_t count = 0;
  for (std::size_t at = 0; whole.data()[at] != 0; at += 1U + whole.data()[at])
    start[count++] = static_cast<std::uint8_t>(at);
  std::uint32_t shorter = 0;
  for (std::size_t label = count; label-- > 0;)
    hash[label] = shorter = hash_label(shorter, whole.data() + start[label]);

  std::uint16_t found = 0;
  std::size_t kept = 0;  // labels that are not in an earlier name
  for (; kept < count && found == 0; ++kept) {
    const std::uint8_t* suffix = whole.data() + start[kept];
    found = compression_.find(hash[kept], [&](std::size_t offset) { return stands_at(offset, suffix); });
    if (found == 0) found = question_suffix(NameView::trusted(suffix, whole.size() - start[kept]));
    if (found != 0) break;
  }
  const std::size_t here = size_;
  const bool written =
      found == 0 ? put(whole.bytes()) : put(whole.bytes().first(start[kept])) && put16(kPointer | found);
  if (!written) {
    size_ = here;
    return false;
  }
  for (std::size_t label = 0; label < kept; ++label) compression_.remember(hash[label], here + start[label]);
  return true;
}

// The offset of `name` at the end of the question; 0 if it is not there, or if it is the root: no pointer is shorter.
std::uint16_t Writer::question_suffix(NameView name) const {
  if (name.size() > question_.size() || name.is_root()) return 0;
  const std::size_t tail = question_.size() - name.size();
  std::size_t at = 0;
  while (at < tail) at += 1U + question_.data()[at];
  if (at != tail || !equal_fold(Bytes{question_.data() + tail, name.size()}, name.bytes())) return 0;
  return static_cast<std::uint16_t>(kHeaderSize + tail);
}

// With case, except where the name in the message ends in the question.
bool Writer::stands_at(std::size_t offset, const std::uint8_t* name) const {
  const std::size_t question_end = kHeaderSize + question_.size();
  while (true) {
    const std::uint8_t length = out_[offset];
    if (length >= 0xc0) {
      offset = load16(out_ + offset) & kMaxPointerOffset;
      continue;
    }
    if (length != *name) return false;
    if (length == 0) return true;
    const Bytes there{out_ + offset + 1, length}, label{name + 1, length};
    if (offset < question_end ? !equal_fold(there, label) : !std::ranges::equal(there, label)) return false;
    offset += 1U + length;
    name += 1U + length;
  }
}

bool Writer::put(Bytes bytes) {
  if (bytes.size() > room()) return false;
  if (!bytes.empty()) std::memcpy(out_ + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
  return true;
}

bool Writer::put16(std::uint16_t value) {
  if (room() < 2) return false;
  store16(out_ + size_, value);
  size_ += 2;
  return true;
}

}  // namespace dns
