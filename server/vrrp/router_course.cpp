#include "server/vrrp/router_course.h"

#include <algorithm>

namespace server {
namespace {

constexpr std::uint8_t kUsualPriority = 100;

// A tracker that knows nothing but the present active router.
RouterTracker assumed(const VirtualRouterOptions& options, Instant now) {
  RouterTracker tracker(options, now);
  tracker.set_capture(CaptureState::kCapturing, now);
  return tracker;
}

}  // namespace

RouterCourse::RouterCourse(RouterTracker tracker, Instant now)
    : tracker_(std::move(tracker)),
      local_(listens(VrrpSource::kFifo) || listens(VrrpSource::kNetlink) ? tracker_.options().local_router : ""),
      routers_(tracker_.options().routers.size()) {
  for (std::size_t i = 0; i < routers_.size(); ++i) {
    routers_[i].interval = tracker_.election().interval(i);
    routers_[i].advertises = tracker_.election().is_sending(i, now);
    if (routers_[i].advertises)
      routers_[i].next = std::max(*tracker_.election().last_heard(i) + routers_[i].interval, now + Duration{1});
  }
}

RouterCourse::RouterCourse(const VirtualRouterOptions& options, std::optional<std::size_t> active, Instant now)
    : RouterCourse(assumed(options, now), now) {
  if (!active) return;
  if (listens(VrrpSource::kPassive)) advertise(*active, now);
  if (!local_.empty() && listens(VrrpSource::kNetlink))
    tracker_.vip(is_local(*active) ? VipState::kLive : VipState::kAbsent, now);
  if (!local_.empty() && listens(VrrpSource::kFifo))
    tracker_.role(is_local(*active) ? FifoRole::kMaster : FifoRole::kBackup, now);
}

bool RouterCourse::listens(VrrpSource source) const {
  return std::ranges::find(tracker_.options().sources, source) != tracker_.options().sources.end();
}

void RouterCourse::advertise(std::size_t router, Instant at) {
  Router& sender = routers_[router];
  sender.advertises = true;
  sender.next = at + sender.interval;
  const RouterOptions& options = tracker_.options().routers[router];
  const std::uint8_t known = tracker_.election().priority(router);
  tracker_.advertisement({.version = tracker_.election().version(router),
                          .priority = known == 0 ? kUsualPriority : known,
                          .interval = sender.interval,
                          .source = options.addresses.empty() ? boost::asio::ip::address() : options.addresses.front(),
                          .router = router,
                          .hmac = {}},
                         at);
}

void RouterCourse::fail(std::size_t router, Instant at) {
  if (std::exchange(routers_[router].failed, true)) return;
  const bool was_active = tracker_.active() == router;
  if (routers_[router].advertises) {
    advertise(router, at);
    routers_[router].advertises = false;
    if (std::ranges::none_of(routers_, &Router::advertises)) await_takeover(router, at);
  } else if (was_active && !listens(VrrpSource::kPassive)) {
    await_takeover(router, at);
  }
  if (listens(VrrpSource::kPassive) || !is_local(router)) return;
  if (listens(VrrpSource::kNetlink)) tracker_.vip(VipState::kAbsent, at);
  if (listens(VrrpSource::kFifo)) tracker_.role(FifoRole::kFault, at);
}

void RouterCourse::await_takeover(std::size_t after, Instant at) {
  takeover_at_ = at + tracker_.election().longest_takeover(after);
  for (Router& router : routers_)
    if (!router.advertises) router.interval = routers_[after].interval;
}

void RouterCourse::take_over(Instant at) {
  takeover_at_.reset();
  const auto alive = std::ranges::find(routers_, false, &Router::failed);
  if (alive == routers_.end()) return;
  const auto router = static_cast<std::size_t>(alive - routers_.begin());
  if (listens(VrrpSource::kPassive)) advertise(router, at);
  if (local_.empty() || !is_local(router)) return;
  if (listens(VrrpSource::kNetlink)) tracker_.vip(VipState::kLive, at);
  if (listens(VrrpSource::kFifo)) tracker_.role(FifoRole::kMaster, at);
}

std::optional<Instant> RouterCourse::next() const {
  std::optional<Instant> next = tracker_.next_deadline();
  const auto at = [&](Instant instant) { next = next ? std::min(*next, instant) : instant; };
  for (const Router& router : routers_)
    if (router.advertises) at(router.next);
  if (takeover_at_) at(*takeover_at_);
  return next;
}

void RouterCourse::advance(Instant now) {
  for (std::size_t i = 0; i < routers_.size(); ++i)
    if (routers_[i].advertises && routers_[i].next <= now) advertise(i, now);
  if (takeover_at_ && *takeover_at_ <= now) take_over(now);
  tracker_.advance(now);
}

}  // namespace server
