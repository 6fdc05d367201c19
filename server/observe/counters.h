// Counters of one worker: only the worker writes them, except a SharedCounter; any thread may read them.
//
// A relaxed store to one's own cache line costs as much as a plain one. Reports add up the counters of all workers.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace server {

// Written by one thread, read by others.
class Counter {
 public:
  void add(std::uint64_t amount = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Written by any thread.
class SharedCounter {
 public:
  void add() { value_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

inline constexpr std::size_t kMaxTransports = 8;

struct alignas(64) Counters {
  std::array<Counter, kMaxTransports> queries;  // requests read, by Transport::number
  Counter answers;                              // replies written
  Counter dropped;                              // requests without a reply
  Counter prohibited;                           // requests that access rules did not allow
  Counter truncated;                            // replies with TC
  Counter verified, unverified;                 // requests with a TSIG record: verified; not verified
  Counter streams, stream_messages;             // replies of many messages, and their messages
  Counter taken;                                // requests that another thread answers
  SharedCounter late;                           // replies of other threads
  Counter unsent;                               // datagrams that the kernel did not take
  Counter connections, evicted;                 // TCP: accepted; closed to make room
  Counter timeouts;                             // TCP: closed for being slow or idle
  std::array<Counter, 24> rcodes;  // replies by rcode, with extended rcodes; the last one counts all higher ones
};

}  // namespace server
