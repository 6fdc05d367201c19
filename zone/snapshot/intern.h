// Equal bodies stored once: a hash table over the bodies of a zone under construction.
//
// Open addressing, half full at most, 8 octets a place: the hash beside the reference, so that a miss touches one line.
// NS sets of delegations, mail and address sets of parked names repeat by the thousand. Lives as long as the building.
//
// Several workers intern at once without locks: a place is taken by one exchange, and who loses it looks at what the other
// put there. It grows between their visits only: a visit reserves the places that it may take, few at a time, so that who
// wants it larger waits for nobody long.
#pragma once

#include <atomic>
#include <vector>

#include "zone/snapshot/storage.h"
#include "zone/tree/room.h"

namespace dns {

class BodyTable {
 public:
  explicit BodyTable(ZoneStorage& storage) : storage_(&storage) {}

  // The time in which one worker looks into the table and interns, while others may do the same. It may be left and begun anew;
  // who waits for anything else meanwhile leaves it before.
  class Visit {
   public:
    explicit Visit(BodyTable& table) : table_(table) {}
    ~Visit() { end(); }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

    void begin() {
      if (left_ == 0) enter();
    }
    void end();
    // Before each body that is interned.
    void take_place() {
      if (left_ == 1) [[unlikely]] renew();
      --left_;
    }

   private:
    void enter();
    void renew();

    BodyTable& table_;
    std::size_t left_ = 0;   // of the places reserved, and one more; 0: outside
  };
  // The same for who is alone: room for one more.
  void make_room() {
    if (2 * (used_.load(std::memory_order_relaxed) + 1) > places_.size()) [[unlikely]] grow(1);
  }

  // Two steps ahead of `intern`, each of which hides a miss to memory behind other work: `expect` asks for the place of
  // this content and returns its hash, `expect_body` for the body that stands there.
  std::uint32_t expect(std::uint32_t ttl, std::uint16_t count, Bytes packed) const;
  void expect_body(std::uint32_t hash) const;

  // The body with this content, made in `room` where there is none yet, referred to once more. `hash` is expect's.
  std::uint32_t intern(StoreRoom& room, std::uint32_t hash, std::uint32_t ttl, std::uint16_t count, Bytes packed);

  // Nobody interns any more.
  void clear() { places_ = Places(); }

 private:
  // | hash 32 | body + 1 32 |; 0: free
  using Place = std::uint64_t;
  using Places = std::vector<std::atomic<Place>, PageAllocator<std::atomic<Place>>>;
  static std::uint32_t body_of(Place place) { return static_cast<std::uint32_t>(place) - 1; }
  static std::uint32_t hash_of(Place place) { return static_cast<std::uint32_t>(place >> 32); }

  bool has_room(std::size_t more) const { return 2 * (used_.load() + reserved_.load() + more) <= places_.size(); }
  void grow(std::size_t more);

  static constexpr std::size_t kReserved = 4096;   // places at a time: about a millisecond's work

  ZoneStorage* storage_;
  Places places_;                        // a power of two
  std::atomic<std::size_t> used_ = 0;
  std::atomic<std::size_t> reserved_ = 0;
  SharedLock visiting_;           // shared by visits, held alone to grow
};

}  // namespace dns
