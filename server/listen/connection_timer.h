// The timeouts of one TCP client: a state machine of times, without sockets or a clock.
//
//                      part of a message            its last octet
//     kFirst ----------------------> kReceiving ------------------> kIdle --- part of a message ---> kReceiving
//        \______________________________________________________/^   |
//                        a whole message                              v
//     any --- the kernel takes no more of our answers ---> kSending --- all written ---> kIdle or kReceiving
//
// Only a whole message restarts the idle time, and the time of a message runs from its first octet (RFC 7766 6.2.3): a
// client that sends one octet now and then gains nothing. In kSending, progress restarts the time: octets that the
// kernel takes, or a few thousand octets that the client acknowledges. Less is not progress.
//
// If a place is needed, one client is closed: first those that stall in the middle of a message or do not read their
// answers, then those that have sent nothing yet, then the idle ones; in each group the one that waits longest.
// A value; its worker's thread.
#pragma once

#include <chrono>

#include "server/listen/options.h"

namespace server {

class ConnectionTimer {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Stage : std::uint8_t { kFirst, kReceiving, kIdle, kSending };
  enum class Event : std::uint8_t {
    kPart,          // octets arrived that do not complete a message
    kWhole,         // one or more messages were answered, no octets are left
    kWholeAndPart,  // the same, and the beginning of another message is left
    kBlocked,       // an answer could not be written completely
    kProgress,      // more of it was written
  };

  explicit ConnectionTimer(Time accepted) : since_(accepted) {}

  void on(Event event, Time now);
  Stage stage() const { return stage_; }
  Time deadline(const TcpOptions& options) const;
  // Whether to close this client rather than `other` if a place is needed.
  bool evict_before(const ConnectionTimer& other) const;

 private:
  Stage stage_ = Stage::kFirst;
  Time since_;
};

}  // namespace server
