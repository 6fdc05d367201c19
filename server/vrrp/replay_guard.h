// Refuses authenticated advertisements of a router that were recorded and are sent again: the time in the trailer of
// auth_hmac increases with each advertisement.
//
// A router whose clock was ahead once must not be refused until that time. So times that are ahead of this host's clock
// are compared among themselves only:
//
//     at most kMaxAhead ahead   later than all such times before
//     further ahead             later than all times before
//
// If this host's clock is behind, all times are ahead and each must be later than the one before. What remains: an
// advertisement that was recorded while the clock was ahead is accepted once, when its time comes. A value; one thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace server {

class ReplayGuard {
 public:
  static constexpr std::chrono::seconds kMaxAhead{2};

  // `stamp`: seconds since 1970 in the upper half, their fraction and a counter below. `wall`: of this host.
  bool accept(std::uint64_t stamp, std::chrono::seconds wall) {
    const bool ahead = std::chrono::seconds(stamp >> 32) > wall + kMaxAhead;
    std::uint64_t& latest = ahead ? latest_ahead_ : latest_;
    if (stamp <= latest_ || stamp <= latest) return false;
    latest = stamp;
    return true;
  }

 private:
  std::uint64_t latest_ = 0, latest_ahead_ = 0;
};

}  // namespace server
