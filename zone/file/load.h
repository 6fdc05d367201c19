// A zone file to a zone: parse, build, check, with every fault at its place.
#pragma once

#include <memory>
#include <optional>

#include "zone/base/parallel.h"
#include "zone/diagnostic/diagnostic.h"
#include "zone/snapshot/change.h"

namespace dns {

struct LoadedZone {
  std::shared_ptr<const Zone> zone;  // null where there were errors
  Sources sources;                   // what the diagnostics point into
};

// Large files are read by all threads that `together` lends, and give the same zone and the same words as by one.
// `path` is opened by `reader`. Findings about the zone as a whole are located by reading the file a second time, which
// only happens when there are some.
LoadedZone load_zone(NameView apex, std::string_view path, SourceReader& reader, Diagnostics& diagnostics,
                     const ParallelExecutor& parallel = {});

// A zone file that comes in parts, as what it changes in a version of its zone. Whatever a person would be told of ends
// the attempt, and so does an $INCLUDE: then `load_zone` says it, and makes the zone. (IncrementalLoader: what it takes
// of memory.)
class IncrementalFileLoader {
 public:
  // `version` outlives it.
  explicit IncrementalFileLoader(const Zone& version);
  ~IncrementalFileLoader();

  // Each part but the last ends where a line ends. False where the attempt has ended.
  bool take(std::string_view part);
  std::optional<Change> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Where a record of the zone is written: for `waymark explain`. One pass over the files.
struct RecordLocation {
  Name owner;
  Type type;
  Place place;
};
std::vector<RecordLocation> locate_records(Sources& sources, NameView apex, std::string_view path, SourceReader& reader,
                                           std::span<const NameView> owners);

}  // namespace dns
