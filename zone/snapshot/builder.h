// Records in, zone out: what a zone file, a transfer or a test feeds, in any order.
//
// Cheapest when records of an owner come together and owners in canonical order (what signers and `fmt --canonical`
// write): then the tree is built in one pass. Otherwise owners are sorted at the end. Sets with equal content share one body.
// One thread; about 300 ns a record.
#pragma once

#include <memory>

#include "zone/snapshot/zone.h"

namespace dns {

// Why `add` did not take a record as it stood.
enum class AddOutcome : std::uint8_t {
  kAdded,
  kDuplicate,      // the set has it already: dropped (RFC 2181 5)
  kOutOfZone,      // owner not at or below the apex: dropped
  kTtlDiffers,     // taken; the set keeps the lowest TTL of its records (RFC 2181 5.2)
  kSecondSoa,      // a different SOA: dropped
  kSoaNotAtApex,   // dropped
  kSetTooLarge,    // more than 65,535 octets or records: dropped
};

class ZoneBuilder {
 public:
  explicit ZoneBuilder(NameView apex);
  ~ZoneBuilder();

  // `rdata` is well-formed (check_rdata). Copies what it keeps.
  AddOutcome add(NameView owner, Type type, std::uint32_t ttl, Bytes rdata);

  // How many of `add`'s answers may only be known now (an owner that came in several runs): duplicates, TTL differences.
  struct Late {
    AddOutcome outcome;
    Name owner;
    Type type;
  };
  struct Finished {
    std::shared_ptr<const Zone> zone;
    std::vector<Late> late;
  };
  // Ends the building; the builder is empty after.
  Finished finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dns
