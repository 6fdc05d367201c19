// The result of a function that can fail on wrong input: a value, or a small typed error. The code that shows the error
// to a person makes its text. A broken invariant is not an error: `require` aborts, in all builds.
#pragma once

#include <expected>
#include <string_view>

namespace dns {

template <class T, class E>
using Result = std::expected<T, E>;

template <class E>
using Failure = std::unexpected<E>;

// Writes `what` to standard error and aborts the process: an invariant is broken.
[[noreturn]] void abort_broken(std::string_view what);

inline void require(bool holds, std::string_view what) {
  if (!holds) [[unlikely]]
    abort_broken(what);
}

}  // namespace dns
