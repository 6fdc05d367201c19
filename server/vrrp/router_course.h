// What happens to a virtual router if some of its routers fail: the advertisements that its routers would send from now
// on, and what its tracker concludes from them. For simulations, in virtual time.
//
//     router fails        just after an advertisement; a host without advertisements sees its own router fail at once
//     no router is left   the first configured router that has not failed takes over, as late as a backup may
//     takes over          advertises at each interval; on this host it has the virtual addresses and the role MASTER
//
// A value; one thread. Call `advance` at each time that `next` returns; time never goes back.
#pragma once

#include <vector>

#include "server/vrrp/router_tracker.h"

namespace server {

class RouterCourse {
 public:
  // `tracker`: as it is at `now`. The routers that were heard lately go on advertising.
  RouterCourse(RouterTracker tracker, Instant now);
  // Without a tracker of the past: the router `active` was heard just now; nothing: none was.
  RouterCourse(const VirtualRouterOptions& options, std::optional<std::size_t> active, Instant now);

  bool advertises(std::size_t router) const { return routers_[router].advertises; }
  void fail(std::size_t router, Instant at);
  std::optional<Instant> next() const;
  void advance(Instant now);
  VirtualRouterStatus status(Instant now) const { return tracker_.status(now); }
  std::uint64_t transitions() const { return tracker_.transitions(); }

 private:
  struct Router {
    bool failed = false, advertises = false;
    Instant next{};  // advertisement
    Duration interval{};
  };

  bool listens(VrrpSource source) const;
  bool is_local(std::size_t router) const { return tracker_.options().routers[router].name == local_; }
  void advertise(std::size_t router, Instant at);
  void await_takeover(std::size_t after, Instant at);
  void take_over(Instant at);

  RouterTracker tracker_;
  std::string local_;  // empty: this host is none of the routers
  std::vector<Router> routers_;
  std::optional<Instant> takeover_at_;
};

}  // namespace server
