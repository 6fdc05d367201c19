// Who is active, by advertisements alone: what a host on the link may conclude that takes no part. RFC 9568 6, in
// virtual time.
//
//     UNKNOWN --any--> ACTIVE(A) --A silent for k intervals--> SUSPECT(A) --and for another skew--> NO_ACTIVE
//        \               |  ^  \--A gives up (priority 0)--> RELEASING(A) --nobody speaks--------------^   \--any-->
//        ACTIVE
//         \--nobody--> NO_ACTIVE
//                        |  |
//                        v  |            X speaks: ACTIVE(X) at once where A gave up or is silent for about what a
//                        backup waits;
//                     challenge          else X challenges A, and nothing changes until
//                        |                 A stays silent        ACTIVE(X): a normal preemption, one change
//                        v                 both go on            SPLIT until one remains
//                      SPLIT               X falls silent        it is forgotten
//
// k is down_timer_adverts: how many advertisements a backup misses before it takes over. Times are multiples of the
// interval learned from each router; the skew is at most one interval (version 2: one second), whatever the priority of
// a backup that nobody knows. With greater k, patience with those who challenge grows too: lost advertisements are then
// expected.
//
// A router that sends both versions is one sender; the more patient of its two timers holds.
// A value; one thread. Time never goes back: what is older than the newest event counts as of then.
#pragma once

#include <array>

#include "server/vrrp/packet.h"
#include "server/vrrp/status.h"

namespace server {

class Election {
 public:
  Election(std::size_t routers, unsigned down_timer_adverts, Instant started);

  void advert_received(const Advertisement& advertisement, Instant at);
  void released(std::size_t router, Instant at);  // as by an advertisement of priority 0
  void failed(std::size_t router, Instant at);    // is not active, and waiting for a successor is no reason to say so
  void restart(Instant at);                       // nothing is known: advertisements could not be heard
  void advance(Instant now);

  VirtualRouterState state() const { return state_; }              // never kFlapping
  std::optional<std::size_t> active() const { return active_; }    // of a split: the one before it
  std::optional<std::size_t> highest_priority(Instant now) const;  // of those that speak: RFC 9568 6.4.3
  bool is_silent(std::size_t router, Instant now) const;           // for about what a backup waits, or for ever
  std::optional<Instant> last_heard(std::size_t router) const { return senders_[router].last; }
  Duration interval(std::size_t router) const;
  std::uint8_t priority(std::size_t router) const { return senders_[router].priority; }

  // When advance() is due though nothing is heard; after the last advance().
  std::optional<Instant> next() const;

 private:
  struct VersionTimer {  // of one version
    Instant at{};
    Duration interval{};
  };
  struct Sender {
    std::optional<Instant> last;             // nothing: never heard, or it gave up
    std::array<VersionTimer, 2> versions{};  // version 2, version 3
    std::uint8_t priority = 0;
    boost::asio::ip::address source;
    Instant challenged_at{};
    unsigned adverts_since_challenge = 0;  // since it challenges the active one; 0: it does not
    unsigned active_adverts_since = 0;     // advertisements of the active one since then
  };

  void challenge(std::size_t challenger);
  void update(Instant now);  // what follows from what was heard and from the time
  void update_split(Instant now);
  void set_state(VirtualRouterState state, std::optional<std::size_t> active);
  bool is_sending(const Sender& sender, Instant now) const;
  bool yields_to(const Sender& sender, Instant now) const;  // the active one gives way to this challenger
  Duration interval_of(const Sender& sender) const;
  Duration silence_limit(const Sender& sender) const;         // k intervals
  Duration active_down_interval(const Sender& sender) const;  // after which somebody else must have spoken
  Duration dispute_timeout(const Sender& sender) const;       // after which a router no longer takes part in a dispute
  Duration takeover_silence(const Sender& sender) const;      // silence that makes another's claim plain

  unsigned down_timer_adverts_;
  std::vector<Sender> senders_;
  VirtualRouterState state_ = VirtualRouterState::kUnknown;
  std::optional<std::size_t> active_;
  Instant since_;  // of UNKNOWN and RELEASING: when waiting began
  Instant now_;
};

}  // namespace server
