#include "zone/base/result.h"

#include <cstdio>
#include <cstdlib>

namespace dns {

void abort_broken(std::string_view what) {
  std::fprintf(stderr, "broken invariant: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

}  // namespace dns
