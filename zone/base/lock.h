// Locks for what the workers of one load share, of atomics alone: this library starts no threads and asks no system for
// any.
//
// Held for a moment or between pieces of work; who waits sleeps. Not fair, which their few users bear; but who wants a
// shared one alone is not kept out by those that come to share it.
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

// Held by many at once, or by one alone.
class SharedLock {
 public:
  void lock_shared() {
    for (std::uint32_t now = state_.load(std::memory_order_relaxed);;) {
      if ((now & kWanted) != 0) {
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
  // Who comes to share waits from now on: else one who comes again and again would keep this one out for good.
  void lock() {
    for (std::uint32_t now = state_.load(std::memory_order_relaxed);;) {
      if ((now & ~kWanted) == 0) {
        if (state_.compare_exchange_weak(now, kExclusive, std::memory_order_acquire, std::memory_order_relaxed)) return;
      } else if ((now & kWanted) == 0) {
        state_.compare_exchange_weak(now, now | kWanted, std::memory_order_relaxed);
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
  static constexpr std::uint32_t kExclusive = 0xffff'ffff, kWanted = 0x8000'0000;
  std::atomic<std::uint32_t> state_ = 0;  // how many hold it together
};

// Holds either alone while it lives.
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
