// The queries in flight on one socket, by ID, and the schedule of a load. One thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "tools/load/generator.h"

namespace tools {

struct LoadTarget;

using LoadClock = std::chrono::steady_clock;

// IDs are assigned in sequence; the low bits of an ID are its index in the table. So no search is needed for the oldest
// query in flight.
class InFlight {
 public:
  InFlight() : slots_(std::make_unique<Slot[]>(kMaxInFlight)) {}

  // Assigns the next ID. Nothing if its slot in the table is still in use.
  std::optional<std::uint16_t> begin(std::uint32_t question, LoadClock::time_point due);

  struct SentQuestion {
    std::uint32_t question;
    LoadClock::time_point due;
  };
  // Removes and returns the query with this ID. Nothing if it is not in flight.
  std::optional<SentQuestion> end(std::uint16_t id);

  // Removes the queries that were due at or before `before`, and returns their number.
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
  std::uint16_t next_ = 0, oldest_ = 0;
  std::size_t size_ = 0;
};

// The due times of queries: at a fixed rate, or when the window has room.
class Schedule {
 public:
  Schedule(const LoadOptions& options, LoadClock::time_point start)
      : rate_(options.rate / options.threads), window_(options.window), start_(start) {}

  // The number of queries to send now, after `sent` queries, of which `in_flight` have no reply yet.
  std::size_t due(LoadClock::time_point now, std::uint64_t sent, std::size_t in_flight) const {
    if (rate_ <= 0) return in_flight + kTogether > window_ && in_flight > window_ / 2 ? 0 : window_ - in_flight;
    const auto owed = static_cast<std::uint64_t>(std::chrono::duration<double>(now - start_).count() * rate_) + 1;
    return owed > sent ? owed - sent : 0;
  }
  // The due time of query `index`; `now` if the load has a window and no rate.
  LoadClock::time_point time_of(std::uint64_t index, LoadClock::time_point now) const {
    if (rate_ <= 0) return now;
    return start_ + std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(index) / rate_ * 1e9));
  }

 private:
  // The window is refilled in batches of this size. One system call per query would cost more than the query.
  static constexpr std::size_t kTogether = 32;

  double rate_;
  std::size_t window_;
  LoadClock::time_point start_;
};

// The results of one thread so far.
class LoadStats {
 public:
  explicit LoadStats(const QuestionList& questions) : questions_(questions) {}

  LoadResult result;  // `elapsed` is not set here
  std::size_t in_flight = 0;

  // Counts a message that was received on the socket of `flight`.
  void take(InFlight& flight, dns::Bytes reply, LoadClock::time_point at);
  // Counts the queries that were due at or before `before` as lost.
  void expire(InFlight& flight, LoadClock::time_point before);
  // The epoch of the clock if there was no reply.
  LoadClock::time_point last_answer() const { return last_answer_; }

 private:
  const QuestionList& questions_;
  LoadClock::time_point last_answer_;
};

// The load of one thread. `first` is the index of its first query in the list. Throws std::runtime_error if a socket
// cannot be opened.
LoadResult run_udp(const QuestionList& questions, const LoadOptions& options, const LoadTarget& target,
                   std::size_t first);
LoadResult run_tcp(const QuestionList& questions, const LoadOptions& options, const LoadTarget& target,
                   std::size_t first);

}  // namespace tools
