#include "zone/tree/versions.h"

#include <algorithm>

namespace dns {

std::uint64_t VersionHistory::add(NodeList made, NodeList retired, const VersionRoots& roots) {
  entries_.push_back({next_, true, std::move(made), std::move(retired), roots});
  return next_++;
}

void VersionHistory::mark_dead(std::uint64_t version) {
  const auto entry = std::ranges::find(entries_, version, &Entry::version);
  if (entry != entries_.end()) entry->alive = false;
}

}  // namespace dns
