// The state of one virtual router, computed from all sources: the pure state machine behind `VirtualRouterStatus`, in
// virtual time.
//
//     advertisements --> Election -----------.
//     own VIP, own FIFO --> local role ------+--> combined --> split policy --> flap damping --> VirtualRouterStatus
//
// What other routers send wins over what this host claims: a keepalived that was killed or cut off leaves its address
// in place. A local role counts only while no other router is heard. A denial (FAULT, STOP, the address removed) counts
// at once. If only this host's own role is known and there are exactly two routers, "not this one" means the other one.
//
// A move is a change of the active router, or its return after there was none. `flap_transitions` moves within
// `flap_within` mean FLAPPING: the active router is frozen at the one before those moves, until there was no move for
// `flap_stable`.
//
// If the frozen router is dead, records would point to it until the flapping ends. So the freeze moves to another
// router if the frozen one is certainly silent (it gave up, or was not heard for as long as a backup waits) and the
// other one has been ACTIVE for longer than `flap_within` divided by `flap_transitions`. Moves that far apart are not
// flapping by the configured numbers, so the record never changes more often than an undamped one may. A value; one
// thread. The same events give the same status.
#pragma once

#include <algorithm>
#include <deque>

#include "server/vrrp/election.h"

namespace server {

// The virtual addresses on this host. Live: all are present, on links that are up, with carrier and not protodown.
enum class VipState : std::uint8_t { kUnknown, kAbsent, kNotLive, kLive };

// The state of keepalived's instance on this host.
enum class FifoRole : std::uint8_t { kUnknown, kMaster, kBackup, kFault, kStop };

enum class CaptureState : std::uint8_t { kNotCapturing, kCapturing };  // whether advertisements can be received at all

class RouterTracker {
 public:
  RouterTracker(VirtualRouterOptions options, Instant started);

  void advertisement(const Advertisement& advertisement, Instant at);
  void vip(VipState state, Instant at);
  void role(FifoRole role, Instant at);
  void set_capture(CaptureState capture, Instant at);  // kNotCapturing at first
  void advance(Instant now);

  VirtualRouterStatus status(Instant now) const;  // call advance(now) first; the reason is formatted here
  std::optional<Instant> next_deadline() const;
  VirtualRouterState state() const { return current_.state; }
  std::optional<std::size_t> active() const { return current_.active; }
  bool stale_vip() const { return stale_vip_; }
  const Election& election() const { return election_; }

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
  std::string election_reason(Instant now) const;

  VirtualRouterOptions options_;
  std::optional<std::size_t> local_;
  bool passive_;
  Election election_;
  CaptureState capture_ = CaptureState::kNotCapturing;
  VipState vip_ = VipState::kUnknown;
  FifoRole role_ = FifoRole::kUnknown;
  Instant local_role_since_;  // when local_role() last changed
  std::optional<Instant> split_since_;
  std::optional<std::size_t> undamped_active_;  // the active router before damping; unchanged while there is none
  Instant undamped_since_{};                    // when it last changed
  bool none_active_ = false;                    // there was no active router since then
  std::deque<Move> moves_;                      // within flap_within, or those that caused the flapping
  std::optional<Instant> flapping_until_;
  std::optional<std::size_t> frozen_;
  RouterState current_;
  bool stale_vip_ = false;
  Instant since_;
  Instant now_;
  std::uint64_t transitions_ = 0;
};

}  // namespace server
