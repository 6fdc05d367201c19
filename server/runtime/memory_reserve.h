// Memory that is kept back, so that the threads that answer, decide and end the server go on where the limit of memory
// is reached. It works through the new-handler of the C++ library: an allocation that fails gets a block of the reserve
// and is tried again. Blocks are address space that is never written to.
//
// Work that may fail, because its failure is handled (a zone is loaded), does not get the reserve: it gets
// std::bad_alloc, while all others go on.
#pragma once

#include <cstddef>

namespace server {

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

}  // namespace server
