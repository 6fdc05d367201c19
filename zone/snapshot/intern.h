// Equal bodies stored once: a hash table over the bodies of a zone under construction.
//
// Open addressing, half full at most, 8 octets a place: the hash beside the reference, so that a miss touches one line.
// NS sets of delegations, mail and address sets of parked names repeat by the thousand. Lives as long as the building.
#pragma once

#include <vector>

#include "zone/snapshot/storage.h"

namespace dns {

class BodyTable {
 public:
  explicit BodyTable(ZoneStorage& storage) : storage_(&storage) {}

  // Two steps ahead of `intern`, each of which hides a miss to memory behind other work: `expect` asks for the place of
  // this content and returns its hash, `expect_body` for the body that stands there.
  std::uint32_t expect(std::uint32_t ttl, std::uint16_t count, Bytes packed) const;
  void expect_body(std::uint32_t hash) const;

  // The body with this content, made where there is none yet.
  std::uint32_t intern(std::uint32_t ttl, std::uint16_t count, Bytes packed);

 private:
  struct Place {
    std::uint32_t hash = 0;
    std::uint32_t body = kFree;
  };
  static constexpr std::uint32_t kFree = 0xffff'ffff;

  void grow();

  ZoneStorage* storage_;
  std::vector<Place, PageAllocator<Place>> places_;  // a power of two
  std::size_t used_ = 0;
};

}  // namespace dns
