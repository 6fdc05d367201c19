// The zones to serve, the places of their files, and their policies.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "zone/snapshot/policy.h"

namespace server {

// A zone with an explicit file: `--zone NAME=FILE`, `[[zone]]`.
struct NamedZone {
  dns::Name apex;
  std::string path;
};

enum class IncludeScope : std::uint8_t {
  kInside,  // $INCLUDE reads only below the directory of the zone file, links resolved
  kAnywhere,
};

struct StoreOptions {
  // Directories (all *.zone in them, without subdirectories) and files named after their zone.
  std::vector<std::string> paths;
  std::vector<NamedZone> zones;
  IncludeScope include_scope = IncludeScope::kInside;
  std::size_t load_threads = 0;                       // 0: one for each CPU of this process, at most kMaxLoadThreads
  std::string images{};                               // directory of memory images of large zones; empty: no images
  std::size_t image_min_size = std::size_t{8} << 20;  // octets: zones with larger files have an image
  // Octets: larger files are reloaded as a change to the served version.
  std::size_t incremental_min_size = std::size_t{1} << 20;
  std::size_t history_octets = std::size_t{256} << 20;  // that the histories of all zones may take
  std::shared_ptr<const dns::ZonePolicies> policies{};  // shared with snapshots; null: no zone has rules
};

inline constexpr std::size_t kMaxLoadThreads = 16;

}  // namespace server
