// Who is active, by advertisements alone: what a host on the link may conclude that takes no part. RFC 9568 6, in virtual time.
//
//     UNKNOWN --any--> ACTIVE(A) --A silent for k intervals--> SUSPECT(A) --and for another skew--> NO_ACTIVE
//        \               |  ^  \--A gives up (priority 0)--> RELEASING(A) --nobody speaks-----------^   \--any--> ACTIVE
//         \--nobody--> NO_ACTIVE
//                        |  |
//                        v  |            X speaks: ACTIVE(X) at once where A gave up or is silent for about what a backup waits;
//                     challenge          else X challenges A, and nothing changes until
//                        |                 A stays silent        ACTIVE(X): a normal preemption, one change
//                        v                 both go on            SPLIT until one remains
//                      SPLIT               X falls silent        it is forgotten
//
// k is down_timer_adverts: how many advertisements a backup misses before it takes over. Times are multiples of the interval
// learned from each router; the skew is at most one interval (version 2: one second), whatever the priority of a backup that
// nobody knows. With greater k, patience with those who challenge grows too: lost advertisements are then expected.
//
// A router that sends both versions is one speaker; the more patient of its two timers holds.
// A value; one thread. Time never goes back: what is older than the newest event counts as of then.
#pragma once

#include <array>

#include "server/vrrp/observation.h"
#include "server/vrrp/packet.h"

namespace server {

class Election {
 public:
  Election(std::size_t routers, unsigned down_timer_adverts, Instant started);

  void heard(const Advertisement& advertisement, Instant at);
  void released(std::size_t router, Instant at);   // as by an advertisement of priority 0
  void failed(std::size_t router, Instant at);     // is not active, and waiting for a successor is no reason to say so
  void restart(Instant at);                        // nothing is known: advertisements could not be heard
  void advance(Instant now);

  VirtualRouterState state() const { return state_; }           // never kFlapping
  std::optional<std::size_t> active() const { return active_; }   // of a split: the one before it
  std::optional<std::size_t> strongest(Instant now) const;      // of those that speak: RFC 9568 6.4.3
  bool is_silent(std::size_t router, Instant now) const;        // for about what a backup waits, or for ever
  std::optional<Instant> last_heard(std::size_t router) const { return speakers_[router].last; }
  Duration interval(std::size_t router) const;
  std::uint8_t priority(std::size_t router) const { return speakers_[router].priority; }

  // When advance() is due though nothing is heard; after the last advance().
  std::optional<Instant> next() const;

 private:
  struct Voice {   // of one version
    Instant at{};
    Duration interval{};
  };
  struct Speaker {
    std::optional<Instant> last;   // nothing: never heard, or it gave up
    std::array<Voice, 2> voices{};   // version 2, version 3
    std::uint8_t priority = 0;
    boost::asio::ip::address source;
    Instant challenged_at{};
    unsigned spoke = 0;            // since it challenges the active one; 0: it does not
    unsigned answered = 0;         // advertisements of the active one since then
  };

  void challenge(std::size_t challenger);
  void settle(Instant now);        // what follows from what was heard and from the time
  void settle_split(Instant now);
  void become(VirtualRouterState state, std::optional<std::size_t> active);
  bool speaks(const Speaker& speaker, Instant now) const;
  bool accepts(const Speaker& speaker, Instant now) const;   // the active one gives way to this challenger
  Duration interval_of(const Speaker& speaker) const;
  Duration patience(const Speaker& speaker) const;       // k intervals
  Duration down_time(const Speaker& speaker) const;      // after which somebody else must have spoken
  Duration quiet_time(const Speaker& speaker) const;     // after which a router no longer takes part in a dispute
  Duration take_over_time(const Speaker& speaker) const;   // silence that makes another's claim plain

  unsigned down_timer_adverts_;
  std::vector<Speaker> speakers_;
  VirtualRouterState state_ = VirtualRouterState::kUnknown;
  std::optional<std::size_t> active_;
  Instant since_;                  // of UNKNOWN and RELEASING: when waiting began
  Instant now_;
};

}  // namespace server
