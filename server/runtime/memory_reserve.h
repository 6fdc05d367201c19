// Memory that is kept back, so that the threads that answer, decide and end the server go on where the limit of memory
// is reached. It works through the new-handler of the C++ library: an allocation that fails gets a block of the reserve
// and is tried again. Blocks are address space that is never written to.
//
// Work that may fail, because its failure is handled (a zone is loaded), does not get the reserve: it gets
// std::bad_alloc, while all others go on. While an exception is under way or handled, another one could end the
// program: there the reserve is given to all.
//
// Most threads wait where the reserve is used up, until there is memory again: destructors may allocate, and work that
// an exception interrupts may be lost. Threads that answer TCP clients get std::bad_alloc.
#pragma once

#include <chrono>
#include <cstddef>

namespace server {

inline constexpr std::chrono::seconds kLongestWaitForMemory{1};

// The first call takes the reserve and installs the handler. Any later call takes what was used, if it can be had
// again. Returns how many allocations were served from the reserve since the last call. One thread.
std::size_t refill_memory_reserve();

// While it exists, allocations of this thread do not get the reserve. ThreadPool extends it to the threads that help.
class MayRunOutOfMemory {
 public:
  explicit MayRunOutOfMemory(bool may = true);
  ~MayRunOutOfMemory();
  MayRunOutOfMemory(const MayRunOutOfMemory&) = delete;
  MayRunOutOfMemory& operator=(const MayRunOutOfMemory&) = delete;

  static bool here();  // whether one exists on this thread

 private:
  bool before_;
};

// While it exists, allocations of this thread wait for memory where there is none at all. An allocation that is too
// large for what is there gets std::bad_alloc after kLongestWaitForMemory.
class WaitsForMemory {
 public:
  explicit WaitsForMemory(bool waits = true);
  ~WaitsForMemory();
  WaitsForMemory(const WaitsForMemory&) = delete;
  WaitsForMemory& operator=(const WaitsForMemory&) = delete;
};

}  // namespace server
