// Compares the records of a zone's next version with the current version and returns the Change between them. A reload
// uses it, so that unchanged data stays in place.
//
//     record -> buffer of its owner -> complete: equal to the version's leaf?   yes: mark the leaf as seen
//                                                                               no: add to a small second zone
//     at the end    second zone -> changed owners        neither seen nor in the second zone -> removed owners
//
// The current version is only read: this may run on any thread while others answer queries. It takes memory for the
// differences, and one bit for each word of the version's records. One thread.
//
// The attempt ends on duplicates, on different TTLs in one RRset, and when more than about 3 % of the owners differ.
// Build the zone with ZoneBuilder then.
#pragma once

#include <memory>
#include <optional>

#include "zone/snapshot/change.h"

namespace dns {

class IncrementalLoader {
 public:
  // `version` must outlive the loader.
  explicit IncrementalLoader(const Zone& version);
  ~IncrementalLoader();

  // As ZoneBuilder::add. False if the attempt has ended.
  bool add(NameView owner, Type type, std::uint32_t ttl, Bytes rdata);

  // The change that turns the version into a zone of exactly these records, without client choices. Nothing if the
  // attempt has ended.
  std::optional<Change> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dns
