// Finds the zones that the options name, and their files. Pure, apart from reading directories through `Files`.
//
//     DIR          each example.com.zone in it is the zone example.com; other files and subdirectories are ignored
//     FILE.zone    the same for one file
//     NAME=FILE    any file for the zone NAME
//
// The part before ".zone" is the zone's name in presentation form without the final dot. For example
// 0\04725.2.0.192.in-addr.arpa.zone has a slash in a label. root.zone is the root zone (for a zone with the name "root"
// use NAME=FILE). If a zone is named twice, the more explicit form wins: NAME=FILE, then FILE, then DIR, in the order
// of the options.
#pragma once

#include <optional>

#include "server/zonefiles/files.h"
#include "server/zonefiles/options.h"
#include "zone/name/compact_name.h"

namespace server {

struct ZoneFile {
  dns::CompactName apex;
  std::string path;

  friend bool operator==(const ZoneFile&, const ZoneFile&) = default;
};

struct Discovery {
  std::vector<ZoneFile> zones;          // canonical order, each apex once
  std::vector<std::string> errors;      // texts for the log
  std::vector<std::string> unreadable;  // paths that may contain more zones
  std::vector<std::string> empty;       // directories without zone files
};

Discovery discover(const StoreOptions& options, Files& files);

// The zone of a file name (without directory); nothing if it names none.
std::optional<dns::Name> apex_of_file_name(std::string_view file_name);

}  // namespace server
