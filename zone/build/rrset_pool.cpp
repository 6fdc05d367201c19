#include "zone/build/rrset_pool.h"

#include <utility>

namespace dns {
namespace {

constexpr std::size_t kFirstSlots = 16;

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

void RrsetPool::Session::enter() {
  for (;;) {
    pool_.sessions_.lock_shared();
    // Room for this session alone would make the workers take turns: make room for all that wait.
    const std::size_t all_reserved = pool_.reserved_ += kReserved;
    left_ = kReserved + 1;
    if (pool_.has_room(0)) return;
    end();
    const LockGuard alone(pool_.sessions_);
    if (!pool_.has_room(all_reserved)) pool_.grow(all_reserved);
  }
}

void RrsetPool::Session::end() {
  if (std::exchange(left_, 0) == 0) return;
  pool_.reserved_ -= kReserved;
  pool_.sessions_.unlock_shared();
}

void RrsetPool::Session::renew() {
  end();
  enter();
}

std::uint32_t RrsetPool::prefetch_slot(std::uint32_t ttl, std::uint16_t count, Bytes packed) const {
  const std::uint32_t hash = hash_of_body(ttl, count, packed);
  if (!slots_.empty()) __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  return hash;
}

void RrsetPool::prefetch_body(std::uint32_t hash) const {
  if (slots_.empty()) return;
  const Slot slot = slots_[hash & (slots_.size() - 1)].load(std::memory_order_acquire);
  if (slot != 0 && hash_of(slot) == hash) __builtin_prefetch(storage_->tree().words_at(body_of(slot)));
}

std::uint32_t RrsetPool::intern(StoreAllocator& allocator, std::uint32_t hash, std::uint32_t ttl, std::uint16_t count,
                                Bytes packed) {
  const std::size_t mask = slots_.size() - 1;
  std::uint32_t made = 0;
  bool is_made = false;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    Slot slot = slots_[at].load(std::memory_order_acquire);
    if (slot == 0) {
      if (!is_made) made = storage_->make_body(allocator, ttl, count, packed);
      is_made = true;
      if (slots_[at].compare_exchange_strong(slot, Slot{hash} << 32 | (made + 1), std::memory_order_acq_rel)) {
        used_.fetch_add(1, std::memory_order_relaxed);
        return made;
      }
      // Another worker took the slot first. If it stored the same body, ours stays unused.
    }
    if (hash_of(slot) == hash && storage_->body_equals(body_of(slot), ttl, count, packed)) {
      storage_->add_reference(body_of(slot));
      return body_of(slot);
    }
  }
}

void RrsetPool::grow(std::size_t more) {
  std::size_t size = std::max(kFirstSlots, slots_.size());
  while (size < 2 * (used_.load() + reserved_.load() + more)) size *= 2;
  Slots slots(size);
  const std::size_t mask = size - 1;
  for (const std::atomic<Slot>& slot : slots_) {
    const Slot held = slot.load(std::memory_order_relaxed);
    if (held == 0) continue;
    std::size_t at = hash_of(held) & mask;
    while (slots[at].load(std::memory_order_relaxed) != 0) at = (at + 1) & mask;
    slots[at].store(held, std::memory_order_relaxed);
  }
  slots_ = std::move(slots);
}

}  // namespace dns
