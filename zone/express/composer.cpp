#include "zone/express/composer.h"

#include <bit>

#include "zone/base/ascii.h"
#include "zone/rr/rdata.h"

namespace dns {
namespace {

// What the RDATA of a type is to this writer.
struct Shape {
  enum class Names : std::uint8_t { kNone, kOne, kOther } names;  // kOther: not this way
  std::size_t at;                                                 // kOne: where it begins, up to the end
};
Shape shape_of(Type type) {
  if (type == Type::A || type == Type::AAAA || type == Type::TXT) return {Shape::Names::kNone, 0};
  if (type == Type::NS || type == Type::CNAME || type == Type::PTR) return {Shape::Names::kOne, 0};
  if (type == Type::MX) return {Shape::Names::kOne, 2};
  return {has_compressible_names(type) ? Shape::Names::kOther : Shape::Names::kNone, 0};
}

std::uint64_t word_before(const std::uint8_t* end) {
  std::uint64_t word = 0;
  std::memcpy(&word, end - 8, 8);
  return word;
}

// How many octets at the ends of two words in memory are equal; the words differ.
std::size_t equal_at_end(std::uint64_t difference) {
  const int bits = std::endian::native == std::endian::little ? std::countl_zero(difference) : std::countr_zero(difference);
  return static_cast<std::size_t>(bits) / 8;
}

}  // namespace

Composer::Composer(std::uint8_t* message, std::size_t limit, NameView question)
    : message_(message), size_(kHeaderSize + question.size() + 4), limit_(limit), question_(question) {
  written_[written_count_++] = {question.data(), question.size(), kHeaderSize};
  expect_below(0, nullptr);
}

void Composer::expect_below(std::size_t octets, const std::uint8_t* above) {
  const std::size_t size = question_.size() - octets;
  rest_ = {question_.data() + octets, size, in_question(octets).pointer, static_cast<std::uint16_t>(size), above};
}

bool Composer::put(Owner owner, const RrsetView& set) {
  const std::uint64_t type = static_cast<std::uint16_t>(set.type), klass = static_cast<std::uint16_t>(Class::IN);
  const Head head{std::uint64_t{owner.pointer} << 48 | type << 32 | klass << 16 | set.ttl >> 16, static_cast<std::uint16_t>(set.ttl)};
  const Shape shape = shape_of(set.type);
  if (shape.names == Shape::Names::kOne) return put_names(head, set, shape.at);
  if (shape.names == Shape::Names::kOther) return false;
  const std::uint8_t* record = set.packed;  // in a packed set, too, the length precedes it
  for (std::size_t left = set.count; left > 0; --left) {
    const std::size_t size = 2U + load16(record);
    if (kHeadSize + size > room()) return false;
    std::uint8_t* const out = message_ + size_;
    store64(out, head.first);
    store16(out + 8, head.rest);
    copy_octets(out + kHeadSize, record, size);
    record += size;
    size_ += kHeadSize + size;
  }
  return true;
}

// Each RDATA ends with a name, which begins at `at`.
bool Composer::put_names(const Head& head, const RrsetView& set, std::size_t at) {
  if (set.count > kMaxPlaces) return false;
  std::size_t index = 0;
  for (const Bytes rdata : set) {
    if (kHeadSize + 2 + rdata.size() > room()) return false;  // compressed, no name is longer
    std::uint8_t* const out = message_ + size_;
    std::uint8_t* const length = out + kHeadSize;
    store64(out, head.first);
    store16(out + 8, head.rest);
    for (std::size_t i = 0; i < at; ++i) length[2 + i] = rdata[i];
    size_ += kHeadSize + 2 + at;
    const NameView name = NameView::trusted(rdata.data() + at, rdata.size() - at);
    Target& target = targets_[index++];
    if (!(set.type == Type::NS && put_server(name, target)) && !put_name(name, target)) return false;
    store16(length, static_cast<std::uint16_t>(message_ + size_ - length - 2));
  }
  return true;
}

// The short way, for servers: they are all different, which no other type's names need be. False: nothing is written.
bool Composer::put_server(NameView name, Target& target) {
  const std::size_t label = 1U + name.data()[0], rest = name.size() - label;
  if (rest <= 1 || written_count_ == kMaxPlaces) return false;  // a root's octet is not pointed to
  std::uint8_t* const out = message_ + size_;
  const std::uint8_t* const octets = name.data() + label;
  if (rest == rest_.size && equal_fold({octets, rest}, {rest_.octets, rest})) {
    if (rest_.above != nullptr && equal_fold({name.data(), label}, {rest_.above, 1U + *rest_.above})) return false;
    copy_octets(out, name.data(), label);
    store16(out + label, rest_.pointer);
    target = {{static_cast<std::uint16_t>(kPointer | size_)}, rest_.in_question};
    written_[written_count_++] = {name.data(), name.size(), size_};
    size_ += label + 2;
    return true;
  }
  // The first that shares nothing with the question, for their last labels end differently.
  constexpr std::size_t kShortest = 3;   // octets of a name that is not the root
  if (written_count_ != 1 || name.size() > kMaxLength ||
      equal_at_end(fold8(word_before(name.data() + name.size())) ^ fold8(word_before(question_.data() + question_.size()))) >= kShortest)
    return false;
  copy_octets(out, name.data(), name.size());
  target = {{static_cast<std::uint16_t>(kPointer | size_)}, 0};
  rest_ = {octets, rest, static_cast<std::uint16_t>(kPointer | (size_ + label)), 0, nullptr};
  written_[written_count_++] = {name.data(), name.size(), size_};
  size_ += name.size();
  return true;
}

Composer::Place Composer::place_of(NameView name, std::size_t at) {
  const std::uint8_t* const end = name.data() + name.size();
  std::uint64_t labels = 0;
  for (std::size_t left = name.size(); left > 1; left -= 1U + *(end - left))
    if (left <= kMaxLength) labels |= std::uint64_t{1} << (left - 1);
  return {end, word_before(end), labels, static_cast<std::uint32_t>(at + name.size())};
}

// The labels at the ends of both names that are the same but for case, as Place::labels has them.
std::uint64_t Composer::common_labels(const Place& a, const Place& b) {
  std::uint64_t both = a.labels & b.labels;
  std::uint64_t x = a.tail, y = b.tail;
  for (std::size_t octets = 0; both >> octets != 0;) {
    if (!equal_fold8(x, y)) {
      octets += equal_at_end(fold8(x) ^ fold8(y));
      return both & ((std::uint64_t{1} << octets) - 1);
    }
    octets += 8;
    if (octets == kMaxLength || both >> octets == 0) break;  // all of both is equal
    x = word_before(a.end - octets);
    y = word_before(b.end - octets);
  }
  return both;
}

bool Composer::put_name(NameView name, Target& target) {
  if (name.size() > kMaxLength || written_count_ == kMaxPlaces) return false;
  rest_.size = 0;  // from now on a server may stand within another's name
  for (; places_count_ < written_count_; ++places_count_) {
    const Written& one = written_[places_count_];
    places_[places_count_] = place_of(NameView::trusted(one.name, one.size), one.at);
  }
  const Place place = place_of(name, size_);
  // The longest end of the name that stands in the message already, where it stands first.
  std::uint64_t most = common_labels(place, places_[0]);
  target.in_question = static_cast<std::uint16_t>(std::bit_width(most));
  std::size_t by = 0;
  for (std::size_t i = 1; i < places_count_; ++i) {
    const std::uint64_t common = common_labels(place, places_[i]);
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
