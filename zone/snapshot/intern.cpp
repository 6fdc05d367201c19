#include "zone/snapshot/intern.h"

#include <utility>

namespace dns {
namespace {

constexpr std::size_t kFirstPlaces = 16;

std::uint32_t hash_of_body(std::uint32_t ttl, std::uint16_t count, Bytes packed) {
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

void BodyTable::Visit::enter() {
  for (;;) {
    table_.visiting_.lock_shared();
    const std::size_t together = table_.reserved_ += kReserved;   // room for this one alone would let only one at a time visit
    left_ = kReserved + 1;
    if (table_.has_room(0)) return;
    end();
    const Holding alone(table_.visiting_);
    if (!table_.has_room(together)) table_.grow(together);
  }
}

void BodyTable::Visit::end() {
  if (std::exchange(left_, 0) == 0) return;
  table_.reserved_ -= kReserved;
  table_.visiting_.unlock_shared();
}

void BodyTable::Visit::renew() {
  end();
  enter();
}

std::uint32_t BodyTable::expect(std::uint32_t ttl, std::uint16_t count, Bytes packed) const {
  const std::uint32_t hash = hash_of_body(ttl, count, packed);
  if (!places_.empty()) __builtin_prefetch(&places_[hash & (places_.size() - 1)]);
  return hash;
}

void BodyTable::expect_body(std::uint32_t hash) const {
  if (places_.empty()) return;
  const Place place = places_[hash & (places_.size() - 1)].load(std::memory_order_acquire);
  if (place != 0 && hash_of(place) == hash) __builtin_prefetch(storage_->tree().words_at(body_of(place)));
}

std::uint32_t BodyTable::intern(StoreRoom& room, std::uint32_t hash, std::uint32_t ttl, std::uint16_t count, Bytes packed) {
  const std::size_t mask = places_.size() - 1;
  std::uint32_t made = 0;
  bool is_made = false;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    Place place = places_[at].load(std::memory_order_acquire);
    if (place == 0) {
      if (!is_made) made = storage_->make_body(room, ttl, count, packed);
      is_made = true;
      if (places_[at].compare_exchange_strong(place, Place{hash} << 32 | (made + 1), std::memory_order_acq_rel)) {
        used_.fetch_add(1, std::memory_order_relaxed);
        return made;
      }
      // Another worker was here in between; should its body be the same, ours is left unused.
    }
    if (hash_of(place) == hash && storage_->body_equals(body_of(place), ttl, count, packed)) {
      storage_->refer_to(body_of(place));
      return body_of(place);
    }
  }
}

void BodyTable::grow(std::size_t more) {
  std::size_t size = std::max(kFirstPlaces, places_.size());
  while (size < 2 * (used_.load() + reserved_.load() + more)) size *= 2;
  Places places(size);
  const std::size_t mask = size - 1;
  for (const std::atomic<Place>& place : places_) {
    const Place held = place.load(std::memory_order_relaxed);
    if (held == 0) continue;
    std::size_t at = hash_of(held) & mask;
    while (places[at].load(std::memory_order_relaxed) != 0) at = (at + 1) & mask;
    places[at].store(held, std::memory_order_relaxed);
  }
  places_ = std::move(places);
}

}  // namespace dns
