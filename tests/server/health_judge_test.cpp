// A check's state machine in virtual time: rows of results and the healths after each, and what holds for any row.
#include <random>

#include "server/health/judge.h"

#include <doctest/doctest.h>

namespace {

using namespace server;
using namespace std::chrono_literals;

constexpr Instant kStart{1000s};

ProbeResult result_of(char letter) {
  switch (letter) {
    case '+': return {.outcome = Outcome::kOk, .measures = {.latency = 10ms, .jitter = {}, .loss = {}}, .detail = "ok"};
    case '-': return {.outcome = Outcome::kFailed, .measures = {}, .detail = "no reply"};
    default: return {.outcome = Outcome::kUnknown, .measures = {}, .detail = "no descriptor left"};
  }
}

char letter_of(Health health) { return health == Health::kUp ? 'U' : health == Health::kDown ? 'D' : '?'; }

// The healths after each of the results, which come a second apart.
std::string healths(const JudgeOptions& options, const std::string& results, Health restored = Health::kUnknown) {
  Judge judge(options, kStart);
  judge.restore(restored, kStart);
  std::string out;
  Instant now = kStart;
  for (const char letter : results) {
    judge.take(now += 1s, result_of(letter));
    out += letter_of(judge.state().health);
  }
  return out;
}

}  // namespace

TEST_CASE("results turn a health by fall and rise") {
  struct Row {
    const char* what;
    unsigned fall, rise;
    const char* results;
    const char* healths;
    Health restored = Health::kUnknown;
  };
  const Row rows[] = {
      {"one result decides the first health", 3, 3, "+", "U"},
      {"also a failure", 3, 3, "-", "D"},
      {"fall failures in a row turn it", 3, 3, "+---", "UUUD"},
      {"a success between them begins anew", 3, 3, "+--+--", "UUUUUU"},
      {"rise successes in a row turn it back", 3, 2, "+---++", "UUUDDU"},
      {"the deciding failure does not count twice: down is down", 3, 3, "-++-+++", "DDDDDDU"},
      {"fall 1 turns at once", 1, 1, "+-+-", "UDUD"},
      {"silence says nothing until it lasts", 3, 3, "+00+000", "UUUUUU?"},
      {"silence does not break a row of failures", 3, 3, "+-0--", "UUUUD"},
      {"after silence one result decides again", 3, 3, "+000-", "UUU?D"},
      {"a restored health takes fall to turn", 3, 3, "---", "UUD", Health::kUp},
      {"a restored health takes rise to turn", 3, 3, "+++", "DDU", Health::kDown},
  };
  for (const Row& row : rows) {
    const JudgeOptions options{.fall = row.fall, .rise = row.rise, .unknown_after = 3};
    CHECK_MESSAGE(healths(options, row.results, row.restored) == row.healths, std::string(row.what));
  }
}

TEST_CASE("a file that nobody writes is unknown at once") {
  MonitorOptions monitor;
  monitor.kind = ProbeKind::kFile;
  CHECK(healths(judge_options(monitor), "+0") == "U?");
  monitor.kind = ProbeKind::kExec;
  CHECK(healths(judge_options(monitor), "+0") == "UU");
}

TEST_CASE("a state tells since when, how often and why") {
  Judge judge({.fall = 2}, kStart);
  CHECK(judge.state().since == kStart);
  CHECK(judge.take(kStart + 1s, result_of('+')));
  CHECK(!judge.take(kStart + 2s, result_of('-')));
  CHECK(judge.take(kStart + 3s, result_of('-')));
  CHECK(judge.state().since == kStart + 3s);
  CHECK(judge.state().probes == 3);
  CHECK(judge.state().failures == 2);
  CHECK(judge.state().transitions == 2);
  CHECK(judge.state().detail == "no reply");
}

TEST_CASE("a restored health keeps its age, and gives way to what was found meanwhile") {
  Judge judge({}, kStart);
  judge.restore(Health::kDown, kStart - 100s);
  CHECK(judge.state().since == kStart - 100s);
  Judge decided({}, kStart);
  decided.take(kStart + 1s, result_of('+'));
  decided.restore(Health::kDown, kStart - 100s);
  CHECK(decided.state().health == Health::kUp);
}

TEST_CASE("may_change is the earliest instant of another health") {
  const JudgeOptions options{.fall = 3, .rise = 2, .unknown_after = 3, .interval = 5s};
  struct Row {
    const char* results;
    Schedule schedule;     // as of kStart + 10 s
    Duration may_change;   // after kStart
  };
  const Row rows[] = {
      {"", {kStart + 12s, 0}, 12s},        // unknown: the next result
      {"", {kStart + 12s, 1}, 10s},        // or the one that is under way
      {"+", {kStart + 12s, 0}, 22s},       // three failures: at 12, 17 and 22 s
      {"+", {kStart + 12s, 1}, 17s},       // one of them may end at once
      {"+--", {kStart + 12s, 0}, 12s},
      {"+--", {kStart + 12s, 1}, 10s},
      {"-", {kStart + 12s, 0}, 17s},       // two successes
      {"-+", {kStart + 12s, 0}, 12s},
      {"+-", {kStart + 3s, 0}, 10s},       // overdue: not before now
  };
  for (const Row& row : rows) {
    Judge judge(options, kStart);
    for (const char* letter = row.results; *letter != '\0'; ++letter) judge.take(kStart + 1s, result_of(*letter));
    judge.plan(kStart + 10s, row.schedule);
    CHECK_MESSAGE(judge.state().may_change == kStart + row.may_change, std::string(row.results));
  }
}

TEST_CASE("whatever the results: a health turns only when may_change allows it, and never alone") {
  std::mt19937 random(20261122);
  for (int round = 0; round < 300; ++round) {
    const auto one_to_four = [&random] { return static_cast<unsigned>(1 + random() % 4); };
    const JudgeOptions options{.fall = one_to_four(), .rise = one_to_four(), .unknown_after = one_to_four(), .interval = 5s};
    Judge judge(options, kStart);
    Instant next = kStart;
    for (int probe = 0; probe < 100; ++probe, next += 5s) {
      judge.plan(next, {next, 0});
      const Instant promised = *judge.state().may_change;
      const CheckState before = judge.state();
      const bool turned = judge.take(next, result_of("++++-----0"[random() % 10]));
      CHECK(turned == (judge.state().health != before.health));
      CHECK(judge.state().transitions == before.transitions + (turned ? 1 : 0));
      if (turned) CHECK(promised <= next);
    }
  }
}
