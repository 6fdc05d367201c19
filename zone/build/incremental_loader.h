// The records of a zone's next version in, what they change out: for a reload that keeps what stays as it is where it
// lies.
//
//     record -> its owner's buffer -> complete: the same as the version's leaf?  yes: seen, and forgotten
//                                                                             no: kept in a small zone beside
//     at the end    kept beside -> changes         neither seen nor kept -> removed
//
// The version is read and not altered, so that this may run on any thread while others answer from it; memory is taken
// for what differs, and a bit for each word of the version's records. Whoever wants to be told of duplicates, of TTLs
// that differ in a set, or of a zone that has little in common with the old one, builds it with ZoneBuilder: here they
// end the attempt. One thread.
#pragma once

#include <memory>
#include <optional>

#include "zone/snapshot/change.h"

namespace dns {

class IncrementalLoader {
 public:
  // `version` outlives it.
  explicit IncrementalLoader(const Zone& version);
  ~IncrementalLoader();

  // As ZoneBuilder's. False where the attempt has ended.
  bool add(NameView owner, Type type, std::uint32_t ttl, Bytes rdata);

  // The change that turns the version into a zone of exactly these records, choices gone; nothing where the attempt has
  // ended.
  std::optional<Change> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dns
