// The event history: the last kKeptEvents events in order, for `waymark events`. Each event is also one line in the
// log.
//
// Event numbers increase by one and start again with the process. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace server {

inline constexpr std::size_t kKeptEvents = 1000;

enum class EventKind : std::uint8_t {
  kTransition,    // a virtual router, link, member or record changed its state
  kRecord,        // the served addresses changed; `from` and `to` are address lists
  kOverride,      // an operator added or removed an override, or an override expired
  kAlarm,         // a condition began that needs attention
  kAlarmCleared,  // an alarm condition ended
  kNote,          // start, reload
};

struct Event {
  std::uint64_t number = 0;
  std::chrono::system_clock::time_point at{};
  EventKind kind{};
  std::string subject{};     // "lan-gw", "isp-a", "www.example.com/A:via-a", "www.example.com/A"
  std::string from{}, to{};  // state names or address lists
  std::string reason{};

  friend bool operator==(const Event&, const Event&) = default;
};

std::string_view word(EventKind kind);

// "www.example.com/A:via-a usable -> down: rtr-b is active on lan-gw"
std::string to_text(const Event& event);

class EventRing {
 public:
  // Numbers the event and stores it. Discards the oldest event when there are more than kKeptEvents.
  const Event& add(Event event);
  // Events with a number above `number`, at most the last `count`, oldest first.
  std::vector<Event> after(std::uint64_t number, std::size_t count) const;
  std::uint64_t last() const { return last_; }

 private:
  std::deque<Event> kept_;
  std::uint64_t last_ = 0;
};

}  // namespace server
