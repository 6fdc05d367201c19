// Builds a zone from records in any order: from a zone file, a transfer or a test.
//
// `finish` sorts the owners. Records of one owner are cheapest when they come together. RRsets with equal content share
// one body. About 200 ns a record.
//
// One thread at a time, except for parts: pieces of a zone file that several threads add at the same time. The result
// is the same as if one thread had added them in order, unless `finish` returns Order::kUnsure.
#pragma once

#include <memory>

#include "zone/base/parallel.h"
#include "zone/snapshot/zone.h"

namespace dns {

// The outcome of `add`.
enum class AddOutcome : std::uint8_t {
  kAdded,
  kDuplicate,      // already in the RRset: dropped (RFC 2181 5)
  kOutOfZone,      // owner not at or below the apex: dropped
  kTtlDiffers,     // added; the RRset gets the lowest TTL of its records (RFC 2181 5.2)
  kSecondSoa,      // a different SOA: dropped
  kSoaNotAtApex,   // dropped
  kRrsetTooLarge,  // the RRset has more than 65,535 octets already: dropped. `check` reports the RRset
};

// True if the record was added, or if `check` reports why it was not.
constexpr bool is_silent(AddOutcome outcome) {
  return outcome == AddOutcome::kAdded || outcome == AddOutcome::kRrsetTooLarge;
}

class ZoneBuilder {
 public:
  explicit ZoneBuilder(NameView apex);
  ~ZoneBuilder();

  // `rdata` must be well-formed (check_rdata). The arguments are copied.
  AddOutcome add(NameView owner, Type type, std::uint32_t ttl, Bytes rdata);

  // From now on records are added in parts. Parts are numbered from 0 in file order; one thread adds each part.
  void begin_parts();
  class Part {
   public:
    Part(ZoneBuilder& builder, std::size_t index);
    ~Part();
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    AddOutcome add(NameView owner, Type type, std::uint32_t ttl, Bytes rdata);
    // Ends the part. Without it, after an exception, the builder is of no further use.
    void complete();

   private:
    struct State;
    std::unique_ptr<State> state_;
  };

  // An outcome that `add` could not report because the records of an owner were not added together: a duplicate or a
  // different TTL.
  struct DeferredOutcome {
    AddOutcome outcome;
    Name owner;
    Type type;
  };
  enum class Order : std::uint8_t {
    kSure,
    kUnsure,  // adding the parts in order could have reported other outcomes
  };
  struct Finished {
    std::shared_ptr<const Zone> zone;
    std::vector<DeferredOutcome> deferred;
    std::size_t largest_set = 0;  // rrset_size of the largest RRset; without RRSIG that fits into a message
    Order order = Order::kSure;
  };
  // Makes the zone. The builder is empty afterwards.
  Finished finish(const ParallelExecutor& parallel = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dns
