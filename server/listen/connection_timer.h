// How a TCP client keeps up, and how long it may go on like that: a state machine of times, without sockets or a clock.
//
//                      part of a message            its last octet
//     kFirst ----------------------> kReceiving ------------------> kIdle --- part of a message ---> kReceiving
//        \______________________________________________________/^   |
//                        a whole message                              v
//     any --- the kernel takes no more of our answers ---> kSending --- all written ---> kIdle or kReceiving
//
// Only a whole message starts the idle time anew, and a message's time runs from its first octet (RFC 7766 6.2.3): a
// client that sends an octet now and then gains nothing by it. In kSending progress starts the time
// anew: parts that the kernel takes, or a few thousand octets that the client acknowledges; a trickle is none.
//
// When room is needed the one that holds its place with the least right to it goes first: who stalls in the middle of a
// message or reads no answers, then who has said nothing yet, then who is idle; among equals the longest.
// A value, of its worker's thread.
#pragma once

#include <chrono>

#include "server/listen/options.h"

namespace server {

class ConnectionTimer {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Stage : std::uint8_t { kFirst, kReceiving, kIdle, kSending };
  enum class Event : std::uint8_t {
    kPart,          // octets came; they do not complete a message
    kWhole,         // one or more messages were answered, nothing is left over
    kWholeAndPart,  // the same, and the beginning of another is left over
    kBlocked,       // an answer could not be written whole
    kProgress,      // some more of it could
  };

  explicit ConnectionTimer(Time accepted) : since_(accepted) {}

  void on(Event event, Time now);
  Stage stage() const { return stage_; }
  Time deadline(const TcpOptions& options) const;
  // True where this client is to go before `other` when room is needed.
  bool evict_before(const ConnectionTimer& other) const;

 private:
  Stage stage_ = Stage::kFirst;
  Time since_;
};

}  // namespace server
