// Published<T>: one writer passes values to many readers without locks. Old values are freed when no reader uses them.
//
//     writer   publish(v2): root = v2, epoch = 8, v1 retired at 8
//              reclaim():   frees v1 when every reader shows an epoch >= 8 or idle
//     reader   ReadGuard r(published, id): seen[id] = epoch (seq_cst), then reads root;  ~ReadGuard: seen[id] = idle
//
// Quiescent-state reclamation: a reader writes one cache line of its own for each batch. Between batches it is idle, so
// a worker that is blocked in recvmmsg keeps no value alive. Only the writer's thread publishes and reclaims; values
// are destroyed on it. Readers that need a value, or a part of it, for longer than a batch pin it (pin.h).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "server/runtime/pin.h"
#include "zone/base/result.h"

namespace server {

inline constexpr std::uint64_t kNotReading = UINT64_MAX;

template <class T>
class Published {
 public:
  Published(std::shared_ptr<const T> first, std::size_t readers) : reader_epochs_(readers), current_(std::move(first)) {
    root_.store(current_.get());
  }

  // For the reader with this number, during one batch.
  class ReadGuard {
   public:
    ReadGuard(Published& published, std::size_t reader) : epoch_slot_(published.reader_epochs_[reader].epoch) {
      epoch_slot_.store(published.epoch_.load());
      value_ = published.root_.load();
    }
    ~ReadGuard() { epoch_slot_.store(kNotReading, std::memory_order_release); }
    ReadGuard(const ReadGuard&) = delete;
    ReadGuard& operator=(const ReadGuard&) = delete;
    const T& operator*() const { return *value_; }
    const T* operator->() const { return value_; }

   private:
    std::atomic<std::uint64_t>& epoch_slot_;
    const T* value_;
  };

  // Writer only.
  void publish(std::shared_ptr<const T> next) {
    root_.store(next.get());
    const std::uint64_t retired_at = epoch_.fetch_add(1) + 1;
    retired_.push_back({std::move(current_), retired_at});
    current_ = std::move(next);
    reclaim();
  }

  // Writer only: frees the values that no reader uses, and those of pins that have ended. Returns how many old values
  // and pins remain.
  std::size_t reclaim() {
    std::uint64_t oldest = kNotReading;
    for (const ReaderEpoch& reader : reader_epochs_) oldest = std::min(oldest, reader.epoch.load());
    while (!retired_.empty() && retired_.front().at <= oldest) retired_.pop_front();
    return retired_.size() + pins_.reclaim();
  }

  Pins& pins() { return pins_; }

  // Writer only.
  const std::shared_ptr<const T>& current() const { return current_; }
  std::size_t readers() const { return reader_epochs_.size(); }

 private:
  struct alignas(64) ReaderEpoch {
    std::atomic<std::uint64_t> epoch{kNotReading};
  };
  struct Retired {
    std::shared_ptr<const T> value;  // shared: callers on the writer's thread may keep a version
    std::uint64_t at;
  };

  alignas(64) std::atomic<const T*> root_;
  std::atomic<std::uint64_t> epoch_{1};
  std::vector<ReaderEpoch> reader_epochs_;
  std::shared_ptr<const T> current_;  // writer only
  std::deque<Retired> retired_;       // writer only
  Pins pins_;
};

}  // namespace server
