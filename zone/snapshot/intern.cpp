#include "zone/snapshot/intern.h"

namespace dns {
namespace {

constexpr std::size_t kFirstPlaces = 16;

std::uint32_t hash_of(std::uint32_t ttl, std::uint16_t count, Bytes packed) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
  std::uint64_t hash = (std::uint64_t{ttl} << 16 | count) * kOdd;
  const auto mix = [&hash](std::uint64_t octets) {
    hash = (hash ^ octets) * kOdd;
    hash ^= hash >> 32;
  };
  std::size_t at = 0;
  for (; at + 8 <= packed.size(); at += 8) {
    std::uint64_t octets = 0;
    std::memcpy(&octets, packed.data() + at, 8);
    mix(octets);
  }
  std::uint64_t rest = packed.size() - at;
  for (; at < packed.size(); ++at) rest = rest << 8 | packed[at];
  mix(rest);
  return static_cast<std::uint32_t>(hash ^ hash >> 29);
}

}  // namespace

std::uint32_t BodyTable::expect(std::uint32_t ttl, std::uint16_t count, Bytes packed) const {
  const std::uint32_t hash = hash_of(ttl, count, packed);
  if (!places_.empty()) __builtin_prefetch(&places_[hash & (places_.size() - 1)]);
  return hash;
}

void BodyTable::expect_body(std::uint32_t hash) const {
  if (places_.empty()) return;
  const Place& place = places_[hash & (places_.size() - 1)];
  if (place.body != kFree && place.hash == hash) __builtin_prefetch(storage_->tree().words_at(place.body));
}

std::uint32_t BodyTable::intern(std::uint32_t ttl, std::uint16_t count, Bytes packed) {
  if (2 * used_ >= places_.size()) grow();
  const std::uint32_t hash = hash_of(ttl, count, packed);
  const std::size_t mask = places_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    Place& place = places_[at];
    if (place.body == kFree) {
      place = {hash, storage_->make_body(ttl, count, packed)};
      ++used_;
      return place.body;
    }
    if (place.hash == hash && storage_->body_equals(place.body, ttl, count, packed)) return place.body;
  }
}

void BodyTable::grow() {
  const auto old = std::move(places_);
  places_ = decltype(places_)(old.empty() ? kFirstPlaces : 2 * old.size());
  const std::size_t mask = places_.size() - 1;
  for (const Place& place : old) {
    if (place.body == kFree) continue;
    std::size_t at = place.hash & mask;
    while (places_[at].body != kFree) at = (at + 1) & mask;
    places_[at] = place;
  }
}

}  // namespace dns
