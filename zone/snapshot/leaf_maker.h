// Records to leaves: what one worker of a load does, alone or beside others.
//
//     add ---> runs of the latest owners ---> (an owner later: asks memory for equal bodies) ---> leaf + bodies ---> leaves
//
// The latest owners stay open for a while: files go "ns1 A, ns2 A, ns1 AAAA", and such are best put together at once. An
// owner that comes again later gets another leaf; `merge` makes one of them when all leaves are in order.
// One thread; storage and table may be shared with other makers, where `lock` is.
#pragma once

#include <array>

#include "zone/snapshot/intern.h"
#include "zone/snapshot/owner_run.h"
#include "zone/tree/loose.h"

namespace dns {

class LeafMaker {
 public:
  // What was made since the last `end`.
  struct Made {
    LooseLeaves leaves;
    ZoneTotals totals;         // `bytes` is not set; of merging differences, which wrap
    std::size_t largest = 0;   // octets of the largest set in a message, owners aside
  };

  // `lock` is the workers' own; null where there is one, who alone uses storage and table.
  LeafMaker(ZoneStorage& storage, BodyTable& bodies, Lock* lock);

  // Leaves from now on are of this run. Until `complete`, the table waits for this maker when it grows.
  void begin(std::uint32_t run) {
    run_ = run;
    if (!alone_) visit_.begin();
  }
  AddOutcome add(NameView owner, Type type, std::uint32_t ttl, Bytes rdata);
  // Completes all owners.
  void complete();
  // The same, and hands over what was made.
  Made end();

  // One leaf of the records that an owner had in several; what was found then goes to `late`, the old leaves to `merged`.
  LooseLeaf merge(std::span<const LooseLeaf> parts, std::vector<ZoneBuilder::Late>& late, std::vector<Node>& merged);

  StoreRoom& room() { return room_; }

 private:
  static constexpr std::size_t kOpenRuns = 4;

  OwnerRun* run_of(NameView owner);
  void look_ahead();
  void close(OwnerRun& run);
  Node make_leaf(Bytes relative, OwnerRun& run);
  void expect_bodies(OwnerRun& run);

  ZoneStorage& storage_;
  BodyTable& bodies_;
  BodyTable::Visit visit_;
  StoreRoom room_;
  bool alone_;
  std::uint32_t run_ = 0;

  std::array<OwnerRun, kOpenRuns> runs_;  // a ring: closed in the order in which they were opened
  std::size_t newest_ = 0;
  std::vector<SetEntry> entries_;         // scratch of make_leaf
  Made made_;
};

}  // namespace dns
