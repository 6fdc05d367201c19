// Equal bodies stored once: a hash table over the bodies of a zone under construction.
//
// Open addressing, half full at most, 8 octets a place: the hash beside the reference, so that a miss touches one line.
// NS sets of delegations, mail and address sets of parked names repeat by the thousand. Lives as long as the building.
//
// Several workers intern at once without locks: a place is taken by one exchange, and who loses it looks at what the
// other put there. It grows between their sessions only: a session reserves the places that it may take, few at a time,
// so that who wants it larger waits for nobody long.
#pragma once

#include <atomic>
#include <vector>

#include "zone/snapshot/storage.h"
#include "zone/tree/allocator.h"

namespace dns {

class RrsetPool {
 public:
  explicit RrsetPool(ZoneStorage& storage) : storage_(&storage) {}

  // The time in which one worker looks into the table and interns, while others may do the same. It may be left and
  // begun anew; who waits for anything else meanwhile leaves it before.
  class Session {
   public:
    explicit Session(RrsetPool& pool) : pool_(pool) {}
    ~Session() { end(); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void begin() {
      if (left_ == 0) enter();
    }
    void end();
    // Before each body that is interned.
    void reserve_slot() {
      if (left_ == 1) [[unlikely]]
        renew();
      --left_;
    }

   private:
    void enter();
    void renew();

    RrsetPool& pool_;
    std::size_t left_ = 0;  // of the places reserved, and one more; 0: outside
  };
  // The same for who is alone: room for one more.
  void make_room() {
    if (2 * (used_.load(std::memory_order_relaxed) + 1) > slots_.size()) [[unlikely]]
      grow(1);
  }

  // Two steps ahead of `intern`, each of which hides a miss to memory behind other work: `prefetch_slot` asks for the
  // place of this content and returns its hash, `prefetch_body` for the body that stands there.
  std::uint32_t prefetch_slot(std::uint32_t ttl, std::uint16_t count, Bytes packed) const;
  void prefetch_body(std::uint32_t hash) const;

  // The body with this content, made by `allocator` where there is none yet, referred to once more. `hash` is
  // prefetch_slot's.
  std::uint32_t intern(StoreAllocator& allocator, std::uint32_t hash, std::uint32_t ttl, std::uint16_t count,
                       Bytes packed);

  // Nobody interns any more.
  void clear() { slots_ = Slots(); }

 private:
  // | hash 32 | body + 1 32 |; 0: free
  using Slot = std::uint64_t;
  using Slots = std::vector<std::atomic<Slot>, PageAllocator<std::atomic<Slot>>>;
  static std::uint32_t body_of(Slot slot) { return static_cast<std::uint32_t>(slot) - 1; }
  static std::uint32_t hash_of(Slot slot) { return static_cast<std::uint32_t>(slot >> 32); }

  bool has_room(std::size_t more) const { return 2 * (used_.load() + reserved_.load() + more) <= slots_.size(); }
  void grow(std::size_t more);

  static constexpr std::size_t kReserved = 4096;  // places at a time: about a millisecond's work

  ZoneStorage* storage_;
  Slots slots_;  // a power of two
  std::atomic<std::size_t> used_ = 0;
  std::atomic<std::size_t> reserved_ = 0;
  SharedLock sessions_;  // shared by sessions, held alone to grow
};

}  // namespace dns
