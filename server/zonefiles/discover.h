// Which zones the options name, and by which files. Pure but for the door to the directories.
//
//     DIR          every example.com.zone in it is zone example.com; other names are left alone, folders not entered
//     FILE.zone    the same for one file
//     NAME=FILE    any file for the zone NAME
//
// The part before ".zone" is the zone's name in presentation form, without the final dot:
// 0\04725.2.0.192.in-addr.arpa.zone has a slash in a label. root.zone is the root zone (a zone of that name is served
// by NAME=FILE). Where a zone is named twice the more explicit wins: NAME=FILE, then FILE, then DIR, in the order
// given.
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
  std::vector<std::string> errors;      // words for a person
  std::vector<std::string> unreadable;  // paths that might have named more zones
};

Discovery discover(const StoreOptions& options, Files& files);

// The zone that a file's name (without directory) says; nothing where it says none.
std::optional<dns::Name> apex_of_file_name(std::string_view file_name);

}  // namespace server
