#include "server/runtime/memory_reserve.h"

#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <new>
#include <thread>

namespace server {
namespace {

constexpr std::size_t kBlocks = 128;                        // in case many allocations fail before the next refill
constexpr std::size_t kBlockSize = std::size_t{256} << 10;  // octets; most allocations are smaller

std::array<std::atomic<void*>, kBlocks> blocks;  // null: used. Constant-initialised; the handler is process-wide
std::atomic<std::size_t> served = 0;
constexpr std::chrono::milliseconds kPause{5};  // between two tries of an allocation
constexpr std::size_t kOrdinarySize = std::size_t{16} << 10;
thread_local bool may_run_out = false, waits_for_memory = false;

bool release_block() {
  for (std::atomic<void*>& block : blocks) {
    void* const taken = block.exchange(nullptr);
    if (taken == nullptr) continue;
    ::munmap(taken, kBlockSize);
    served.fetch_add(1);
    return true;
  }
  return false;
}

// Waits a moment. False if for too long there has been memory for most allocations, but not for this one.
bool wait_for_memory() {
  using Clock = std::chrono::steady_clock;
  thread_local Clock::time_point since, last;
  if (Clock::now() - last > 4 * kPause) since = Clock::now();  // the first try of another allocation
  std::this_thread::sleep_for(kPause);
  last = Clock::now();
  void* volatile const probe = std::malloc(kOrdinarySize);
  std::free(probe);
  if (probe == nullptr) since = last;
  return last - since < kLongestWaitForMemory;
}

// A new-handler makes memory available and returns, or throws.
void give_block() {
  const bool must_not_throw = std::uncaught_exceptions() > 0 || std::current_exception() != nullptr;
  if (may_run_out && !must_not_throw) throw std::bad_alloc();
  if (release_block()) return;
  if ((waits_for_memory || must_not_throw) && wait_for_memory()) return;
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

WaitsForMemory::WaitsForMemory(bool waits) { waits_for_memory = waits; }
WaitsForMemory::~WaitsForMemory() { waits_for_memory = false; }

}  // namespace server
