// Loads a zone file: parses it, builds the zone, checks it, and reports every fault with its place.
#pragma once

#include <memory>
#include <optional>

#include "zone/base/parallel.h"
#include "zone/diagnostic/diagnostic.h"
#include "zone/snapshot/change.h"

namespace dns {

struct LoadedZone {
  std::shared_ptr<const Zone> zone;  // null after errors because of which the zone is refused (CodeRow::serves)
  Sources sources;                   // the texts that the diagnostics refer to
};

// `reader` opens `path`. All threads of `parallel` read a large file; the zone and the diagnostics are the same as with
// one thread. A lack of memory is an error of the zone. If there are findings about the zone as a whole, the file is
// read a second time to find their places.
LoadedZone load_zone(NameView apex, std::string_view path, SourceReader& reader, Diagnostics& diagnostics,
                     const ParallelExecutor& parallel = {});

// Adds the error of a zone for which there is not enough memory.
void report_shortage(Sources& sources, std::string_view path, std::string_view words, Diagnostics& diagnostics);

// Reads a zone file that comes in parts and returns its changes to a version of the zone. Any diagnostic ends the
// attempt, and so does an $INCLUDE: call `load_zone` then. Memory use: see IncrementalLoader.
class IncrementalFileLoader {
 public:
  // `version` must outlive the loader.
  explicit IncrementalFileLoader(const Zone& version);
  ~IncrementalFileLoader();

  // Each part but the last ends at the end of a line. False if the attempt has ended.
  bool take(std::string_view part);
  std::optional<Change> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The place of a record in the zone files, for `waymark explain`. Takes one pass over the files.
struct RecordLocation {
  Name owner;
  Type type;
  Place place;
};
std::vector<RecordLocation> locate_records(Sources& sources, NameView apex, std::string_view path, SourceReader& reader,
                                           std::span<const NameView> owners);

}  // namespace dns
