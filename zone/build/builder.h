// Records in, zone out: what a zone file, a transfer or a test feeds, in any order.
//
// Owners are put in order at the end; records of an owner that come together cost least. Sets with equal content
// share one body. About 200 ns a record.
//
// One thread, but for parts: stretches of a zone file that several threads add at once. What becomes of them is what
// adding them one after the other gives, unless `finish` says that this is not sure.
#pragma once

#include <memory>

#include "zone/base/parallel.h"
#include "zone/snapshot/zone.h"

namespace dns {

// Why `add` did not take a record as it stood.
enum class AddOutcome : std::uint8_t {
  kAdded,
  kDuplicate,     // the set has it already: dropped (RFC 2181 5)
  kOutOfZone,     // owner not at or below the apex: dropped
  kTtlDiffers,    // taken; the set keeps the lowest TTL of its records (RFC 2181 5.2)
  kSecondSoa,     // a different SOA: dropped
  kSoaNotAtApex,  // dropped
  kSetTooLarge,   // more than 65,535 octets or records: dropped
};

class ZoneBuilder {
 public:
  explicit ZoneBuilder(NameView apex);
  ~ZoneBuilder();

  // `rdata` is well-formed (check_rdata). Copies what it keeps.
  AddOutcome add(NameView owner, Type type, std::uint32_t ttl, Bytes rdata);

  // From now on records come in parts, numbered from 0 in the order that the file has them in, each fed by one thread.
  void begin_parts();
  class Part {
   public:
    Part(ZoneBuilder& builder, std::size_t index);
    ~Part();
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    AddOutcome add(NameView owner, Type type, std::uint32_t ttl, Bytes rdata);

   private:
    struct State;
    std::unique_ptr<State> state_;
  };

  // How many of `add`'s answers may only be known now (an owner that came in several runs): duplicates, TTL
  // differences.
  struct DeferredOutcome {
    AddOutcome outcome;
    Name owner;
    Type type;
  };
  enum class Order : std::uint8_t {
    kSure,
    kUnsure,  // parts were put together that would have told more, or in another way, one after the other
  };
  struct Finished {
    std::shared_ptr<const Zone> zone;
    std::vector<DeferredOutcome> deferred;
    std::size_t largest_set = 0;  // what set_octets says of it, signatures aside
    Order order = Order::kSure;
  };
  // Ends the building; the builder is empty after.
  Finished finish(const ParallelExecutor& parallel = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dns
