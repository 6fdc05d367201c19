// Makes leaves from records: the work of one worker of a load.
//
//     add ---> buffers of the latest owners ---> (one owner later: prefetch equal bodies) ---> leaf + bodies
//
// The buffers of the latest owners stay open for a while, because files often list "ns1 A, ns2 A, ns1 AAAA". An owner
// that comes again later gets another leaf. `merge` combines such leaves after all leaves are sorted.
//
// One thread. With a `lock`, other builders may share the storage and the pool.
#pragma once

#include <array>

#include "zone/build/owner_buffer.h"
#include "zone/build/rrset_pool.h"
#include "zone/build/unsorted.h"

namespace dns {

class LeafBuilder {
 public:
  // The result since the last `end`.
  struct Output {
    UnsortedLeaves leaves;
    ZoneTotals totals;        // `bytes` is not set; after `merge`: unsigned differences, which wrap
    std::size_t largest = 0;  // octets of the largest RRset in a message, without its owner names
  };

  // All workers share `lock`; null with a single worker.
  LeafBuilder(ZoneStorage& storage, RrsetPool& pool, Lock* lock);

  // The following leaves belong to `run`. The pool cannot grow until this builder calls `complete`.
  void begin(std::uint32_t run) {
    run_ = run;
    if (!single_threaded_) session_.begin();
  }
  AddOutcome add(NameView owner, Type type, std::uint32_t ttl, Bytes rdata);
  // Makes the leaves of all open owners.
  void complete();
  // The same, and returns the output.
  Output end();

  // Combines several leaves of one owner. Duplicates and different TTLs are added to `deferred`, the old leaves to
  // `merged`.
  UnsortedLeaf merge(std::span<const UnsortedLeaf> parts, std::vector<ZoneBuilder::DeferredOutcome>& deferred,
                     std::vector<Node>& merged);

  StoreAllocator& allocator() { return allocator_; }

 private:
  static constexpr std::size_t kOpenBuffers = 4;

  OwnerBuffer* buffer_of(NameView owner);
  void look_ahead();
  void close(OwnerBuffer& buffer);
  Node make_leaf(Bytes relative, OwnerBuffer& buffer);
  void prefetch_bodies(OwnerBuffer& buffer);

  ZoneStorage& storage_;
  RrsetPool& pool_;
  RrsetPool::Session session_;
  StoreAllocator allocator_;
  bool single_threaded_;
  std::uint32_t run_ = 0;

  std::array<OwnerBuffer, kOpenBuffers> buffers_;  // a ring: closed in the order of opening
  std::size_t newest_ = 0;
  std::vector<RrsetEntry> entries_;  // used by make_leaf
  Output output_;
};

}  // namespace dns
