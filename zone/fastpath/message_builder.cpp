#include "zone/fastpath/message_builder.h"

#include <algorithm>
#include <bit>

#include "zone/base/ascii.h"
#include "zone/rr/rdata.h"

namespace dns {
namespace {

// The names in the RDATA of a type.
struct RdataShape {
  enum class Names : std::uint8_t { kNone, kOne, kOther } names;  // kOther: use the general writer
  std::size_t at;                                                 // kOne: where the name begins; it reaches to the end
};
RdataShape shape_of(Type type) {
  if (type == Type::A || type == Type::AAAA || type == Type::TXT) return {RdataShape::Names::kNone, 0};
  if (type == Type::NS || type == Type::CNAME || type == Type::PTR) return {RdataShape::Names::kOne, 0};
  if (type == Type::MX) return {RdataShape::Names::kOne, 2};
  return {has_compressible_names(type) ? RdataShape::Names::kOther : RdataShape::Names::kNone, 0};
}

std::uint64_t word_before(const std::uint8_t* end) {
  std::uint64_t word = 0;
  std::memcpy(&word, end - 8, 8);
  return word;
}

// How many octets at the ends of two different words are equal. `difference` is the XOR of the words.
std::size_t equal_at_end(std::uint64_t difference) {
  const int bits =
      std::endian::native == std::endian::little ? std::countl_zero(difference) : std::countr_zero(difference);
  return static_cast<std::size_t>(bits) / 8;
}

}  // namespace

MessageBuilder::MessageBuilder(std::uint8_t* message, std::size_t limit, NameView question)
    : message_(message), size_(kHeaderSize + question.size() + 4), limit_(limit), question_(question) {
  written_[written_count_++] = {question.data(), question.size(), kHeaderSize};
  expect_below(0, nullptr);
}

void MessageBuilder::expect_below(std::size_t octets, const std::uint8_t* above) {
  const std::size_t size = question_.size() - octets;
  rest_ = {question_.data() + octets, size, in_question(octets).pointer, static_cast<std::uint16_t>(size), above};
}

bool MessageBuilder::put(Owner owner, const RrsetView& set) {
  const RecordHead head(owner.pointer, set);
  const RdataShape shape = shape_of(set.type);
  if (shape.names == RdataShape::Names::kOne) return put_names(head, set, shape.at);
  if (shape.names == RdataShape::Names::kOther) return false;
  const std::size_t end = write_set_without_names({message_, size_, limit_}, head, set);
  if (end == 0) return false;
  size_ = end;
  return true;
}

bool MessageBuilder::put_new(NameView name, const RrsetView& set, Owner& owner) {
  if (name.size() > room() || size_ > kMaxPointerOffset) return false;
  Target target;
  if (!put_name(name, target)) return false;
  owner = target.owner;
  return put_behind_owner(owner, set);
}

bool MessageBuilder::put_new(Bytes labels, Owner rest, const RrsetView& set, Owner& owner) {
  if (labels.size() + 2 > room() || size_ > kMaxPointerOffset) return false;
  owner.pointer = static_cast<std::uint16_t>(kPointer | size_);
  copy_octets(message_ + size_, labels.data(), labels.size());
  size_ += labels.size();
  store16(message_ + size_, rest.pointer);
  size_ += 2;
  return put_behind_owner(owner, set);
}

// The owner of the first record has been written; the other records point to it.
bool MessageBuilder::put_behind_owner(Owner owner, const RrsetView& set) {
  const RecordHead head(owner.pointer, set);
  const std::size_t record = 2U + load16(set.packed);
  if (RecordHead::kSize + record > room()) return false;
  head.write_behind_owner(message_ + size_);
  size_ += RecordHead::kSize - RecordHead::kOwner;
  copy_octets(message_ + size_, set.packed, record);
  size_ += record;
  const RrsetView others = {set.type, static_cast<std::uint16_t>(set.count - 1), set.ttl, set.packed + record};
  const std::size_t end = write_set_without_names({message_, size_, limit_}, head, others);
  if (end == 0) return false;
  size_ = end;
  return true;
}

// Each RDATA ends with a name that begins at `at`.
bool MessageBuilder::put_names(const RecordHead& head, const RrsetView& set, std::size_t at) {
  if (set.count > kMaxPlaces) return false;
  most_in_question_ = 0;
  const RrsetView left = set.type == Type::NS ? put_servers(head, set) : set;
  std::size_t index = set.count - std::size_t{left.count};
  for (const Bytes rdata : left) {
    if (RecordHead::kSize + 2 + rdata.size() > room()) return false;  // compression never makes a name longer
    std::uint8_t* const out = message_ + size_;
    std::uint8_t* const length = out + RecordHead::kSize;
    head.write(out);
    for (std::size_t i = 0; i < at; ++i) length[2 + i] = rdata[i];
    size_ += RecordHead::kSize + 2 + at;
    const NameView name = NameView::trusted(rdata.data() + at, rdata.size() - at);
    if (!put_name(name, targets_[index++])) return false;
    store16(length, static_cast<std::uint16_t>(message_ + size_ - length - 2));
  }
  return true;
}

// The faster path for name servers. It relies on the server names being different, which names of other types need not
// be. Returns the servers that are left when one of them needs the general method. The loop uses local variables:
// members would be read again after each octet that is written.
RrsetView MessageBuilder::put_servers(RecordHead head, RrsetView set) {
  if (written_count_ + set.count > kMaxPlaces) return set;
  const std::uint8_t* const end = message_ + limit_;
  std::uint8_t* out = message_ + size_;
  Written* written = &written_[written_count_];
  Rest known = rest_;
  bool ends_in_question = true;  // the names that share `known`: their case is ignored
  for (Target* target = targets_.data(); set.count > 0; --set.count, ++target) {
    const std::uint8_t* const name = set.packed + 2;
    const std::size_t size = load16(set.packed), label = 1U + name[0], rest = size - label;
    if (rest <= 1 || RecordHead::kSize + 2 + size > static_cast<std::size_t>(end - out))
      break;  // no pointer to a root label
    const bool shares = rest == known.size && (ends_in_question ? equal_fold({name + label, rest}, {known.octets, rest})
                                                                : same(name + label, known.octets, rest));
    if (shares ? known.above != nullptr && equal_fold({name, label}, {known.above, 1U + *known.above})
               : written != &written_[1] || !stands_alone({name, size}))
      break;
    std::uint8_t* const at = out + RecordHead::kSize + 2;
    const auto offset = static_cast<std::size_t>(at - message_);
    head.write(out);
    *written++ = {name, size, offset};
    target->owner.pointer = static_cast<std::uint16_t>(kPointer | offset);
    target->in_question = 0;
    if (shares) {
      copy_octets(at, name, label);
      store16(at + label, known.pointer);
      target->in_question = known.in_question;
      out = at + label + 2;
    } else {
      copy_octets(at, name, size);
      ends_in_question = false;
      known = {name + label, rest, static_cast<std::uint16_t>(kPointer | (offset + label)), 0, nullptr};
      out = at + size;
    }
    store16(at - 2, static_cast<std::uint16_t>(out - at));
    set.packed = name + size;
  }
  rest_ = known;
  // All servers have the same rest, and so share equally much with the question.
  most_in_question_ = written == &written_[written_count_] ? 0 : targets_[0].in_question;
  size_ = static_cast<std::size_t>(out - message_);
  written_count_ = static_cast<std::size_t>(written - written_.data());
  return set;
}

// True if the name shares nothing with the question, because their last labels end differently. Neither is the root.
bool MessageBuilder::stands_alone(Bytes name) const {
  return name.size() <= kMaxLength && differ_at_end(name, question_.bytes());
}

MessageBuilder::Place MessageBuilder::place_of(NameView name, std::size_t at) {
  const std::uint8_t* const end = name.data() + name.size();
  std::uint64_t labels = 0;
  for (std::size_t left = name.size(); left > 1; left -= 1U + *(end - left))
    if (left <= kMaxLength) labels |= std::uint64_t{1} << (left - 1);
  return {end, word_before(end), labels, static_cast<std::uint32_t>(at + name.size())};
}

// The labels at the ends of both names that are equal; bits as in Place::labels. `difference` is the XOR of two words,
// with or without case.
template <class Difference>
std::uint64_t MessageBuilder::common_labels(const Place& a, const Place& b, Difference&& difference) {
  std::uint64_t both = a.labels & b.labels;
  std::uint64_t x = a.tail, y = b.tail;
  for (std::size_t octets = 0; both >> octets != 0;) {
    if (const std::uint64_t different = difference(x, y)) {
      octets += equal_at_end(different);
      return both & ((std::uint64_t{1} << octets) - 1);
    }
    octets += 8;
    if (octets == kMaxLength || both >> octets == 0) break;  // all labels of both are equal
    x = word_before(a.end - octets);
    y = word_before(b.end - octets);
  }
  return both;
}

bool MessageBuilder::put_name(NameView name, Target& target) {
  if (name.size() > kMaxLength || written_count_ == kMaxPlaces) return false;
  rest_.size = 0;  // from now on the name of a server may be part of another name
  for (; places_count_ < written_count_; ++places_count_) {
    const Written& one = written_[places_count_];
    places_[places_count_] = place_of(NameView::trusted(one.name, one.size), one.at);
  }
  const Place place = place_of(name, size_);
  // The longest end of the name that is in the message already, at its first position.
  const auto without_case = [](std::uint64_t x, std::uint64_t y) { return x == y ? 0 : fold8(x) ^ fold8(y); };
  const auto with_case = [](std::uint64_t x, std::uint64_t y) { return x ^ y; };
  std::uint64_t most = common_labels(place, places_[0], without_case);
  target.in_question = static_cast<std::uint16_t>(std::bit_width(most));
  most_in_question_ = std::max(most_in_question_, std::size_t{target.in_question});
  std::size_t by = 0;
  for (std::size_t i = 1; i < places_count_; ++i) {
    const std::uint64_t common = common_labels(place, places_[i], with_case);
    if (common <= most) continue;
    most = common;
    by = i;
  }
  const auto shared = static_cast<std::size_t>(std::bit_width(most));
  const auto pointer = static_cast<std::uint16_t>(kPointer | (places_[by].at_end - shared));
  target.owner.pointer = pointer;
  std::uint8_t* const out = message_ + size_;
  if (shared != name.size()) {
    target.owner.pointer = static_cast<std::uint16_t>(kPointer | size_);
    written_[written_count_++] = {name.data(), name.size(), size_};
    copy_octets(out, name.data(), name.size() - shared);
    size_ += name.size() - shared;
  }
  if (shared == 0) return true;
  store16(out + (name.size() - shared), pointer);
  size_ += 2;
  return true;
}

}  // namespace dns
