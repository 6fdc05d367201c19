#include <algorithm>
#include <functional>
#include <map>
#include <random>

#include <doctest/doctest.h>

#include "server/vrrp/router_tracker.h"
#include "tests/support/repetitions.h"

using namespace server;
using namespace std::chrono_literals;

namespace {

constexpr Instant kStart{1000s};

VirtualRouterOptions pair_of_routers() {
  VirtualRouterOptions options;
  options.name = "lan-gw";
  options.vrid = 51;
  options.routers = {{"a", {boost::asio::ip::make_address("192.0.2.2")}},
                     {"b", {boost::asio::ip::make_address("192.0.2.3")}}};
  return options;
}

using Change = std::function<void(VirtualRouterOptions&)>;

VirtualRouterOptions routers_with(const Change& change) {
  VirtualRouterOptions options = pair_of_routers();
  change(options);
  return options;
}

std::string_view state_name(VirtualRouterState state) {
  static constexpr std::string_view kWords[] = {"unknown", "active", "releasing", "suspect",
                                                "none",    "split",  "flapping"};
  return kWords[static_cast<std::size_t>(state)];
}

// Events in virtual time, and the changes that a tracker reports, with their times in milliseconds.
class Story {
 public:
  explicit Story(VirtualRouterOptions options = pair_of_routers()) : options_(std::move(options)) {
    capture(0, CaptureState::kCapturing);
  }

  Story& at(long ms, std::function<void(RouterTracker&, Instant)> event) {
    events_.emplace(ms, std::move(event));
    return *this;
  }
  Story& advert(long ms, std::size_t router, std::uint8_t priority, Duration interval = 1s,
                VrrpVersion version = VrrpVersion::kV3) {
    Advertisement advertisement;
    advertisement.version = version;
    advertisement.priority = priority;
    advertisement.interval = interval;
    advertisement.router = router;
    advertisement.source = options_.routers[router].addresses[0];
    return at(ms, [=](RouterTracker& tracker, Instant now) { tracker.advertisement(advertisement, now); });
  }
  // One advertisement per interval, from `first` to `last`.
  Story& advertise(long first, long last, std::size_t router, std::uint8_t priority, Duration interval = 1s,
                   VrrpVersion version = VrrpVersion::kV3) {
    for (long ms = first; ms <= last; ms += interval / 1ms) advert(ms, router, priority, interval, version);
    return *this;
  }
  Story& vip(long ms, VipState state) {
    return at(ms, [=](RouterTracker& tracker, Instant now) { tracker.vip(state, now); });
  }
  Story& role(long ms, FifoRole role) {
    return at(ms, [=](RouterTracker& tracker, Instant now) { tracker.role(role, now); });
  }
  Story& capture(long ms, CaptureState state) {
    return at(ms, [=](RouterTracker& tracker, Instant now) { tracker.set_capture(state, now); });
  }

  // "0 active a, 3000 suspect a". Between the events the tracker advances at its deadlines, as with timers.
  std::string changes(long until) {
    RouterTracker tracker(options_, kStart);
    std::string line, before = "unknown -";
    const auto record = [&](Instant now) {
      const VirtualRouterStatus status = tracker.status(now);
      std::string here = std::string(state_name(status.state)) + " " +
                         (status.active ? options_.routers[*status.active].name : "-") +
                         (status.stale_vip ? " stale" : "");
      if (here == before) return;
      line += (line.empty() ? "" : ", ") + std::to_string((now - kStart) / 1ms) + " " + here;
      before = here;
    };
    const auto wait = [&](Instant end) {
      for (auto next = tracker.next_deadline(); next && *next <= end; next = tracker.next_deadline()) {
        tracker.advance(*next);
        record(*next);
      }
    };
    for (const auto& event : events_) {
      const Instant now = kStart + event.first * 1ms;
      wait(now);
      event.second(tracker, now);
      record(now);
    }
    wait(kStart + until * 1ms);
    return line;
  }

 private:
  VirtualRouterOptions options_;
  std::multimap<long, std::function<void(RouterTracker&, Instant)>> events_;
};

constexpr std::size_t kA = 0, kB = 1;
const Change on_a = [](VirtualRouterOptions& o) {
  o.local_router = "a", o.sources = {VrrpSource::kPassive, VrrpSource::kNetlink, VrrpSource::kFifo};
};
const Change only_on_a = [](VirtualRouterOptions& o) {
  o.local_router = "a", o.sources = {VrrpSource::kNetlink, VrrpSource::kFifo};
};
const Change no_flapping = [](VirtualRouterOptions& o) { o.flap_transitions = 0; };
const Change long_down_timer = [](VirtualRouterOptions& o) { o.down_timer_adverts = 20; };

}  // namespace

TEST_CASE("router tracker: is unknown at first; then a router is active, or none after four intervals") {
  CHECK(Story().changes(4000) == "");
  CHECK(Story().changes(9000) == "4050 none -");
  CHECK(Story().advertise(300, 9300, kA, 200).changes(9000) == "300 active a");
  CHECK(Story().advert(4500, kB, 100).changes(5000) == "4050 none -, 4500 active b");
  CHECK(Story().advert(500, kA, 0).changes(3000) == "");
}

TEST_CASE("router tracker: a silent router is suspect after three intervals, and none is active after another skew") {
  CHECK(Story().advertise(0, 5000, kA, 200).changes(20'000) == "0 active a, 8000 suspect a, 9050 none -");
  CHECK(Story().advertise(0, 500, kA, 200, 100ms).changes(20'000) == "0 active a, 800 suspect a, 950 none -");
  CHECK(Story().advertise(0, 5000, kA, 200, 1s, VrrpVersion::kV2).changes(20'000) ==
        "0 active a, 8000 suspect a, 9050 none -");
  CHECK(Story().advertise(0, 6000, kA, 200, 3s, VrrpVersion::kV2).changes(40'000) ==
        "0 active a, 15000 suspect a, 18050 none -");
  CHECK(Story(routers_with(long_down_timer)).advertise(0, 5000, kA, 200, 500ms).changes(40'000) ==
        "0 active a, 15000 suspect a, 15550 none -");
  CHECK(Story().advertise(0, 5000, kA, 200).advertise(8500, 12'000, kA, 200).changes(10'000) ==
        "0 active a, 8000 suspect a, 8500 active a");
}

TEST_CASE("router tracker: after a silent failure the new router is active with its first advertisement") {
  // A backup of priority 100 waits three intervals and a skew of 0.609 s, or 0.0609 s if the interval is 0.1 s.
  CHECK(Story().advertise(0, 5000, kA, 200).advertise(8609, 20'000, kB, 100).changes(19'000) ==
        "0 active a, 8000 suspect a, 8609 active b");
  CHECK(Story().advertise(0, 500, kA, 200, 100ms).advertise(861, 3000, kB, 100, 100ms).changes(2900) ==
        "0 active a, 800 suspect a, 861 active b");
  CHECK(Story()
            .advertise(0, 5000, kA, 200, 1s, VrrpVersion::kV2)
            .advertise(8609, 20'000, kB, 100, 1s, VrrpVersion::kV2)
            .changes(19'000) == "0 active a, 8000 suspect a, 8609 active b");
  // Priority 254 has almost no skew. The tracker received the last advertisement a little later than the backup.
  CHECK(Story().advertise(0, 5000, kA, 200).advertise(7990, 20'000, kB, 254).changes(19'000) ==
        "0 active a, 7990 active b");
}

TEST_CASE("router tracker: after priority 0 the router stays active until another router advertises") {
  CHECK(Story().advertise(0, 5000, kA, 200).advert(5400, kA, 0).advertise(6010, 9010, kB, 100).changes(9500) ==
        "0 active a, 5400 releasing a, 6010 active b");
  CHECK(Story()
            .advertise(0, 500, kA, 200, 100ms)
            .advert(540, kA, 0, 100ms)
            .advertise(601, 1000, kB, 100, 100ms)
            .changes(1000) == "0 active a, 540 releasing a, 601 active b");
  CHECK(Story().advertise(0, 5000, kA, 200).advert(5400, kA, 0).changes(20'000) ==
        "0 active a, 5400 releasing a, 9450 none -");
  CHECK(Story().advertise(0, 5000, kA, 200).advert(5400, kA, 0).advertise(5900, 9900, kA, 200).changes(9900) ==
        "0 active a, 5400 releasing a, 5900 active a");
  CHECK(Story().advertise(0, 5000, kA, 200).advert(5400, kB, 0).changes(7000) == "0 active a");
}

TEST_CASE("router tracker: a preemption is one change") {
  CHECK(Story().advertise(0, 5000, kB, 100).advertise(5700, 20'000, kA, 200).changes(19'000) ==
        "0 active b, 6250 active a");
  CHECK(Story().advertise(0, 500, kB, 100, 100ms).advertise(570, 2000, kA, 200, 100ms).changes(1900) ==
        "0 active b, 625 active a");
  CHECK(Story().advertise(0, 50'000, kA, 100, 10s).advertise(53'000, 200'000, kB, 200, 10s).changes(190'000) ==
        "0 active a, 62500 active b");
  CHECK(Story().advertise(0, 5000, kA, 100).advertise(5700, 20'000, kB, 100).changes(19'000) ==
        "0 active a, 6250 active b");  // the higher address wins
  // A router that does not win must be the only one for longer.
  CHECK(Story().advertise(0, 5000, kB, 200).advertise(5700, 20'000, kA, 100).changes(19'000) ==
        "0 active b, 7250 active a");
  // The preempted router sends priority 0.
  CHECK(Story()
            .advertise(0, 5000, kB, 100)
            .advert(5700, kA, 200)
            .advert(5701, kB, 0)
            .advertise(6700, 9700, kA, 200)
            .changes(9900) == "0 active b, 5701 active a");
  // Two advertisements that cross on the link are not a split.
  CHECK(Story().advertise(0, 5000, kB, 100).advertise(4990, 20'000, kA, 200).changes(19'000) ==
        "0 active b, 6250 active a");
}

TEST_CASE("router tracker: one advertisement of another router changes nothing while the active router continues") {
  CHECK(Story().advertise(0, 20'000, kA, 200).advert(5500, kB, 254).advert(12'500, kB, 254).changes(19'000) ==
        "0 active a");
}

TEST_CASE("router tracker: detects a split within one interval, keeps the active router, then priority decides") {
  CHECK(Story().advertise(0, 30'000, kA, 100).advertise(5400, 30'000, kB, 200).changes(30'000) ==
        "0 active a, 6400 split a, 16400 split b");
  CHECK(Story().advertise(0, 30'000, kA, 200).advertise(5400, 30'000, kB, 100).changes(30'000) ==
        "0 active a, 6400 split a");
  CHECK(Story().advertise(0, 30'000, kA, 100).advertise(5400, 30'000, kB, 100).changes(30'000) ==
        "0 active a, 6400 split a, 16400 split b");  // the higher address wins
  CHECK(Story(routers_with([](auto& o) { o.on_split = OnSplit::kPreferPriority; }))
            .advertise(0, 9000, kA, 100)
            .advertise(5400, 9000, kB, 200)
            .changes(9000) == "0 active a, 6400 split b");
  CHECK(Story(routers_with([](auto& o) { o.on_split = OnSplit::kNone; }))
            .advertise(0, 9000, kA, 100)
            .advertise(5400, 9000, kB, 200)
            .changes(9000) == "0 active a, 6400 split -");
  // The split ends: one router becomes silent, or sends priority 0.
  CHECK(Story().advertise(0, 30'000, kA, 200).advertise(5400, 12'400, kB, 100).changes(30'000) ==
        "0 active a, 6400 split a, 14650 active a");
  CHECK(Story().advertise(0, 12'000, kA, 100).advertise(5400, 30'000, kB, 200).changes(30'000) ==
        "0 active a, 6400 split a, 14250 active b");
  CHECK(Story().advertise(0, 30'000, kA, 200).advertise(5400, 12'400, kB, 100).advert(12'500, kB, 0).changes(30'000) ==
        "0 active a, 6400 split a, 12500 active a");
  // Both routers become silent.
  CHECK(Story().advertise(0, 9000, kA, 200).advertise(5400, 9400, kB, 100).changes(30'000) ==
        "0 active a, 6400 split a, 11250 active b, 12400 suspect b, 13450 none -");
}

TEST_CASE("router tracker: frequent moves freeze the router that was active before them, until the moves stop") {
  // The port of A is toggled ten times in twenty seconds: B takes over and is preempted each time.
  Story story;
  for (long n = 0; n < 10; ++n) {
    story.advertise(n * 2000, n * 2000 + 800, kA, 200, 100ms);
    story.advertise(n * 2000 + 1161, n * 2000 + 2061, kB, 100, 100ms);
  }
  story.advertise(20'000, 200'000, kA, 200, 100ms);
  const std::string changes = story.changes(199'000);
  CHECK(changes.starts_with("0 active a, 1100 suspect a, 1161 active b, "));
  CHECK(changes.find("flapping a") != std::string::npos);
  CHECK(changes.ends_with(" active a"));
  std::size_t actives = 0;
  for (std::size_t at = changes.find(" active"); at != std::string::npos; at = changes.find(" active", at + 1))
    ++actives;
  CHECK(actives <= 5);
}

TEST_CASE("router tracker: a freeze on a dead router moves once, to a router that is active for long enough") {
  Story story;
  for (long n = 0; n < 3; ++n) {
    story.advertise(n * 2000, n * 2000 + 800, kA, 200, 100ms);
    story.advertise(n * 2000 + 1161, n * 2000 + 2061, kB, 100, 100ms);
  }
  story.advertise(5161, 100'000, kB, 100, 100ms);  // A does not return
  const std::string changes = story.changes(90'000);
  const std::size_t frozen = changes.find(" flapping a, "), moved = changes.find(" flapping b");
  REQUIRE(frozen != std::string::npos);
  REQUIRE(moved != std::string::npos);
  CHECK(changes.find(" flapping", moved + 1) == std::string::npos);
  // B is active since 5161. 60 s divided by 4 moves is 15 s.
  CHECK(changes.find("20161 flapping b") != std::string::npos);
}

TEST_CASE("router tracker: a single router that comes and goes is flapping, unless flap detection is off") {
  const auto toggled = [](VirtualRouterOptions options) {
    Story story(std::move(options));
    for (long n = 0; n < 5; ++n) story.advertise(n * 6000, n * 6000 + 1000, kA, 200);
    return story.changes(400'000);
  };
  CHECK(toggled(pair_of_routers()).find("24000 flapping a, 144000") != std::string::npos);
  CHECK(toggled(routers_with(no_flapping)).find("flapping") == std::string::npos);
}

TEST_CASE("router tracker: a router that sends both versions is one router, and its longer timer applies") {
  Story story;
  story.advertise(0, 5000, kA, 200, 100ms).advertise(5, 5005, kA, 200, 1s, VrrpVersion::kV2);
  CHECK(story.changes(20'000) == "0 active a, 8005 suspect a, 9055 none -");
}

TEST_CASE("router tracker: the local role counts while no other router advertises") {
  const auto story = [] { return Story(routers_with(on_a)); };
  CHECK(story().vip(100, VipState::kLive).changes(9000) == "100 active a");
  CHECK(story().vip(100, VipState::kAbsent).advertise(500, 9000, kB, 100).changes(8000) == "500 active b");
  // keepalived is killed: the address stays, and the other router advertises.
  CHECK(story().vip(0, VipState::kLive).advertise(0, 5000, kA, 200).advertise(8609, 20'000, kB, 100).changes(19'000) ==
        "0 active a, 8609 active b stale");
  // The host is cut off and continues to send: the tracker on this host cannot detect that.
  CHECK(story().vip(0, VipState::kLive).advertise(0, 20'000, kA, 200).changes(19'000) == "0 active a");
  // The link is down: the address is not live. Then the other router advertises.
  CHECK(story()
            .vip(0, VipState::kLive)
            .advertise(0, 5000, kA, 200)
            .vip(5300, VipState::kNotLive)
            .advertise(8609, 20'000, kB, 100)
            .changes(19'000) == "0 active a, 5300 releasing a, 8609 active b");
  CHECK(story()
            .role(0, FifoRole::kMaster)
            .advertise(0, 5000, kA, 200)
            .role(5300, FifoRole::kFault)
            .advertise(8609, 20'000, kB, 100)
            .changes(19'000) == "0 active a, 5300 none -, 8609 active b");
  CHECK(story().role(0, FifoRole::kMaster).advertise(0, 5000, kA, 200).role(5300, FifoRole::kStop).changes(6000) ==
        "0 active a, 5300 none -");
  // This router takes over: the address appears after three intervals and the skew, the first advertisement a little
  // later.
  CHECK(story()
            .vip(0, VipState::kAbsent)
            .advertise(0, 5000, kB, 200)
            .vip(8609, VipState::kLive)
            .advertise(8611, 20'000, kA, 100)
            .changes(19'000) == "0 active b, 8000 suspect b, 8609 active a");
  // If the address appears while the other router continues, it is reported as stale, and the other stays active.
  CHECK(story().advertise(0, 20'000, kB, 200).vip(5500, VipState::kLive).changes(19'000) ==
        "0 active b, 7000 active b stale");
}

TEST_CASE("router tracker: without advertisements the local role decides, and of two routers the other is active") {
  const auto story = [] { return Story(routers_with(only_on_a)); };
  CHECK(story().changes(60'000) == "");
  CHECK(story().vip(100, VipState::kAbsent).vip(5000, VipState::kLive).vip(9000, VipState::kNotLive).changes(60'000) ==
        "100 active b, 5000 active a, 9000 active b");
  CHECK(story().role(100, FifoRole::kMaster).role(5000, FifoRole::kBackup).changes(60'000) ==
        "100 active a, 5000 active b");
  CHECK(story().vip(0, VipState::kLive).role(100, FifoRole::kMaster).role(5000, FifoRole::kFault).changes(60'000) ==
        "0 active a, 5000 active b");
  Story three(routers_with(
      [](auto& o) { only_on_a(o), o.routers.push_back({"c", {boost::asio::ip::make_address("192.0.2.4")}}); }));
  CHECK(three.vip(0, VipState::kLive).vip(5000, VipState::kAbsent).changes(60'000) == "0 active a, 5000 none -");
}

TEST_CASE("router tracker: is unknown while advertisements cannot be captured") {
  CHECK(Story()
            .advertise(0, 2000, kA, 200)
            .capture(2500, CaptureState::kNotCapturing)
            .capture(60'000, CaptureState::kCapturing)
            .changes(63'000) == "0 active a, 2500 unknown -");
  CHECK(Story()
            .advertise(0, 2000, kA, 200)
            .capture(2500, CaptureState::kNotCapturing)
            .capture(60'000, CaptureState::kCapturing)
            .advert(60'400, kB, 100)
            .changes(63'000) == "0 active a, 2500 unknown -, 60400 active b");
}

TEST_CASE("router tracker: the reason contains the inputs") {
  RouterTracker tracker(routers_with(on_a), kStart);
  CHECK(tracker.status(kStart).reason == "cannot receive advertisements");
  tracker.set_capture(CaptureState::kCapturing, kStart);
  CHECK(tracker.status(kStart).reason == "no advertisement heard");
  Advertisement advertisement;
  advertisement.priority = 100;
  advertisement.interval = 1s;
  advertisement.router = kB;
  tracker.advertisement(advertisement, kStart);
  tracker.vip(VipState::kAbsent, kStart);
  CHECK(tracker.status(kStart + 12ms).reason ==
        "advertisement of b, priority 100, 12 ms ago; virtual address not on this host");
  CHECK(tracker.status(kStart + 12ms).may_change == kStart + 3s);
  CHECK(tracker.transitions() == 1);
}

namespace {

// A router of the simulation: the state machine of RFC 9568 6.4 with an interval of 500 ms and down_timer_adverts 20.
// The link loses packets.
struct SimulatedRouter {
  std::uint8_t priority;
  bool active = false, dead = false;
  Instant due{};  // time of the next advertisement, or end of the wait as backup

  Duration skew(Duration interval) const { return (256 - priority) * interval / 256; }
};

struct Simulation {
  static constexpr Duration kInterval = 500ms;
  static constexpr unsigned kAdverts = 20;

  explicit Simulation(std::uint32_t seed) : random(seed), tracker(routers_with(long_down_timer), kStart) {
    tracker.set_capture(CaptureState::kCapturing, kStart);
    for (SimulatedRouter& router : routers) wait_as_backup(router);
    routers[0].due = kStart + 1s;
  }

  bool lost() { return random() % 100 < 30; }
  void wait_as_backup(SimulatedRouter& router) {
    router.active = false;
    router.due = now + kAdverts * kInterval + router.skew(kInterval);
  }

  void send(std::size_t from) {
    Advertisement advertisement;
    advertisement.interval = kInterval;
    advertisement.router = from;
    advertisement.priority = routers[from].priority;
    advertisement.source = pair_of_routers().routers[from].addresses[0];
    routers[from].due = now + kInterval;
    if (!lost()) observe([&] { tracker.advertisement(advertisement, now); });
    SimulatedRouter& other = routers[1 - from];
    if (other.dead || lost()) return;
    if (!other.active || routers[from].priority > other.priority) {
      const bool preempts = !other.active && other.priority > routers[from].priority;
      if (!preempts) wait_as_backup(other);
    }
  }

  template <class Event>
  void observe(const Event& event) {
    const auto before = tracker.active();
    event();
    const auto after = tracker.active();
    if (before != after && before) ++changes, changed_at = now;
  }

  void run(Instant end) {
    while (true) {
      Instant next = end;
      std::size_t who = 2;
      for (std::size_t i = 0; i < 2; ++i)
        if (!routers[i].dead && routers[i].due < next) next = routers[i].due, who = i;
      if (const auto timer = tracker.next_deadline(); timer && *timer < next) next = *timer, who = 3;
      now = next;
      if (who == 2) return;
      if (who == 3) {
        observe([&] { tracker.advance(now); });
      } else {
        routers[who].active = true;
        send(who);
      }
    }
  }

  std::mt19937 random;
  Instant now = kStart;
  RouterTracker tracker;
  SimulatedRouter routers[2] = {{200}, {100}};
  int changes = 0;
  Instant changed_at{};
};

}  // namespace

TEST_CASE("router tracker: with 30 % loss over 1000 hours there is no false change, and real failures are detected") {
  Simulation quiet(20260101);
  quiet.run(kStart + 1h * ::dns::test::repetitions(1000));
  CHECK(quiet.changes == 0);
  CHECK(quiet.tracker.status(quiet.now).active == kA);

  for (std::uint32_t seed = 1; seed <= ::dns::test::repetitions(300); ++seed) {
    Simulation failing(seed);
    failing.run(kStart + 60s + std::chrono::milliseconds(seed * 7));
    REQUIRE(failing.tracker.status(failing.now).active == kA);
    failing.routers[0].dead = true;
    const Instant failed_at = failing.now;
    failing.run(failed_at + 60s);
    CHECK(failing.tracker.status(failing.now).active == kB);
    CHECK_MESSAGE(failing.changes == 1, "seed " << seed);
    CHECK_MESSAGE(failing.changed_at - failed_at <= 15s,
                  "seed " << seed << ": " << (failing.changed_at - failed_at) / 1ms << " ms");
  }
}

namespace {

void random_event(RouterTracker& tracker, std::mt19937& random, Instant now) {
  switch (random() % 8) {
    case 0: return tracker.vip(static_cast<VipState>(random() % 4), now);
    case 1: return tracker.role(static_cast<FifoRole>(random() % 5), now);
    case 2:
      return random() % 16 == 0 ? tracker.set_capture(static_cast<CaptureState>(random() % 2), now)
                                : tracker.set_capture(CaptureState::kCapturing, now);
    case 3: return tracker.advance(now);
    default: break;
  }
  Advertisement advertisement;
  advertisement.router = random() % 3;
  advertisement.priority = static_cast<std::uint8_t>(random() % 8 == 0 ? 0 : random());
  advertisement.interval = random() % 4 == 0 ? Duration(10ms * (1 + random() % 4095)) : Duration(100ms);
  advertisement.version = random() % 4 == 0 ? VrrpVersion::kV2 : VrrpVersion::kV3;
  advertisement.source = boost::asio::ip::address_v4(static_cast<std::uint32_t>(random()));
  tracker.advertisement(advertisement, now);
}

}  // namespace

TEST_CASE("router tracker: random events give a configured router, future deadlines and a repeatable status") {
  const VirtualRouterOptions options = routers_with([](auto& o) {
    on_a(o);
    o.routers.push_back({"c", {boost::asio::ip::make_address("192.0.2.4")}});
  });
  std::size_t states[7] = {};
  for (std::uint32_t seed = 0; seed < ::dns::test::repetitions(100'000); ++seed) {
    RouterTracker first(options, kStart), second(options, kStart);
    std::mt19937 random(seed), again(seed);
    Instant now = kStart;
    for (int i = 0; i < 10; ++i) {
      now += 1ms * (random() % 700);
      again.discard(1);
      random_event(first, random, now);
      random_event(second, again, now);
      if (first.active() && *first.active() >= options.routers.size()) FAIL_CHECK("seed " << seed);
    }
    const VirtualRouterStatus status = first.status(now);
    const bool valid = (!status.active || *status.active < options.routers.size()) &&
                       (!status.may_change || *status.may_change > now) && status == second.status(now) &&
                       (status.state != VirtualRouterState::kActive || status.active) &&
                       (status.state != VirtualRouterState::kNoActive || !status.active);
    if (!valid) FAIL_CHECK("seed " << seed);
    ++states[static_cast<std::size_t>(status.state)];
  }
  for (const std::size_t count : states) CHECK(count > 0);
}
