// Which zones there are and where their files lie.
#pragma once

#include <string>
#include <vector>

#include "zone/name/name.h"

namespace server {

// A zone and its file, where the file's name does not say it: `--zone NAME=FILE`, `[[zone]]`.
struct NamedZone {
  dns::Name apex;
  std::string path;
};

enum class IncludeScope : std::uint8_t {
  kInside,  // $INCLUDE reads below the directory of the zone file only, links resolved
  kAnywhere,
};

struct StoreOptions {
  std::vector<std::string> paths;  // directories (all *.zone in them, not deeper) and files named after their zone
  std::vector<NamedZone> zones;
  IncludeScope include_scope = IncludeScope::kInside;
  std::size_t load_threads = 0;  // 0: one for each CPU that we may use, at most kMaxLoadThreads
  std::string images{};          // directory of the images of big zones; empty: none are written or looked for
  std::size_t image_min_size = std::size_t{8} << 20;  // octets of a zone file from which on its zone has an image
  std::size_t incremental_min_size =
      std::size_t{1} << 20;  // octets of a zone file from which on a new one is read as a change to the old one
};

inline constexpr std::size_t kMaxLoadThreads = 16;

}  // namespace server
