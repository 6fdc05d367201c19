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

// Events in virtual time, and what a tracker makes of them: every change with its millisecond.
class Story {
 public:
  explicit Story(VirtualRouterOptions options = pair_of_routers()) : options_(std::move(options)) {
    hear(0, CaptureState::kCapturing);
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
  // From `first` to `last`, every interval.
  Story& talk(long first, long last, std::size_t router, std::uint8_t priority, Duration interval = 1s,
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
  Story& hear(long ms, CaptureState hearing) {
    return at(ms, [=](RouterTracker& tracker, Instant now) { tracker.set_capture(hearing, now); });
  }

  // "0 active a, 3000 suspect a"; deadlines are kept between events, as timers would.
  std::string told(long until) {
    RouterTracker tracker(options_, kStart);
    std::string line, before = "unknown -";
    const auto look = [&](Instant now) {
      const VirtualRouterStatus seen = tracker.status(now);
      std::string here = std::string(state_name(seen.state)) + " " +
                         (seen.active ? options_.routers[*seen.active].name : "-") + (seen.stale_vip ? " stale" : "");
      if (here == before) return;
      line += (line.empty() ? "" : ", ") + std::to_string((now - kStart) / 1ms) + " " + here;
      before = here;
    };
    const auto wait = [&](Instant end) {
      for (auto next = tracker.next_deadline(); next && *next <= end; next = tracker.next_deadline()) {
        tracker.advance(*next);
        look(*next);
      }
    };
    for (const auto& event : events_) {
      const Instant now = kStart + event.first * 1ms;
      wait(now);
      event.second(tracker, now);
      look(now);
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
const Change patient = [](VirtualRouterOptions& o) { o.down_timer_adverts = 20; };

}  // namespace

TEST_CASE("at first nothing is known; then one is active, or nobody after four intervals") {
  CHECK(Story().told(4000) == "");
  CHECK(Story().told(9000) == "4050 none -");
  CHECK(Story().talk(300, 9300, kA, 200).told(9000) == "300 active a");
  CHECK(Story().advert(4500, kB, 100).told(5000) == "4050 none -, 4500 active b");
  CHECK(Story().advert(500, kA, 0).told(3000) == "");
}

TEST_CASE("silence: suspect after three intervals, nobody after another skew") {
  CHECK(Story().talk(0, 5000, kA, 200).told(20'000) == "0 active a, 8000 suspect a, 9050 none -");
  CHECK(Story().talk(0, 500, kA, 200, 100ms).told(20'000) == "0 active a, 800 suspect a, 950 none -");
  CHECK(Story().talk(0, 5000, kA, 200, 1s, VrrpVersion::kV2).told(20'000) == "0 active a, 8000 suspect a, 9050 none -");
  CHECK(Story().talk(0, 6000, kA, 200, 3s, VrrpVersion::kV2).told(40'000) ==
        "0 active a, 15000 suspect a, 18050 none -");
  CHECK(Story(routers_with(patient)).talk(0, 5000, kA, 200, 500ms).told(40'000) ==
        "0 active a, 15000 suspect a, 15550 none -");
  CHECK(Story().talk(0, 5000, kA, 200).talk(8500, 12'000, kA, 200).told(10'000) ==
        "0 active a, 8000 suspect a, 8500 active a");
}

TEST_CASE("a silent cut: the new one is believed with its first advertisement") {
  // A backup of priority 100 waits three intervals and a skew of 0.609 s, or 0.0609 s where the interval is 0.1 s.
  CHECK(Story().talk(0, 5000, kA, 200).talk(8609, 20'000, kB, 100).told(19'000) ==
        "0 active a, 8000 suspect a, 8609 active b");
  CHECK(Story().talk(0, 500, kA, 200, 100ms).talk(861, 3000, kB, 100, 100ms).told(2900) ==
        "0 active a, 800 suspect a, 861 active b");
  CHECK(Story()
            .talk(0, 5000, kA, 200, 1s, VrrpVersion::kV2)
            .talk(8609, 20'000, kB, 100, 1s, VrrpVersion::kV2)
            .told(19'000) == "0 active a, 8000 suspect a, 8609 active b");
  // Priority 254: with almost no skew; the tracker had heard the last advertisement a little later than the backup.
  CHECK(Story().talk(0, 5000, kA, 200).talk(7990, 20'000, kB, 254).told(19'000) == "0 active a, 7990 active b");
}

TEST_CASE("priority 0: nothing changes until another speaks") {
  CHECK(Story().talk(0, 5000, kA, 200).advert(5400, kA, 0).talk(6010, 9010, kB, 100).told(9500) ==
        "0 active a, 5400 releasing a, 6010 active b");
  CHECK(Story().talk(0, 500, kA, 200, 100ms).advert(540, kA, 0, 100ms).talk(601, 1000, kB, 100, 100ms).told(1000) ==
        "0 active a, 540 releasing a, 601 active b");
  CHECK(Story().talk(0, 5000, kA, 200).advert(5400, kA, 0).told(20'000) == "0 active a, 5400 releasing a, 9450 none -");
  CHECK(Story().talk(0, 5000, kA, 200).advert(5400, kA, 0).talk(5900, 9900, kA, 200).told(9900) ==
        "0 active a, 5400 releasing a, 5900 active a");
  CHECK(Story().talk(0, 5000, kA, 200).advert(5400, kB, 0).told(7000) == "0 active a");
}

TEST_CASE("preemption is one change") {
  CHECK(Story().talk(0, 5000, kB, 100).talk(5700, 20'000, kA, 200).told(19'000) == "0 active b, 7250 active a");
  CHECK(Story().talk(0, 500, kB, 100, 100ms).talk(570, 2000, kA, 200, 100ms).told(1900) == "0 active b, 725 active a");
  // The one that gives way says so.
  CHECK(Story().talk(0, 5000, kB, 100).advert(5700, kA, 200).advert(5701, kB, 0).talk(6700, 9700, kA, 200).told(9900) ==
        "0 active b, 5701 active a");
  // Two advertisements that cross on the link are no dispute.
  CHECK(Story().talk(0, 5000, kB, 100).talk(4990, 20'000, kA, 200).told(19'000) == "0 active b, 7250 active a");
}

TEST_CASE("one advertisement of another changes nothing while the active one goes on") {
  CHECK(Story().talk(0, 20'000, kA, 200).advert(5500, kB, 254).advert(12'500, kB, 254).told(19'000) == "0 active a");
}

TEST_CASE("a split: seen within an interval of the second speaker, frozen, then priority decides") {
  CHECK(Story().talk(0, 30'000, kA, 100).talk(5400, 30'000, kB, 200).told(30'000) ==
        "0 active a, 6400 split a, 16400 split b");
  CHECK(Story().talk(0, 30'000, kA, 200).talk(5400, 30'000, kB, 100).told(30'000) == "0 active a, 6400 split a");
  CHECK(Story().talk(0, 30'000, kA, 100).talk(5400, 30'000, kB, 100).told(30'000) ==
        "0 active a, 6400 split a, 16400 split b");  // the greater address
  CHECK(Story(routers_with([](auto& o) { o.on_split = OnSplit::kPreferPriority; }))
            .talk(0, 9000, kA, 100)
            .talk(5400, 9000, kB, 200)
            .told(9000) == "0 active a, 6400 split b");
  CHECK(Story(routers_with([](auto& o) { o.on_split = OnSplit::kNone; }))
            .talk(0, 9000, kA, 100)
            .talk(5400, 9000, kB, 200)
            .told(9000) == "0 active a, 6400 split -");
  // Healed: the loser falls silent, or says that it leaves.
  CHECK(Story().talk(0, 30'000, kA, 200).talk(5400, 12'400, kB, 100).told(30'000) ==
        "0 active a, 6400 split a, 14650 active a");
  CHECK(Story().talk(0, 12'000, kA, 100).talk(5400, 30'000, kB, 200).told(30'000) ==
        "0 active a, 6400 split a, 14250 active b");
  CHECK(Story().talk(0, 30'000, kA, 200).talk(5400, 12'400, kB, 100).advert(12'500, kB, 0).told(30'000) ==
        "0 active a, 6400 split a, 12500 active a");
  // Both end.
  CHECK(Story().talk(0, 9000, kA, 200).talk(5400, 9400, kB, 100).told(30'000) ==
        "0 active a, 6400 split a, 11250 active b, 12400 suspect b, 13450 none -");
}

TEST_CASE("moves that come too often freeze the one before them, until it is quiet") {
  // The port of A is toggled ten times in twenty seconds: B takes over and gives way each time.
  Story story;
  for (long n = 0; n < 10; ++n) {
    story.talk(n * 2000, n * 2000 + 800, kA, 200, 100ms);
    story.talk(n * 2000 + 1161, n * 2000 + 2061, kB, 100, 100ms);
  }
  story.talk(20'000, 200'000, kA, 200, 100ms);
  const std::string told = story.told(199'000);
  CHECK(told.starts_with("0 active a, 1100 suspect a, 1161 active b, "));
  CHECK(told.find("flapping a") != std::string::npos);
  CHECK(told.ends_with(" active a"));
  std::size_t actives = 0;
  for (std::size_t at = told.find(" active"); at != std::string::npos; at = told.find(" active", at + 1)) ++actives;
  CHECK(actives <= 5);
}

TEST_CASE(
    "a freeze on a router that died moves once, to the one that has been active for as long as moves would not be "
    "flapping") {
  Story story;
  for (long n = 0; n < 3; ++n) {
    story.talk(n * 2000, n * 2000 + 800, kA, 200, 100ms);
    story.talk(n * 2000 + 1161, n * 2000 + 2061, kB, 100, 100ms);
  }
  story.talk(5161, 100'000, kB, 100, 100ms);  // A is gone for good
  const std::string told = story.told(90'000);
  const std::size_t frozen = told.find(" flapping a, "), moved = told.find(" flapping b");
  REQUIRE(frozen != std::string::npos);
  REQUIRE(moved != std::string::npos);
  CHECK(told.find(" flapping", moved + 1) == std::string::npos);
  CHECK(told.find("20161 flapping b") != std::string::npos);  // B was active since 5161: 60 s for 4 moves are 15 s each
}

TEST_CASE("one router alone that comes and goes flaps too; flapping can be switched off") {
  const auto toggled = [](VirtualRouterOptions options) {
    Story story(std::move(options));
    for (long n = 0; n < 5; ++n) story.talk(n * 6000, n * 6000 + 1000, kA, 200);
    return story.told(400'000);
  };
  CHECK(toggled(pair_of_routers()).find("24000 flapping a, 144000") != std::string::npos);
  CHECK(toggled(routers_with(no_flapping)).find("flapping") == std::string::npos);
}

TEST_CASE("a router that sends both versions is one, and the more patient of its timers holds") {
  Story story;
  story.talk(0, 5000, kA, 200, 100ms).talk(5, 5005, kA, 200, 1s, VrrpVersion::kV2);
  CHECK(story.told(20'000) == "0 active a, 8005 suspect a, 9055 none -");
}

TEST_CASE("on a router's own host: its claim counts while no other is heard") {
  const auto story = [] { return Story(routers_with(on_a)); };
  CHECK(story().vip(100, VipState::kLive).told(9000) == "100 active a");
  CHECK(story().vip(100, VipState::kAbsent).talk(500, 9000, kB, 100).told(8000) == "500 active b");
  // It is killed: the address stays, the other is heard.
  CHECK(story().vip(0, VipState::kLive).talk(0, 5000, kA, 200).talk(8609, 20'000, kB, 100).told(19'000) ==
        "0 active a, 8609 active b stale");
  // It is cut off, and goes on sending to nobody: this host alone cannot know.
  CHECK(story().vip(0, VipState::kLive).talk(0, 20'000, kA, 200).told(19'000) == "0 active a");
  // The link is dead: its address is not live; then the other speaks.
  CHECK(story()
            .vip(0, VipState::kLive)
            .talk(0, 5000, kA, 200)
            .vip(5300, VipState::kNotLive)
            .talk(8609, 20'000, kB, 100)
            .told(19'000) == "0 active a, 5300 releasing a, 8609 active b");
  CHECK(story()
            .role(0, FifoRole::kMaster)
            .talk(0, 5000, kA, 200)
            .role(5300, FifoRole::kFault)
            .talk(8609, 20'000, kB, 100)
            .told(19'000) == "0 active a, 5300 none -, 8609 active b");
  CHECK(story().role(0, FifoRole::kMaster).talk(0, 5000, kA, 200).role(5300, FifoRole::kStop).told(6000) ==
        "0 active a, 5300 none -");
  // It takes over: the address comes after three intervals of the other's silence, its own advertisement a little
  // later.
  CHECK(story()
            .vip(0, VipState::kAbsent)
            .talk(0, 5000, kB, 200)
            .vip(8609, VipState::kLive)
            .talk(8611, 20'000, kA, 100)
            .told(19'000) == "0 active b, 8000 suspect b, 8609 active a");
  // An address that appears while the other goes on is no reason to follow it, but to say so.
  CHECK(story().talk(0, 20'000, kB, 200).vip(5500, VipState::kLive).told(19'000) == "0 active b, 7000 active b stale");
}

TEST_CASE("without advertisements: the role of this host, and of two routers the other") {
  const auto story = [] { return Story(routers_with(only_on_a)); };
  CHECK(story().told(60'000) == "");
  CHECK(story().vip(100, VipState::kAbsent).vip(5000, VipState::kLive).vip(9000, VipState::kNotLive).told(60'000) ==
        "100 active b, 5000 active a, 9000 active b");
  CHECK(story().role(100, FifoRole::kMaster).role(5000, FifoRole::kBackup).told(60'000) ==
        "100 active a, 5000 active b");
  CHECK(story().vip(0, VipState::kLive).role(100, FifoRole::kMaster).role(5000, FifoRole::kFault).told(60'000) ==
        "0 active a, 5000 active b");
  Story three(routers_with(
      [](auto& o) { only_on_a(o), o.routers.push_back({"c", {boost::asio::ip::make_address("192.0.2.4")}}); }));
  CHECK(three.vip(0, VipState::kLive).vip(5000, VipState::kAbsent).told(60'000) == "0 active a, 5000 none -");
}

TEST_CASE("who cannot hear judges nobody by silence") {
  CHECK(Story()
            .talk(0, 2000, kA, 200)
            .hear(2500, CaptureState::kNotCapturing)
            .hear(60'000, CaptureState::kCapturing)
            .told(63'000) == "0 active a, 2500 unknown -");
  CHECK(Story()
            .talk(0, 2000, kA, 200)
            .hear(2500, CaptureState::kNotCapturing)
            .hear(60'000, CaptureState::kCapturing)
            .advert(60'400, kB, 100)
            .told(63'000) == "0 active a, 2500 unknown -, 60400 active b");
}

TEST_CASE("the reason names the inputs") {
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

// A router of the simulation: the state machine of RFC 9568 6.4 with 500 ms and down_timer_adverts 20, over a link that
// loses.
struct SimulatedRouter {
  std::uint8_t priority;
  bool active = false, dead = false;
  Instant due{};  // the next advertisement, or the end of waiting

  Duration skew(Duration interval) const { return (256 - priority) * interval / 256; }
};

struct Simulation {
  static constexpr Duration kInterval = 500ms;
  static constexpr unsigned kAdverts = 20;

  explicit Simulation(std::uint32_t seed) : random(seed), tracker(routers_with(patient), kStart) {
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

TEST_CASE("a thousand hours with a third of all advertisements lost: no false change, and true failures are found") {
  Simulation quiet(20260101);
  quiet.run(kStart + 1h * ::dns::test::repetitions(1000));
  CHECK(quiet.changes == 0);
  CHECK(quiet.tracker.status(quiet.now).active == kA);

  for (std::uint32_t seed = 1; seed <= ::dns::test::repetitions(300); ++seed) {
    Simulation failing(seed);
    failing.run(kStart + 60s + std::chrono::milliseconds(seed * 7));
    REQUIRE(failing.tracker.status(failing.now).active == kA);
    failing.routers[0].dead = true;
    const Instant cut = failing.now;
    failing.run(cut + 60s);
    CHECK(failing.tracker.status(failing.now).active == kB);
    CHECK_MESSAGE(failing.changes == 1, "seed " << seed);
    CHECK_MESSAGE(failing.changed_at - cut <= 15s,
                  "seed " << seed << ": " << (failing.changed_at - cut) / 1ms << " ms");
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

TEST_CASE(
    "a million random events: the active one is a configured one, deadlines lie ahead, and the same events tell the "
    "same") {
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
    const VirtualRouterStatus seen = first.status(now);
    const bool sound = (!seen.active || *seen.active < options.routers.size()) &&
                       (!seen.may_change || *seen.may_change > now) && seen == second.status(now) &&
                       (seen.state != VirtualRouterState::kActive || seen.active) &&
                       (seen.state != VirtualRouterState::kNoActive || !seen.active);
    if (!sound) FAIL_CHECK("seed " << seed);
    ++states[static_cast<std::size_t>(seen.state)];
  }
  for (const std::size_t reached : states) CHECK(reached > 0);
}
