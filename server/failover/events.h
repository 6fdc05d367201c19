// What happened, in order: the last kKeptEvents, for `waymark events`. Each is also one line of the log.
//
// Numbers ascend by one and begin anew with the process. One thread.
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
  kTransition,  // a virtual router, link, member or record changed its state
  kRecord,      // the addresses that are served changed: from and to are address lists
  kOverride,    // somebody added or removed an override, or its time was over
  kAlarm,       // a state that a person should look at began
  kAllClear,    // and ended
  kNote,        // start, reload
};

struct Event {
  std::uint64_t number = 0;
  std::chrono::system_clock::time_point at{};
  EventKind kind{};
  std::string subject{};     // "lan-gw", "isp-a", "www.example.com/A:via-a", "www.example.com/A"
  std::string from{}, to{};  // words of the state
  std::string reason{};

  friend bool operator==(const Event&, const Event&) = default;
};

std::string_view word(EventKind kind);

// "www.example.com/A:via-a usable -> down: rtr-b is active on lan-gw"
std::string to_text(const Event& event);

class EventRing {
 public:
  // Numbers and keeps it; the oldest is forgotten where there are too many.
  const Event& add(Event event);
  // Those with numbers above `number`, at most the last `count`, oldest first.
  std::vector<Event> after(std::uint64_t number, std::size_t count) const;
  std::uint64_t last() const { return last_; }

 private:
  std::deque<Event> kept_;
  std::uint64_t last_ = 0;
};

}  // namespace server
