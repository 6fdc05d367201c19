// Records to leaves: what one worker of a load does, alone or beside others.
//
//     add ---> buffers of the latest owners ---> (an owner later: asks memory for equal bodies) ---> leaf + bodies --->
//     leaves
//
// The latest owners stay open for a while: files go "ns1 A, ns2 A, ns1 AAAA", and such are best put together at once.
// An owner that comes again later gets another leaf; `merge` makes one of them when all leaves are in order. One
// thread; storage and table may be shared with other builders, where `lock` is.
#pragma once

#include <array>

#include "zone/build/owner_buffer.h"
#include "zone/build/rrset_pool.h"
#include "zone/build/unsorted.h"

namespace dns {

class LeafBuilder {
 public:
  // What was made since the last `end`.
  struct Output {
    UnsortedLeaves leaves;
    ZoneTotals totals;        // `bytes` is not set; of merging differences, which wrap
    std::size_t largest = 0;  // octets of the largest set in a message, owners aside
  };

  // `lock` is the workers' own; null where there is one, who alone uses storage and table.
  LeafBuilder(ZoneStorage& storage, RrsetPool& pool, Lock* lock);

  // Leaves from now on are of this run. Until `complete`, the table waits for this builder when it grows.
  void begin(std::uint32_t run) {
    run_ = run;
    if (!single_threaded_) session_.begin();
  }
  AddOutcome add(NameView owner, Type type, std::uint32_t ttl, Bytes rdata);
  // Completes all owners.
  void complete();
  // The same, and hands over what was made.
  Output end();

  // One leaf of the records that an owner had in several; what was found then goes to `deferred`, the old leaves to
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

  std::array<OwnerBuffer, kOpenBuffers> buffers_;  // a ring: closed in the order in which they were opened
  std::size_t newest_ = 0;
  std::vector<SetEntry> entries_;  // scratch of make_leaf
  Output output_;
};

}  // namespace dns
