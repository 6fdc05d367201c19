// Pins: long readers, such as zone transfers, hold one version of a value while the writer publishes newer ones.
//
//     reader   Pin(pins, value, octets)            any thread; the caller has a valid pointer (ReadGuard)
//              ~Pin: the value goes back           any thread; never frees it
//     writer   reclaim(): frees what came back     the writer's thread only
//              keep_within(octets): tells the oldest pins to end until the others hold no more than that
//
// A version stays as long as one pin holds it, and with it all that the writer could reuse. So the number of versions
// and octets is known, and a reader looks at must_end() between two steps of its work, for example two messages. A lock
// guards a short list; it is never held while a value is freed. Pins that are left when the writer has ended free their
// values themselves.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace server {

// All pins of one writer.
class Pins {
 public:
  struct Held {
    std::size_t pins = 0;
    std::size_t versions = 0;  // different values
    std::size_t octets = 0;    // of these values, each counted once
  };

  Pins();
  ~Pins();
  Pins(const Pins&) = delete;
  Pins& operator=(const Pins&) = delete;

  Held held() const;  // any thread
  // Tells the oldest pin that was not told yet. False: there is none. Any thread.
  bool end_oldest();
  // Tells as many of the oldest pins as needed, so that those that were not told hold at most `octets_max`. Returns how
  // many were told now. Any thread.
  std::size_t keep_within(std::size_t octets_max);
  // Frees the values that came back. Returns how many values are still held. The writer.
  std::size_t reclaim();

 private:
  friend class AnyPin;
  struct Entry;
  struct State;

  std::shared_ptr<State> state_;  // shared with the pins
};

// A pin without the type of its value.
class AnyPin {
 public:
  AnyPin() = default;  // holds nothing
  AnyPin(Pins& pins, std::shared_ptr<const void> value, std::size_t octets);
  AnyPin(AnyPin&& other) noexcept = default;
  AnyPin& operator=(AnyPin&& other) noexcept;
  ~AnyPin();

  // True if the reader should stop: too much memory is held. A pin without a value need not.
  bool must_end() const;
  const void* get() const;

 private:
  void release();
  std::shared_ptr<Pins::State> state_;
  std::shared_ptr<Pins::Entry> entry_;  // shared with the state
};

template <class T>
class Pin : public AnyPin {
 public:
  Pin() = default;
  // `value` must not be the last reference that the caller's thread can drop: the writer frees values.
  Pin(Pins& pins, std::shared_ptr<const T> value, std::size_t octets) : AnyPin(pins, std::move(value), octets) {}
  const T& operator*() const { return *static_cast<const T*>(get()); }
  const T* operator->() const { return static_cast<const T*>(get()); }
};

}  // namespace server
