// A hash table of the RRset bodies of a zone under construction. It stores equal bodies once: the NS RRsets of
// delegations and the MX and address RRsets of parked names repeat thousands of times. It exists until the zone is
// built.
//
// Open addressing, at most half full, 8 octets a slot. A slot holds the hash beside the reference, so a miss reads one
// cache line.
//
// Several workers add bodies at the same time without locks. A worker takes a slot with one compare-and-exchange; if
// another worker was faster, it reads the body that the other stored. The table grows only while no session is open.
// Each session reserves a small number of slots at a time, so a worker that has to grow the table does not wait long.
#pragma once

#include <atomic>
#include <vector>

#include "zone/snapshot/storage.h"
#include "zone/tree/allocator.h"

namespace dns {

class RrsetPool {
 public:
  explicit RrsetPool(ZoneStorage& storage) : storage_(&storage) {}

  // One worker's access to the table. Several workers can have a session at the same time. A session can be ended and
  // begun again. End it before waiting for anything else, because the table cannot grow meanwhile.
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
    // Call before each `intern`.
    void reserve_slot() {
      if (left_ == 1) [[unlikely]]
        renew();
      --left_;
    }

   private:
    void enter();
    void renew();

    RrsetPool& pool_;
    std::size_t left_ = 0;  // reserved slots left, plus one; 0: no session is open
  };
  // For a single worker, instead of a session: makes room for one more body.
  void make_room() {
    if (2 * (used_.load(std::memory_order_relaxed) + 1) > slots_.size()) [[unlikely]]
      grow(1);
  }

  // Two steps before `intern`, each of which hides a cache miss behind other work. `prefetch_slot` prefetches the slot
  // of this content and returns its hash. `prefetch_body` prefetches the body in that slot.
  std::uint32_t prefetch_slot(std::uint32_t ttl, std::uint16_t count, Bytes packed) const;
  void prefetch_body(std::uint32_t hash) const;

  // Returns the body with this content and adds one reference. Makes the body with `allocator` if there is none.
  // `hash` is the result of prefetch_slot.
  std::uint32_t intern(StoreAllocator& allocator, std::uint32_t hash, std::uint32_t ttl, std::uint16_t count,
                       Bytes packed);

  // Frees the table. Do not call `intern` afterwards.
  void clear() { slots_ = Slots(); }

 private:
  // | hash 32 | body + 1, 32 bits |; 0: free
  using Slot = std::uint64_t;
  using Slots = std::vector<std::atomic<Slot>, PageAllocator<std::atomic<Slot>>>;
  static std::uint32_t body_of(Slot slot) { return static_cast<std::uint32_t>(slot) - 1; }
  static std::uint32_t hash_of(Slot slot) { return static_cast<std::uint32_t>(slot >> 32); }

  bool has_room(std::size_t more) const { return 2 * (used_.load() + reserved_.load() + more) <= slots_.size(); }
  void grow(std::size_t more);

  static constexpr std::size_t kReserved = 4096;  // slots at a time: about a millisecond of work

  ZoneStorage* storage_;
  Slots slots_;  // the size is a power of two
  std::atomic<std::size_t> used_ = 0;
  std::atomic<std::size_t> reserved_ = 0;
  SharedLock sessions_;  // shared by sessions, exclusive to grow
};

}  // namespace dns
