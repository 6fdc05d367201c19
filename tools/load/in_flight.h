// Questions in flight on one socket, by id, and the schedule that a load follows. One thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "tools/load/generator.h"

namespace tools {

struct LoadTarget;

using LoadClock = std::chrono::steady_clock;

// Ids go up one by one; the low bits are the place in the table. So the oldest in flight is found without a search.
class InFlight {
 public:
  InFlight() : slots_(std::make_unique<Slot[]>(kMaxInFlight)) {}

  // Takes the next id; nothing where as many as the table holds are in flight.
  std::optional<std::uint16_t> begin(std::uint32_t question, LoadClock::time_point due);

  struct SentQuestion {
    std::uint32_t question;
    LoadClock::time_point due;
  };
  // What the id stands for where that is in flight; it no longer is.
  std::optional<SentQuestion> end(std::uint16_t id);

  // Ends those that were due at or before `before`; returns how many.
  std::size_t expire(LoadClock::time_point before);
  std::size_t size() const { return size_; }

 private:
  struct Slot {
    LoadClock::time_point due;
    std::uint32_t question = 0;
    std::uint16_t id = 0;
    bool busy = false;
  };
  std::unique_ptr<Slot[]> slots_;
  std::uint16_t next_ = 0, oldest_ = 0;  // ids
  std::size_t size_ = 0;
};

// When questions are due: at a rate, or whenever the window has room.
class Schedule {
 public:
  Schedule(const LoadOptions& options, LoadClock::time_point start)
      : rate_(options.rate / options.threads), window_(options.window), start_(start) {}

  // How many may be sent now, `sent` having been sent and `in_flight` being out.
  std::size_t due(LoadClock::time_point now, std::uint64_t sent, std::size_t in_flight) const {
    if (rate_ <= 0) return in_flight + kTogether > window_ && in_flight > window_ / 2 ? 0 : window_ - in_flight;
    const auto owed = static_cast<std::uint64_t>(std::chrono::duration<double>(now - start_).count() * rate_) + 1;
    return owed > sent ? owed - sent : 0;
  }
  // When question `index` is due; now where a window decides.
  LoadClock::time_point time_of(std::uint64_t index, LoadClock::time_point now) const {
    if (rate_ <= 0) return now;
    return start_ + std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(index) / rate_ * 1e9));
  }

 private:
  static constexpr std::size_t kTogether =
      32;  // a window is filled up by so many at a time: a call each would cost more than they do

  double rate_;
  std::size_t window_;
  LoadClock::time_point start_;
};

// What came of one thread's questions so far.
class LoadStats {
 public:
  explicit LoadStats(const QuestionList& questions) : questions_(questions) {}

  LoadResult result;  // `elapsed` aside
  std::size_t in_flight = 0;

  // A message that came on the socket of `flight`.
  void take(InFlight& flight, dns::Bytes reply, LoadClock::time_point at);
  // Those that were due at or before `before` are lost.
  void expire(InFlight& flight, LoadClock::time_point before);
  // The clock's beginning where there was none.
  LoadClock::time_point last_answer() const { return last_answer_; }

 private:
  const QuestionList& questions_;
  LoadClock::time_point last_answer_;
};

// One thread's part; `first` is where in the list it begins.
LoadResult run_udp(const QuestionList& questions, const LoadOptions& options, const LoadTarget& target,
                   std::size_t first);
LoadResult run_tcp(const QuestionList& questions, const LoadOptions& options, const LoadTarget& target,
                   std::size_t first);

}  // namespace tools
