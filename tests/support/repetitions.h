// The number of repetitions of a test with random input.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace dns::test {

// `times`, or the number in the environment variable. With the thread sanitizer an eighth of it: the sanitizer makes a
// test ten times slower and finds nothing in a test of one thread.
inline std::size_t repetitions(std::size_t times, const char* variable = nullptr) {
  if (const char* const text = variable == nullptr ? nullptr : std::getenv(variable))
    return static_cast<std::size_t>(std::strtoull(text, nullptr, 10));
#ifdef __SANITIZE_THREAD__
  return std::max<std::size_t>(times / 8, 1);
#else
  return times;
#endif
}

}  // namespace dns::test
