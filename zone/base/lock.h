// Locks for data that the workers of one load share. They use atomics only: this library starts no threads and needs no
// thread library.
//
// For locks that are held briefly. Waiting threads sleep. The locks are not fair; but a writer of a SharedLock is not
// starved by new readers.
#pragma once

#include <atomic>
#include <cstdint>

namespace dns {

class Lock {
 public:
  void lock() {
    while (held_.test_and_set(std::memory_order_acquire)) held_.wait(true, std::memory_order_relaxed);
  }
  void unlock() {
    held_.clear(std::memory_order_release);
    held_.notify_one();
  }

 private:
  std::atomic_flag held_;
};

// Held by many readers at once, or by one writer.
class SharedLock {
 public:
  void lock_shared() {
    for (std::uint32_t now = state_.load(std::memory_order_relaxed);;) {
      if ((now & kWriterWaits) != 0) {
        state_.wait(now, std::memory_order_relaxed);
        now = state_.load(std::memory_order_relaxed);
      } else if (state_.compare_exchange_weak(now, now + 1, std::memory_order_acquire, std::memory_order_relaxed)) {
        return;
      }
    }
  }
  void unlock_shared() {
    state_.fetch_sub(1, std::memory_order_release);
    state_.notify_all();
  }
  // Sets a flag that makes new readers wait; otherwise readers that return again and again could starve the writer.
  void lock() {
    for (std::uint32_t now = state_.load(std::memory_order_relaxed);;) {
      if ((now & ~kWriterWaits) == 0) {
        if (state_.compare_exchange_weak(now, kExclusive, std::memory_order_acquire, std::memory_order_relaxed)) return;
      } else if ((now & kWriterWaits) == 0) {
        state_.compare_exchange_weak(now, now | kWriterWaits, std::memory_order_relaxed);
      } else {
        state_.wait(now, std::memory_order_relaxed);
        now = state_.load(std::memory_order_relaxed);
      }
    }
  }
  void unlock() {
    state_.store(0, std::memory_order_release);
    state_.notify_all();
  }

 private:
  static constexpr std::uint32_t kExclusive = 0xffff'ffff, kWriterWaits = 0x8000'0000;
  std::atomic<std::uint32_t> state_ = 0;  // number of readers, and the flags
};

// Holds a Lock, or a SharedLock as its writer, for its own lifetime.
template <class Held>
class LockGuard {
 public:
  explicit LockGuard(Held& lock) : lock_(lock) { lock_.lock(); }
  ~LockGuard() { lock_.unlock(); }
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;

 private:
  Held& lock_;
};

}  // namespace dns
