#include <doctest/doctest.h>

#include "server/control/status_json.h"
#include "server/failover/failover_controller.h"
#include "zone/name/text.h"

using namespace std::chrono_literals;

namespace {

// www.example.com/A with two members. Each member has its own check. Only `pass` advances the time.
class Fixture {
 public:
  explicit Fixture(server::SteeringMode mode = server::SteeringMode::kActive, const server::SavedState& state = {}) {
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
      check.monitor.name = "web";
      check.monitor.kind = server::ProbeKind::kExec;
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
  void cannot_run(std::size_t index, const char* why) {
    health_.checks[index].probes = 1;
    health_.checks[index].detail = why;
  }
  void late(std::size_t index, bool late) { health_.checks[index].late = late; }
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

TEST_CASE("failover controller: makes no decision until all checks have a result") {
  Fixture fixture;
  fixture.check(1, server::Health::kUp);
  CHECK(!fixture.evaluate().overlay);
  fixture.check(0, server::Health::kUp);
  const auto started = fixture.evaluate();
  REQUIRE(started.overlay);
  CHECK(started.overlay->sets.size() == 1);
  CHECK(fixture.served() == "203.0.113.10");
}

TEST_CASE("failover controller: without results the initial round ends after 3 s with the zone file's records") {
  Fixture fixture;
  CHECK(!fixture.evaluate().overlay);
  fixture.pass(3s);
  CHECK(fixture.evaluate().overlay);
  CHECK(fixture.served() == "default");
}

TEST_CASE(
    "failover controller: a failed check causes one overlay of a later generation and one event with the reason") {
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

TEST_CASE("failover controller: observe mode emits the events and an empty overlay") {
  Fixture fixture(server::SteeringMode::kObserve);
  fixture.check(0, server::Health::kDown);
  fixture.check(1, server::Health::kUp);
  const auto result = fixture.evaluate();
  REQUIRE(result.overlay);
  CHECK(result.overlay->sets.empty());
  CHECK(fixture.events().find("would serve") != std::string::npos);
}

TEST_CASE("failover controller: a force override holds until it expires, and the end is an event") {
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

TEST_CASE("failover controller: after a restart the saved decisions and overrides apply at once") {
  Fixture first;
  first.check(0, server::Health::kDown);
  first.check(1, server::Health::kUp);
  first.evaluate();
  first.controller().add_override(entry(server::OverrideKind::kFreeze, "*"), first.at());
  const auto text = to_json(first.controller().state_to_save(first.at()));
  const auto saved = server::parse_saved_state(text);
  CHECK(saved.error.empty());
  Fixture second(server::SteeringMode::kActive, saved.state);
  const auto result = second.evaluate();
  REQUIRE(result.overlay);
  CHECK(result.overlay->generation > first.controller().generation());
  CHECK(second.served() == "198.51.100.10");
  CHECK(second.controller().overrides().all().size() == 1);
}

TEST_CASE("failover controller: a saved state older than the published generation makes no decision alone") {
  Fixture first;
  first.check(0, server::Health::kUp);
  first.check(1, server::Health::kUp);
  first.evaluate();
  const server::SavedState state = first.controller().state_to_save(first.at());
  Fixture second(server::SteeringMode::kActive, state);
  second.controller().set_published_generation(state.generation + 1);
  CHECK(!second.evaluate().overlay);
  second.check(0, server::Health::kDown);
  second.check(1, server::Health::kUp);
  CHECK(second.evaluate().overlay);
  CHECK(second.served() == "198.51.100.10");
}

TEST_CASE("failover controller: an alarm emits one event when it is raised and one when it is cleared") {
  Fixture fixture;
  fixture.controller().raise_alarm("k", "eth0", "no packet socket", fixture.at());
  fixture.controller().raise_alarm("k", "eth0", "no packet socket", fixture.at());
  CHECK(fixture.controller().alarms().size() == 1);
  fixture.controller().clear_alarm("k", fixture.at());
  CHECK(fixture.events() == "eth0: no packet socket\neth0: cleared: no packet socket\n");
}

TEST_CASE("failover controller: reconfigure keeps the state of names that remain") {
  Fixture fixture;
  fixture.check(0, server::Health::kDown);
  fixture.check(1, server::Health::kUp);
  fixture.evaluate();
  fixture.controller().reconfigure(Fixture::options(server::SteeringMode::kActive), fixture.at());
  CHECK(fixture.evaluate().overlay);
  CHECK(fixture.served() == "198.51.100.10");
}

TEST_CASE("failover controller: one alarm of each monitor says why its checks give no result") {
  Fixture fixture;
  fixture.cannot_run(0, "cannot run /check: No such file or directory");
  fixture.cannot_run(1, "cannot run /check: No such file or directory");
  fixture.evaluate();
  fixture.evaluate();
  CHECK(fixture.events() ==
        "web: no result for 203.0.113.10: cannot run /check: No such file or directory; what depends on it is "
        "unknown\n");
  CHECK(fixture.controller().alarms().contains("check/web"));
  fixture.check(0, server::Health::kUp);
  fixture.check(1, server::Health::kUp);
  fixture.evaluate();
  CHECK(fixture.controller().alarms().empty());
}

TEST_CASE("failover controller: an alarm says that checks are late until they are in time again") {
  Fixture fixture;
  fixture.check(0, server::Health::kUp);
  fixture.check(1, server::Health::kUp);
  fixture.late(1, true);
  fixture.evaluate();
  REQUIRE(fixture.controller().alarms().contains("late/web"));
  CHECK(fixture.controller().alarms().at("late/web").message.contains("[steering] programs = 64"));
  fixture.late(1, false);
  fixture.evaluate();
  CHECK(fixture.controller().alarms().empty());
}

TEST_CASE("failover controller: after the initial round a usable member is served although another is unknown") {
  Fixture fixture;
  fixture.cannot_run(0, "cannot run /check: No such file or directory");
  fixture.check(1, server::Health::kUp);
  CHECK(!fixture.evaluate().overlay);
  fixture.pass(3s);
  CHECK(fixture.evaluate().overlay);
  CHECK(fixture.served() == "198.51.100.10");
}

TEST_CASE("failover controller: a suspended name is told as served from the zone file, until it can be managed") {
  Fixture fixture;
  fixture.check(0, server::Health::kUp);
  fixture.check(1, server::Health::kUp);
  fixture.evaluate();
  fixture.events().clear();
  fixture.controller().set_suspended({{"www.example.com/A", "cannot manage www.example.com A: signed"}}, fixture.at());
  CHECK(fixture.events() ==
        "cannot manage www.example.com A: signed\n"
        "www.example.com/A 203.0.113.10 -> default: cannot manage www.example.com A: signed\n");
  const server::JsonValue suspended = server::record_json(fixture.controller(), 0, fixture.at());
  CHECK(suspended["state"] == "suspended");
  CHECK(suspended["addresses"].empty());
  CHECK(suspended["rule"] == "cannot manage www.example.com A: signed");
  fixture.pass(1s);
  fixture.check(0, server::Health::kDown);
  fixture.events().clear();
  fixture.evaluate();  // a change that clients do not see is no event of the record's addresses
  CHECK(!fixture.events().contains("198.51.100.10:"));
  CHECK(!fixture.events().contains("-> 198.51.100.10"));
  fixture.events().clear();
  fixture.controller().set_suspended({}, fixture.at());
  CHECK(fixture.events().contains("www.example.com/A default -> 198.51.100.10"));
  CHECK(server::record_json(fixture.controller(), 0, fixture.at())["state"] == "failed-over");
}

TEST_CASE("failover controller: an override that keeps a dead member while another is usable raises an alarm") {
  for (const bool forced : {true, false}) {
    Fixture fixture;
    fixture.check(0, server::Health::kUp);
    fixture.check(1, server::Health::kUp);
    fixture.evaluate();
    fixture.controller().add_override(forced ? entry(server::OverrideKind::kForce, "www.example.com/A", "via-a")
                                             : entry(server::OverrideKind::kFreeze, "*"),
                                      fixture.at());
    fixture.evaluate();
    CHECK(fixture.controller().alarms().empty());
    fixture.check(0, server::Health::kDown);
    fixture.evaluate();
    CHECK(fixture.served() == "203.0.113.10");
    REQUIRE(fixture.controller().alarms().contains("kept-down/www.example.com/A"));
    CHECK(fixture.controller().alarms().at("kept-down/www.example.com/A").message ==
          std::string("an override keeps via-a, which is down, while another member is usable; `waymark ") +
              (forced ? "failover www.example.com/A --to auto" : "freeze --all --undo") + "` ends it");
    fixture.check(1, server::Health::kDown);
    fixture.evaluate();
    CHECK(!fixture.controller().alarms().contains("kept-down/www.example.com/A"));
  }
}

TEST_CASE("failover controller: an override on a name that a reload removed can be removed as it is listed") {
  Fixture fixture;
  fixture.controller().add_override(entry(server::OverrideKind::kFreeze, "www.example.com/A"), fixture.at());
  server::SteeringOptions other = Fixture::options(server::SteeringMode::kActive);
  other.records[0].owner = *dns::parse_name("new.example.com.");
  fixture.controller().reconfigure(std::move(other), fixture.at());
  const auto subjects =
      fixture.controller().overrides().subjects_like(server::OverrideGroup::kFreeze, "www.example.com/a");
  REQUIRE(subjects.size() == 1);
  CHECK(fixture.controller().remove_override(server::OverrideGroup::kFreeze, subjects[0], "root", fixture.at()));
  CHECK(fixture.controller().overrides().all().empty());
}

TEST_CASE("failover controller: a deprecated link in use raises an alarm from its date on") {
  Fixture fixture;
  const auto today = std::chrono::floor<std::chrono::days>(fixture.at().wall);
  server::SteeringOptions options = Fixture::options(server::SteeringMode::kActive);
  options.links.resize(1);
  options.links[0].name = "atm";
  options.links[0].deprecated = std::chrono::year_month_day(today + std::chrono::days(1));
  options.records[0].members[0].link = 0;
  fixture.controller().reconfigure(std::move(options), fixture.at());
  fixture.check(0, server::Health::kUp);
  fixture.check(1, server::Health::kUp);
  fixture.evaluate();
  CHECK(fixture.controller().alarms().empty());
  fixture.pass(std::chrono::duration_cast<std::chrono::milliseconds>(today + std::chrono::days(1) - fixture.at().wall));
  fixture.evaluate();
  CHECK(fixture.controller().alarms().contains("deprecated/atm"));
}
