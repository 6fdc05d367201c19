#include "server/runtime/memory_reserve.h"

#include <sys/mman.h>

#include <array>
#include <atomic>
#include <new>

namespace server {
namespace {

constexpr std::size_t kBlocks = 128;                        // in case many allocations fail before the next refill
constexpr std::size_t kBlockSize = std::size_t{256} << 10;  // octets; most allocations are smaller

std::array<std::atomic<void*>, kBlocks> blocks;  // null: used. Constant-initialised; the handler is process-wide
std::atomic<std::size_t> served = 0;
thread_local bool may_run_out = false;

// A new-handler makes memory available and returns, or throws.
void give_block() {
  if (!may_run_out) {
    for (std::atomic<void*>& block : blocks) {
      void* const taken = block.exchange(nullptr);
      if (taken == nullptr) continue;
      ::munmap(taken, kBlockSize);
      served.fetch_add(1);
      return;
    }
  }
  throw std::bad_alloc();
}

}  // namespace

std::size_t refill_memory_reserve() {
  for (std::atomic<void*>& block : blocks) {
    if (block.load() != nullptr) continue;
    void* const taken = ::mmap(nullptr, kBlockSize, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (taken == MAP_FAILED) break;
    block.store(taken);
  }
  std::set_new_handler(give_block);
  return served.exchange(0);
}

MayRunOutOfMemory::MayRunOutOfMemory(bool may) : before_(may_run_out) { may_run_out = may; }
MayRunOutOfMemory::~MayRunOutOfMemory() { may_run_out = before_; }
bool MayRunOutOfMemory::here() { return may_run_out; }

}  // namespace server
