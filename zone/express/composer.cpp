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
    : message_(message), size_(kHeaderSize + question.size() + 4), limit_(limit), question_(question) {}

bool Composer::put(Owner owner, const RrsetView& set) {
  std::array<std::uint8_t, 10> fixed;  // owner, type, class, TTL
  store16(fixed.data(), owner.pointer);
  store16(&fixed[2], static_cast<std::uint16_t>(set.type));
  store16(&fixed[4], static_cast<std::uint16_t>(Class::IN));
  store32(&fixed[6], set.ttl);
  const Shape shape = shape_of(set.type);
  if (shape.names == Shape::Names::kOther || (shape.names == Shape::Names::kOne && set.count > kMaxPlaces)) return false;
  std::size_t index = 0;
  for (const Bytes rdata : set) {
    if (fixed.size() + 2 + rdata.size() > room()) return false;  // compressed, no name is longer
    copy_octets(message_ + size_, fixed.data(), fixed.size());
    std::uint8_t* const length = message_ + size_ + fixed.size();
    if (shape.names == Shape::Names::kNone) {
      copy_octets(length, rdata.data() - 2, rdata.size() + 2);  // in a packed set, too, its length precedes it
      size_ += fixed.size() + 2 + rdata.size();
      continue;
    }
    for (std::size_t i = 0; i < shape.at; ++i) length[2 + i] = rdata[i];
    size_ += fixed.size() + 2 + shape.at;
    if (!put_name(NameView::trusted(rdata.data() + shape.at, rdata.size() - shape.at), targets_[index++])) return false;
    store16(length, static_cast<std::uint16_t>(message_ + size_ - length - 2));
  }
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
  if (name.size() > kMaxLength || places_count_ + 1 >= kMaxPlaces) return false;
  if (places_count_ == 0) places_[places_count_++] = place_of(question_, kHeaderSize);
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
    places_[places_count_++] = place;
    copy_octets(out, name.data(), name.size() - shared);
    size_ += name.size() - shared;
  }
  if (shared == 0) return true;
  store16(out + (name.size() - shared), pointer);
  size_ += 2;
  return true;
}

}  // namespace dns
