#include <doctest/doctest.h>

#include "server/failover/failover_controller.h"
#include "zone/name/text.h"

using namespace std::chrono_literals;

namespace {

// www.example.com/A with two members, each with a check of its own; time stands still unless `pass` is called.
class Fixture {
 public:
  explicit Fixture(server::SteeringMode mode = server::SteeringMode::kAct, const server::SavedState& state = {}) {
    health_.checks.assign(2, {});
    controller_ = std::make_unique<server::FailoverController>(
        options(mode), state, at_, [this](const server::Event& event) { events_ += to_text(event) + "\n"; });
  }

  static server::SteeringOptions options(server::SteeringMode mode) {
    server::SteeringOptions options;
    options.mode = mode;
    server::RecordOptions record;
    record.owner = *dns::parse_name("www.example.com.");
    record.type = dns::Type::A;
    record.failback_delay = 0s;
    for (const char* address : {"203.0.113.10", "198.51.100.10"}) {
      server::MemberOptions member;
      member.name = record.members.empty() ? "via-a" : "via-b";
      member.addresses = {boost::asio::ip::make_address(address)};
      server::CheckOptions check;
      check.target = member.addresses.front();
      member.checks = {check};
      record.members.push_back(std::move(member));
    }
    options.records.push_back(std::move(record));
    return options;
  }

  void check(std::size_t index, server::Health health) {
    health_.checks[index].health = health;
    health_.checks[index].since = at_.now;
  }
  void pass(std::chrono::milliseconds time) {
    at_.now += time;
    at_.wall += time;
  }
  server::FailoverController::Evaluation evaluate() { return controller_->evaluate(health_, at_); }
  std::string served() {
    return addresses_text(controller_->plan().options.records[0], controller_->evaluator().records()[0]);
  }
  server::FailoverController& controller() { return *controller_; }
  server::Moment at() const { return at_; }
  std::string& events() { return events_; }

 private:
  server::Moment at_{server::Instant{} + 1h, server::WallTime{} + 500'000h};
  server::HealthState health_;
  std::string events_;
  std::unique_ptr<server::FailoverController> controller_;
};

server::AdminOverride entry(server::OverrideKind kind, std::string subject, std::string member = {},
                            std::optional<server::WallTime> until = {}) {
  return {.kind = kind, .subject = std::move(subject), .member = std::move(member), .until = until, .by = "root"};
}

}  // namespace

TEST_CASE("nothing is decided until the evidence is known or the initial round is over") {
  Fixture fixture;
  fixture.check(1, server::Health::kUp);
  CHECK(!fixture.evaluate().overlay);
  fixture.check(0, server::Health::kUp);
  const auto begun = fixture.evaluate();
  REQUIRE(begun.overlay);
  CHECK(begun.overlay->sets.size() == 1);
  CHECK(fixture.served() == "203.0.113.10");
}

TEST_CASE("the initial round is bounded") {
  Fixture fixture;
  CHECK(!fixture.evaluate().overlay);
  fixture.pass(3s);
  CHECK(fixture.evaluate().overlay);
  CHECK(fixture.served() == "default");
}

TEST_CASE("a failure is one overlay with a later generation, told with its evidence") {
  Fixture fixture;
  fixture.check(0, server::Health::kUp);
  fixture.check(1, server::Health::kUp);
  const auto before = fixture.evaluate();
  CHECK(!fixture.evaluate().overlay);
  fixture.pass(10s);
  fixture.check(0, server::Health::kDown);
  fixture.events().clear();
  const auto after = fixture.evaluate();
  REQUIRE(after.overlay);
  CHECK(after.overlay->generation > before.overlay->generation);
  CHECK(fixture.served() == "198.51.100.10");
  CHECK(fixture.events().find("www.example.com/A 203.0.113.10 -> 198.51.100.10: ") != std::string::npos);
  CHECK(fixture.controller().counters().rewrites.value() == 1);
}

TEST_CASE("in observe mode all is told and nothing laid") {
  Fixture fixture(server::SteeringMode::kObserve);
  fixture.check(0, server::Health::kDown);
  fixture.check(1, server::Health::kUp);
  const auto result = fixture.evaluate();
  REQUIRE(result.overlay);
  CHECK(result.overlay->sets.empty());
  CHECK(fixture.events().find("would serve") != std::string::npos);
}

TEST_CASE("a force holds until its end, and is told") {
  Fixture fixture;
  fixture.check(0, server::Health::kUp);
  fixture.check(1, server::Health::kUp);
  fixture.evaluate();
  fixture.controller().add_override(
      entry(server::OverrideKind::kForce, "www.example.com/A", "via-b", fixture.at().wall + 60s), fixture.at());
  fixture.evaluate();
  CHECK(fixture.served() == "198.51.100.10");
  fixture.pass(61s);
  fixture.evaluate();
  CHECK(fixture.controller().overrides().all().empty());
  CHECK(fixture.served() == "203.0.113.10");
  CHECK(fixture.events().find("expired: force www.example.com/A to via-b") != std::string::npos);
}

TEST_CASE("what is remembered answers at once after a restart, with the orders") {
  Fixture first;
  first.check(0, server::Health::kDown);
  first.check(1, server::Health::kUp);
  first.evaluate();
  first.controller().add_override(entry(server::OverrideKind::kFreeze, "*"), first.at());
  const auto text = to_json(first.controller().state_to_save(first.at()));
  const auto remembered = server::parse_saved_state(text);
  CHECK(remembered.error.empty());
  Fixture second(server::SteeringMode::kAct, remembered.state);
  const auto result = second.evaluate();
  REQUIRE(result.overlay);
  CHECK(result.overlay->generation > first.controller().generation());
  CHECK(second.served() == "198.51.100.10");
  CHECK(second.controller().overrides().all().size() == 1);
}

TEST_CASE("a state of before what was published last decides nothing by itself") {
  Fixture first;
  first.check(0, server::Health::kUp);
  first.check(1, server::Health::kUp);
  first.evaluate();
  const server::SavedState state = first.controller().state_to_save(first.at());
  Fixture second(server::SteeringMode::kAct, state);
  second.controller().set_published_generation(state.generation + 1);
  CHECK(!second.evaluate().overlay);
  second.check(0, server::Health::kDown);
  second.check(1, server::Health::kUp);
  CHECK(second.evaluate().overlay);
  CHECK(second.served() == "198.51.100.10");
}

TEST_CASE("an alarm is told when it begins and when it ends") {
  Fixture fixture;
  fixture.controller().raise_alarm("k", "eth0", "no packet socket", fixture.at());
  fixture.controller().raise_alarm("k", "eth0", "no packet socket", fixture.at());
  CHECK(fixture.controller().alarms().size() == 1);
  fixture.controller().clear_alarm("k", fixture.at());
  CHECK(fixture.events() == "eth0: no packet socket\neth0: cleared: no packet socket\n");
}

TEST_CASE("another plan keeps the states of names that stay") {
  Fixture fixture;
  fixture.check(0, server::Health::kDown);
  fixture.check(1, server::Health::kUp);
  fixture.evaluate();
  fixture.controller().reconfigure(Fixture::options(server::SteeringMode::kAct), fixture.at());
  CHECK(fixture.evaluate().overlay);
  CHECK(fixture.served() == "198.51.100.10");
}
