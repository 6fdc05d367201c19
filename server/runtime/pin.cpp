#include "server/runtime/pin.h"

#include <list>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace server {

struct Pins::Entry {
  Entry(std::shared_ptr<const void> held, std::size_t size) : value(std::move(held)), octets(size) {}

  std::shared_ptr<const void> value;  // shared with the snapshots that have this version
  std::size_t octets;
  std::atomic<bool> must_end = false;
};

struct Pins::State {
  mutable std::mutex mutex;                  // guards all that follows
  std::list<std::shared_ptr<Entry>> oldest;  // in use, the oldest first
  std::vector<std::shared_ptr<const void>> returned;

  // Of the pins that satisfy the condition.
  template <class Condition>
  Held sum(Condition&& counts) const {
    Held held;
    std::map<const void*, std::size_t> octets;
    for (const auto& entry : oldest) {
      if (!counts(*entry)) continue;
      ++held.pins;
      octets[entry->value.get()] = entry->octets;
    }
    held.versions = octets.size();
    for (const auto& [value, size] : octets) held.octets += size;
    return held;
  }

  bool tell_oldest() {
    for (const auto& entry : oldest)
      if (!entry->must_end.exchange(true, std::memory_order_relaxed)) return true;
    return false;
  }
};

Pins::Pins() : state_(std::make_shared<State>()) {}

Pins::~Pins() { reclaim(); }

Pins::Held Pins::held() const {
  const std::lock_guard lock(state_->mutex);
  return state_->sum([](const Entry&) { return true; });
}

bool Pins::end_oldest() {
  const std::lock_guard lock(state_->mutex);
  return state_->tell_oldest();
}

std::size_t Pins::keep_within(std::size_t octets_max) {
  const std::lock_guard lock(state_->mutex);
  const auto goes_on = [](const Entry& entry) { return !entry.must_end.load(std::memory_order_relaxed); };
  std::size_t told = 0;
  while (state_->sum(goes_on).octets > octets_max && state_->tell_oldest()) ++told;
  return told;
}

std::size_t Pins::reclaim() {
  std::vector<std::shared_ptr<const void>> returned;  // freed behind the lock
  const std::lock_guard lock(state_->mutex);
  returned.reserve(state_->oldest.size());  // takes the place of the other: a release must not fail
  returned.swap(state_->returned);
  return state_->oldest.size();
}

AnyPin::AnyPin(Pins& pins, std::shared_ptr<const void> value, std::size_t octets)
    : state_(pins.state_), entry_(std::make_shared<Pins::Entry>(std::move(value), octets)) {
  const std::lock_guard lock(state_->mutex);
  state_->oldest.push_back(entry_);
  state_->returned.reserve(state_->returned.size() + state_->oldest.size());  // a release must not fail
}

AnyPin& AnyPin::operator=(AnyPin&& other) noexcept {
  if (this == &other) return *this;
  release();
  state_ = std::move(other.state_);
  entry_ = std::move(other.entry_);
  return *this;
}

AnyPin::~AnyPin() { release(); }

void AnyPin::release() {
  if (entry_ == nullptr) return;
  {
    const std::lock_guard lock(state_->mutex);
    state_->returned.push_back(std::move(entry_->value));
    state_->oldest.remove(entry_);
  }
  entry_ = nullptr;
  state_ = nullptr;
}

bool AnyPin::must_end() const { return entry_ != nullptr && entry_->must_end.load(std::memory_order_relaxed); }

const void* AnyPin::get() const { return entry_ == nullptr ? nullptr : entry_->value.get(); }

}  // namespace server
