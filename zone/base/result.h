// The outcome of what can fail on wrong input: a value, or a small typed error. Words are made at the edge, where a
// person reads them. A broken invariant is not an error: `require` aborts, in every build.
#pragma once

#include <expected>
#include <string_view>

namespace dns {

template <class T, class E>
using Result = std::expected<T, E>;

template <class E>
using Failure = std::unexpected<E>;

// Ends the process with `what` on standard error where an invariant is broken.
[[noreturn]] void abort_broken(std::string_view what);

inline void require(bool holds, std::string_view what) {
  if (!holds) [[unlikely]]
    abort_broken(what);
}

}  // namespace dns
