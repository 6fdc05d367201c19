#include "zone/tree/versions.h"

#include <algorithm>

namespace dns {

std::uint64_t VersionLine::add(Garbage made, Garbage retired, Node root) {
  line_.push_back({next_, true, std::move(made), std::move(retired), root});
  return next_++;
}

void VersionLine::mark_dead(std::uint64_t version) {
  const auto entry = std::ranges::find(line_, version, &Entry::version);
  if (entry != line_.end()) entry->alive = false;
}

}  // namespace dns
