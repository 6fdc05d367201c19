#include "zone/express/composer.h"

#include <algorithm>
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
  Place place{name.data() + name.size(), static_cast<std::uint16_t>(name.size()), static_cast<std::uint16_t>(at), 0};
  for (std::size_t left = name.size(); left > 1;) {
    if (left <= kMaxLength) place.labels |= std::uint64_t{1} << (left - 1);
    left -= 1U + *(place.end - left);
  }
  return place;
}

// Octets at the ends of both names that are equal but for case, at least as far as both reach and labels are noted.
std::size_t Composer::common_end(const Place& a, const Place& b) {
  const std::size_t most = std::min<std::size_t>({a.size, b.size, kMaxLength});
  for (std::size_t octets = 0; octets < most; octets += 8) {
    const std::uint64_t x = word_before(a.end - octets), y = word_before(b.end - octets);
    if (equal_fold8(x, y)) continue;
    return octets + equal_at_end(fold8(x) ^ fold8(y));
  }
  return most;
}

// The longest end of the name that stands in the message already, where it stands first.
Composer::Found Composer::find(const Place& name) const {
  Found found;
  for (std::size_t i = 0; i < places_count_; ++i) {
    const Place& place = places_[i];
    const std::size_t common = common_end(name, place);
    std::uint64_t both = name.labels & place.labels;
    if (common < kMaxLength) both &= (std::uint64_t{1} << common) - 1;
    const auto octets = static_cast<std::size_t>(std::bit_width(both));
    if (octets > found.octets) found = {octets, static_cast<std::uint16_t>(kPointer | (place.at + place.size - octets))};
  }
  return found;
}

bool Composer::put_name(NameView name, Owner& stands) {
  if (name.size() > kMaxLength || places_count_ + 1 >= kMaxPlaces) return false;
  if (places_count_ == 0) places_[places_count_++] = place_of(question_, kHeaderSize);
  const Place place = place_of(name, size_);
  const Found found = find(place);
  if (found.octets == name.size()) {
    stands.pointer = found.pointer;
  } else {
    stands.pointer = static_cast<std::uint16_t>(kPointer | size_);
    places_[places_count_++] = place;
    copy_octets(message_ + size_, name.data(), name.size() - found.octets);
    size_ += name.size() - found.octets;
  }
  if (found.octets == 0) return true;
  store16(message_ + size_, found.pointer);
  size_ += 2;
  return true;
}

}  // namespace dns
