#include "server/failover/helm.h"

#include <doctest/doctest.h>

#include "zone/name/text.h"

using namespace std::chrono_literals;

namespace {

// www.example.com/A with two members, each with a check of its own; time stands still unless `pass` is called.
class Bridge {
 public:
  explicit Bridge(server::SteeringMode mode = server::SteeringMode::kAct, const server::Memory& memory = {}) {
    facts_.checks.assign(2, {});
    helm_ = std::make_unique<server::Helm>(options(mode), memory, at_, [this](const server::Event& event) { said_ += to_text(event) + "\n"; });
  }

  static server::SteeringOptions options(server::SteeringMode mode) {
    server::SteeringOptions options;
    options.mode = mode;
    server::AnswerOptions answer;
    answer.owner = *dns::parse_name("www.example.com.");
    answer.type = dns::Type::A;
    answer.failback_delay = 0s;
    for (const char* address : {"203.0.113.10", "198.51.100.10"}) {
      server::MemberOptions member;
      member.name = answer.members.empty() ? "via-a" : "via-b";
      member.addresses = {boost::asio::ip::make_address(address)};
      server::CheckOptions check;
      check.target = member.addresses.front();
      member.checks = {check};
      answer.members.push_back(std::move(member));
    }
    options.answers.push_back(std::move(answer));
    return options;
  }

  void check(std::size_t index, server::Health health) {
    facts_.checks[index].health = health;
    facts_.checks[index].since = at_.now;
  }
  void pass(std::chrono::milliseconds time) {
    at_.now += time;
    at_.wall += time;
  }
  server::Helm::Turn turn() { return helm_->turn(facts_, at_); }
  std::string served() { return addresses_text(helm_->plan().options.answers[0], helm_->evaluator().answers()[0]); }
  server::Helm& helm() { return *helm_; }
  server::Moment at() const { return at_; }
  std::string& said() { return said_; }

 private:
  server::Moment at_{server::Instant{} + 1h, server::WallTime{} + 500'000h};
  server::Facts facts_;
  std::string said_;
  std::unique_ptr<server::Helm> helm_;
};

server::Order order(server::OrderKind kind, std::string subject, std::string member = {}, std::optional<server::WallTime> until = {}) {
  return {.kind = kind, .subject = std::move(subject), .member = std::move(member), .until = until, .by = "root"};
}

}  // namespace

TEST_CASE("nothing is decided until the evidence is known or the initial round is over") {
  Bridge bridge;
  bridge.check(1, server::Health::kUp);
  CHECK(!bridge.turn().overlay);
  bridge.check(0, server::Health::kUp);
  const auto begun = bridge.turn();
  REQUIRE(begun.overlay);
  CHECK(begun.overlay->sets.size() == 1);
  CHECK(bridge.served() == "203.0.113.10");
}

TEST_CASE("the initial round is bounded") {
  Bridge bridge;
  CHECK(!bridge.turn().overlay);
  bridge.pass(3s);
  CHECK(bridge.turn().overlay);
  CHECK(bridge.served() == "default");
}

TEST_CASE("a failure is one overlay with a later generation, told with its evidence") {
  Bridge bridge;
  bridge.check(0, server::Health::kUp);
  bridge.check(1, server::Health::kUp);
  const auto before = bridge.turn();
  CHECK(!bridge.turn().overlay);
  bridge.pass(10s);
  bridge.check(0, server::Health::kDown);
  bridge.said().clear();
  const auto after = bridge.turn();
  REQUIRE(after.overlay);
  CHECK(after.overlay->generation > before.overlay->generation);
  CHECK(bridge.served() == "198.51.100.10");
  CHECK(bridge.said().find("www.example.com/A 203.0.113.10 -> 198.51.100.10: ") != std::string::npos);
  CHECK(bridge.helm().counters().rewrites.value() == 1);
}

TEST_CASE("in observe mode all is told and nothing laid") {
  Bridge bridge(server::SteeringMode::kObserve);
  bridge.check(0, server::Health::kDown);
  bridge.check(1, server::Health::kUp);
  const auto turn = bridge.turn();
  REQUIRE(turn.overlay);
  CHECK(turn.overlay->sets.empty());
  CHECK(bridge.said().find("would answer") != std::string::npos);
}

TEST_CASE("a force holds until its end, and is told") {
  Bridge bridge;
  bridge.check(0, server::Health::kUp);
  bridge.check(1, server::Health::kUp);
  bridge.turn();
  bridge.helm().place(order(server::OrderKind::kForce, "www.example.com/A", "via-b", bridge.at().wall + 60s), bridge.at());
  bridge.turn();
  CHECK(bridge.served() == "198.51.100.10");
  bridge.pass(61s);
  bridge.turn();
  CHECK(bridge.helm().orders().all().empty());
  CHECK(bridge.served() == "203.0.113.10");
  CHECK(bridge.said().find("over: force www.example.com/A to via-b") != std::string::npos);
}

TEST_CASE("what is remembered answers at once after a restart, with the orders") {
  Bridge first;
  first.check(0, server::Health::kDown);
  first.check(1, server::Health::kUp);
  first.turn();
  first.helm().place(order(server::OrderKind::kFreeze, "*"), first.at());
  const auto text = to_json(first.helm().remember(first.at()));
  const auto remembered = server::parse_memory(text);
  CHECK(remembered.fault.empty());
  Bridge second(server::SteeringMode::kAct, remembered.memory);
  const auto turn = second.turn();
  REQUIRE(turn.overlay);
  CHECK(turn.overlay->generation > first.helm().generation());
  CHECK(second.served() == "198.51.100.10");
  CHECK(second.helm().orders().all().size() == 1);
}

TEST_CASE("a memory of before what was published last decides nothing by itself") {
  Bridge first;
  first.check(0, server::Health::kUp);
  first.check(1, server::Health::kUp);
  first.turn();
  const server::Memory memory = first.helm().remember(first.at());
  Bridge second(server::SteeringMode::kAct, memory);
  second.helm().published_before(memory.generation + 1);
  CHECK(!second.turn().overlay);
  second.check(0, server::Health::kDown);
  second.check(1, server::Health::kUp);
  CHECK(second.turn().overlay);
  CHECK(second.served() == "198.51.100.10");
}

TEST_CASE("an alarm is told when it begins and when it ends") {
  Bridge bridge;
  bridge.helm().raise_alarm("k", "eth0", "no packet socket", bridge.at());
  bridge.helm().raise_alarm("k", "eth0", "no packet socket", bridge.at());
  CHECK(bridge.helm().alarms().size() == 1);
  bridge.helm().clear_alarm("k", bridge.at());
  CHECK(bridge.said() == "eth0: no packet socket\neth0: no longer: no packet socket\n");
}

TEST_CASE("another plan keeps the states of names that stay") {
  Bridge bridge;
  bridge.check(0, server::Health::kDown);
  bridge.check(1, server::Health::kUp);
  bridge.turn();
  bridge.helm().replan(Bridge::options(server::SteeringMode::kAct), bridge.at());
  CHECK(bridge.turn().overlay);
  CHECK(bridge.served() == "198.51.100.10");
}
