// Counts the allocations of this thread, and lets some of them fail. query_hostile_test.cpp replaces operator new of
// the test program for this; a sanitizer build does not, because the sanitizer needs its own operators.
#pragma once

#include <cstdint>
#include <new>

namespace dns::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kCountsAllocations = false;
#else
inline constexpr bool kCountsAllocations = true;
#endif

struct Allocations {
  std::uint64_t count = 0;                          // so far
  std::uint64_t first_failing = 0, first_well = 0;  // those from the first to the second fail
};
inline thread_local Allocations allocations;

enum class Shortage : std::uint8_t {
  kNotReached,  // the work makes fewer allocations
  kHandled,     // the work has handled it
  kThrown,      // std::bad_alloc
};

// Does `work` while its allocations from the nth on fail, `times` in all.
template <class Work>
Shortage with_shortage(std::uint64_t nth, std::uint64_t times, const Work& work) {
  allocations.first_failing = allocations.count + nth;
  allocations.first_well = allocations.first_failing + times;
  bool thrown = false;
  try {
    work();
  } catch (const std::bad_alloc&) {
    thrown = true;
  }
  const bool reached = allocations.count >= allocations.first_failing;
  allocations.first_failing = allocations.first_well = 0;
  return thrown ? Shortage::kThrown : reached ? Shortage::kHandled : Shortage::kNotReached;
}

}  // namespace dns::test
