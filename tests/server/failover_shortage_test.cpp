// Any allocation of an evaluation of the failover controller fails: the next evaluation decides as without it.
#include <doctest/doctest.h>

#include "server/failover/failover_controller.h"
#include "tests/support/allocations.h"
#include "tests/support/steering.h"
#include "zone/name/text.h"

using namespace std::chrono_literals;

namespace {

using ::dns::test::Shortage;
using server::Health;

server::SteeringOptions short_options() {
  server::SteeringOptions options;
  server::MemberOptions a = steered::member("via-a", "203.0.113.10"), b = steered::member("via-b", "198.51.100.10");
  a.checks = {steered::check("web", "203.0.113.10")};
  b.checks = {steered::check("web", "198.51.100.10")};
  for (const char* owner : {"n0.example.com", "n1.example.com"}) {
    options.records.push_back(steered::record(owner, server::Policy::kFailover, {a, b}));
    options.records.back().failback_delay = 0s;
  }
  return options;
}

// Its publisher keeps the latest overlay, as the store does.
class ShortController {
 public:
  ShortController() : controller_(short_options(), {}, at_, [](const server::Event&) {}) {
    health_.checks.assign(2, {});
    set(0, Health::kUp);
    set(1, Health::kUp);
    evaluate();
    set(0, Health::kDown);
  }

  void evaluate() {
    auto result = controller_.evaluate(health_, at_);
    if (result.overlay) sets_.assign(result.overlay->sets.begin(), result.overlay->sets.end());
  }
  void go_on() {
    controller_.decide_anew();
    at_.now += 1s;
    at_.wall += 1s;
    evaluate();
  }
  std::string published() const {
    std::string text;
    for (const server::ManagedRrsetPtr& set : sets_) {
      text += dns::to_text(set->owner);
      for (const dns::Bytes rdata : set->set.view()) text += " " + std::to_string(rdata[0]);
      text += "; ";
    }
    return text;
  }

 private:
  void set(std::size_t check, Health health) {
    health_.checks[check].health = health;
    health_.checks[check].since = at_.now;
  }

  server::Moment at_{server::Instant{} + 1h, server::WallTime{} + 500'000h};
  server::HealthState health_;
  server::FailoverController controller_;
  std::vector<server::ManagedRrsetPtr> sets_;
};

}  // namespace

TEST_CASE("failover controller: any allocation of an evaluation fails") {
  std::uint64_t nth = 1;
  for (Shortage last{}; nth == 1 || last != Shortage::kNotReached; ++nth) {
    ShortController controller;
    last = ::dns::test::with_shortage(nth, 1, [&] { controller.evaluate(); });
    if (last == Shortage::kThrown) controller.go_on();
    REQUIRE(controller.published() == "n0.example.com. 198; n1.example.com. 198; ");
    if (!::dns::test::kCountsAllocations) return;
  }
  CHECK(nth > 20);
}
