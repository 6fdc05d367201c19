// A zone file to a zone: parse, build, check, with every fault at its place.
#pragma once

#include <memory>

#include "zone/file/diagnostic.h"
#include "zone/snapshot/zone.h"

namespace dns {

struct LoadedZone {
  std::shared_ptr<const Zone> zone;  // null where there were errors
  Sources sources;                   // what the diagnostics point into
};

// `path` is opened by `reader`. Findings about the zone as a whole are located by reading the file a second time, which
// only happens when there are some.
LoadedZone load_zone(NameView apex, std::string_view path, SourceReader& reader, Diagnostics& diagnostics);

// Where a record of the zone is written: for `waymark explain`. One pass over the files.
struct Located {
  Name owner;
  Type type;
  Place place;
};
std::vector<Located> locate(Sources& sources, NameView apex, std::string_view path, SourceReader& reader,
                            std::span<const NameView> owners);

}  // namespace dns
