// Determines the active router from advertisements alone: what a host on the link can conclude without taking part.
// RFC 9568 6, in virtual time.
//
//     UNKNOWN     any router is heard              --> ACTIVE
//                 no router is heard               --> NO_ACTIVE
//     ACTIVE(A)   A is silent for k intervals      --> SUSPECT(A)    and for another skew         --> NO_ACTIVE
//                 A gives up (priority 0)          --> RELEASING(A)  no other router is heard     --> NO_ACTIVE
//     NO_ACTIVE   any router is heard              --> ACTIVE
//
//     Another router X is heard while A is active, suspect or releasing:
//       A gave up, or is silent for about as long as a backup waits      --> ACTIVE(X) at once
//       otherwise X challenges A, and the state stays as it is, until
//         A misses its next advertisement, and X wins                    --> ACTIVE(X): a normal preemption, one change
//         A stays silent                                                 --> ACTIVE(X)
//         both continue                                                  --> SPLIT, until one remains
//         X becomes silent                                               --> the challenge is dropped
//
// X wins if its priority is higher, or equal with a higher address: A becomes a backup when it hears X.
//
// k is down_timer_adverts: the number of advertisements that a backup misses before it takes over. Times are multiples
// of the interval learned from each router. The skew is at most one interval (version 2: one second), because the
// priority of the backup is not known. A greater k also allows a challenge more time, because lost advertisements are
// expected.
//
// A router that sends both versions is one sender; the longer one of its two timers counts. A value; one thread. Time
// never goes back: an older event counts as if it happened at the time of the newest one.
#pragma once

#include <array>

#include "server/vrrp/packet.h"
#include "server/vrrp/status.h"

namespace server {

class Election {
 public:
  Election(std::size_t routers, unsigned down_timer_adverts, Instant started);

  void advert_received(const Advertisement& advertisement, Instant at);
  void released(std::size_t router, Instant at);  // as after an advertisement of priority 0
  void failed(std::size_t router, Instant at);    // is not active; a missing successor does not change that
  void restart(Instant at);                       // all state is lost: advertisements could not be received
  void advance(Instant now);

  VirtualRouterState state() const { return state_; }              // never kFlapping
  std::optional<std::size_t> active() const { return active_; }    // in a split: the one before it
  std::optional<std::size_t> highest_priority(Instant now) const;  // of the routers that are heard: RFC 9568 6.4.3
  bool is_silent(std::size_t router, Instant now) const;  // for about as long as a backup waits, or never heard
  std::optional<Instant> last_heard(std::size_t router) const { return senders_[router].last; }
  Duration interval(std::size_t router) const;
  VrrpVersion version(std::size_t router) const;  // that was heard last
  bool is_sending(std::size_t router, Instant now) const { return is_sending(senders_[router], now); }
  Duration longest_takeover(std::size_t router) const;  // from its last advertisement to the first one of a backup
  std::uint8_t priority(std::size_t router) const { return senders_[router].priority; }

  // When to call advance() if nothing is heard; valid after the last advance().
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
    unsigned adverts_since_challenge = 0;  // since it challenges the active router; 0: no challenge
    unsigned active_adverts_since = 0;     // advertisements of the active router since then
  };

  void challenge(std::size_t challenger);
  void update(Instant now);  // applies what follows from the advertisements and the time
  void update_split(Instant now);
  void set_state(VirtualRouterState state, std::optional<std::size_t> active);
  bool is_sending(const Sender& sender, Instant now) const;
  static bool wins_over(const Sender& one, const Sender& other);  // as routers compare each other
  bool yields_to(const Sender& sender, Instant now) const;        // the active router gives way to this challenger
  Duration interval_of(const Sender& sender) const;
  Duration silence_limit(const Sender& sender) const;         // k intervals
  Duration active_down_interval(const Sender& sender) const;  // after this time another router must have taken over
  Duration dispute_timeout(const Sender& sender) const;   // after this time a router no longer takes part in a dispute
  Duration missed_next(const Sender& sender) const;       // after this silence it gave way to a router that wins
  Duration takeover_silence(const Sender& sender) const;  // after this silence another router's claim is accepted

  unsigned down_timer_adverts_;
  std::vector<Sender> senders_;
  VirtualRouterState state_ = VirtualRouterState::kUnknown;
  std::optional<std::size_t> active_;
  Instant since_;  // of UNKNOWN and RELEASING: when the wait began
  Instant now_;
};

}  // namespace server
