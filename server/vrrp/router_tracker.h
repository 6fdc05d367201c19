// One virtual router, judged from all that is known of it: the pure state machine behind `VirtualRouterStatus`, in
// virtual time.
//
//     advertisements --> Election ------.
//     own VIP, own FIFO --> local role ------+--> combined --> split policy --> flap damping --> VirtualRouterStatus
//
// What other routers send outweighs what this host claims of itself: a keepalived that was killed or cut off leaves its
// address where it was. A local role counts while no other router is heard; a denial (FAULT, STOP, the address removed)
// counts at once. Where only this host's own role is known and there are exactly two routers, "not this one" means the
// other.
//
// A move is the active router becoming another, or returning after there was none. `flap_transitions` moves within
// `flap_within`: FLAPPING, frozen at the one before those moves, until none has happened for `flap_stable`.
//
// Frozen on a router that is dead, a record would lead nowhere until it is quiet. So where the frozen one is positively
// silent (it gave up, or was not heard for as long as a backup waits) and another has been ACTIVE for longer than
// `flap_within` divided by `flap_transitions`, the freeze moves to that one. Moves that far apart are not flapping by
// the very numbers that were configured: however the routers go on, the record changes no more often than an undamped
// one may. A value; one thread. The same events give the same status.
#pragma once

#include <deque>

#include "server/vrrp/election.h"

namespace server {

// The virtual addresses on this host. Live: all present, on links that are up with carrier and not protodown.
enum class VipState : std::uint8_t { kUnknown, kAbsent, kNotLive, kLive };

// What keepalived says of its instance on this host.
enum class FifoRole : std::uint8_t { kUnknown, kMaster, kBackup, kFault, kStop };

enum class CaptureState : std::uint8_t { kNotCapturing, kCapturing };  // can advertisements be heard at all

class RouterTracker {
 public:
  RouterTracker(VirtualRouterOptions options, Instant started);

  void advertisement(const Advertisement& advertisement, Instant at);
  void vip(VipState state, Instant at);
  void role(FifoRole role, Instant at);
  void set_capture(CaptureState capture, Instant at);  // deaf at first
  void advance(Instant now);

  VirtualRouterStatus status(Instant now) const;  // after advance(now); the words are made here
  std::optional<Instant> next_deadline() const;
  VirtualRouterState state() const { return current_.state; }
  std::optional<std::size_t> active() const { return current_.active; }
  bool stale_vip() const { return stale_vip_; }

  const VirtualRouterOptions& options() const { return options_; }
  std::uint64_t transitions() const { return transitions_; }  // changes of state or active router

 private:
  enum class LocalRole : std::uint8_t { kNone, kActive, kNotActive, kFailed };
  struct RouterState {
    VirtualRouterState state = VirtualRouterState::kUnknown;
    std::optional<std::size_t> active;

    friend bool operator==(const RouterState&, const RouterState&) = default;
  };
  struct Move {
    Instant at;
    std::optional<std::size_t> from;
  };

  void update();
  LocalRole local_role() const;
  void local_role_changed(LocalRole before);
  RouterState combined() const;
  RouterState by_local_role(LocalRole local_role) const;
  RouterState apply_split_policy(RouterState result);
  RouterState apply_flap_damping(RouterState result);
  void unfreeze_dead_router(const RouterState& result);
  Duration stable_time() const { return options_.flap_within / std::max(options_.flap_transitions, 1U); }
  bool detects_stale_vip(const RouterState& result) const;
  std::string reason(Instant now) const;
  std::string election_evidence(Instant now) const;

  VirtualRouterOptions options_;
  std::optional<std::size_t> local_;
  bool passive_;
  Election election_;
  CaptureState capture_ = CaptureState::kNotCapturing;
  VipState vip_ = VipState::kUnknown;
  FifoRole role_ = FifoRole::kUnknown;
  Instant local_role_since_;  // since when local_role() is what it is
  std::optional<Instant> split_since_;
  std::optional<std::size_t> undamped_active_;  // the active one before damping; stays where there is none
  Instant undamped_since_{};                    // since when
  bool none_active_ = false;                    // there was none since
  std::deque<Move> moves_;                      // within flap_within, or those that made it flap
  std::optional<Instant> flapping_until_;
  std::optional<std::size_t> frozen_;
  RouterState current_;
  bool stale_vip_ = false;
  Instant since_;
  Instant now_;
  std::uint64_t transitions_ = 0;
};

}  // namespace server
