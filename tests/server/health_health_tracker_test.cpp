// The state machine of a check in virtual time: the health after each result of a sequence, and invariants of random
// sequences.
#include <random>

#include <doctest/doctest.h>

#include "server/health/health_tracker.h"

namespace {

using namespace server;
using namespace std::chrono_literals;

constexpr Instant kStart{1000s};

ProbeResult result_of(char letter) {
  switch (letter) {
    case '+':
      return {.outcome = Outcome::kOk, .measurements = {.latency = 10ms, .jitter = {}, .loss = {}}, .detail = "ok"};
    case '-': return {.outcome = Outcome::kFailed, .measurements = {}, .detail = "no reply"};
    default: return {.outcome = Outcome::kUnknown, .measurements = {}, .detail = "no descriptor left"};
  }
}

char letter_of(Health health) { return health == Health::kUp ? 'U' : health == Health::kDown ? 'D' : '?'; }

// The health after each result. There is one result per second.
std::string healths(const HealthTrackerOptions& options, const std::string& results,
                    Health restored = Health::kUnknown) {
  HealthTracker tracker(options, kStart);
  tracker.restore(restored, kStart);
  std::string out;
  Instant now = kStart;
  for (const char letter : results) {
    tracker.add_result(now += 1s, result_of(letter));
    out += letter_of(tracker.state().health);
  }
  return out;
}

}  // namespace

TEST_CASE("health tracker: results change the health by fall, rise and unknown_after") {
  struct Row {
    const char* what;
    unsigned fall, rise;
    const char* results;
    const char* healths;
    Health restored = Health::kUnknown;
  };
  const Row rows[] = {
      {"the first result decides the health", 3, 3, "+", "U"},
      {"a failure as the first result means down", 3, 3, "-", "D"},
      {"`fall` failures in a row change up to down", 3, 3, "+---", "UUUD"},
      {"a success resets the count of failures", 3, 3, "+--+--", "UUUUUU"},
      {"`rise` successes in a row change down to up", 3, 2, "+---++", "UUUDDU"},
      {"a failure while down only resets the count of successes", 3, 3, "-++-+++", "DDDDDDU"},
      {"with fall 1 and rise 1 each result changes the health", 1, 1, "+-+-", "UDUD"},
      {"`unknown_after` unknown results in a row change the health to unknown", 3, 3, "+00+000", "UUUUUU?"},
      {"an unknown result does not reset the count of failures", 3, 3, "+-0--", "UUUUD"},
      {"after unknown the next result decides", 3, 3, "+000-", "UUU?D"},
      {"a restored up needs `fall` failures to change", 3, 3, "---", "UUD", Health::kUp},
      {"a restored down needs `rise` successes to change", 3, 3, "+++", "DDU", Health::kDown},
  };
  for (const Row& row : rows) {
    const HealthTrackerOptions options{.fall = row.fall, .rise = row.rise, .unknown_after = 3};
    CHECK_MESSAGE(healths(options, row.results, row.restored) == row.healths, std::string(row.what));
  }
}

TEST_CASE("health tracker: one unknown result makes a file check unknown, but not an exec check") {
  MonitorOptions monitor;
  monitor.kind = ProbeKind::kFile;
  CHECK(healths(tracker_options(monitor), "+0") == "U?");
  monitor.kind = ProbeKind::kExec;
  CHECK(healths(tracker_options(monitor), "+0") == "UU");
}

TEST_CASE("health tracker: the state contains the time of the change, the counters and the last detail") {
  HealthTracker tracker({.fall = 2}, kStart);
  CHECK(tracker.state().since == kStart);
  CHECK(tracker.add_result(kStart + 1s, result_of('+')));
  CHECK(!tracker.add_result(kStart + 2s, result_of('-')));
  CHECK(tracker.add_result(kStart + 3s, result_of('-')));
  CHECK(tracker.state().since == kStart + 3s);
  CHECK(tracker.state().probes == 3);
  CHECK(tracker.state().failures == 2);
  CHECK(tracker.state().transitions == 2);
  CHECK(tracker.state().detail == "no reply");
}

TEST_CASE("health tracker: restore keeps the age of the saved health and does not overwrite a new result") {
  HealthTracker tracker({}, kStart);
  tracker.restore(Health::kDown, kStart - 100s);
  CHECK(tracker.state().since == kStart - 100s);
  HealthTracker decided({}, kStart);
  decided.add_result(kStart + 1s, result_of('+'));
  decided.restore(Health::kDown, kStart - 100s);
  CHECK(decided.state().health == Health::kUp);
}

TEST_CASE("health tracker: may_change is the earliest time at which the health can change") {
  const HealthTrackerOptions options{.fall = 3, .rise = 2, .unknown_after = 3, .interval = 5s};
  struct Row {
    const char* results;
    Schedule schedule;    // as of kStart + 10 s
    Duration may_change;  // after kStart
  };
  const Row rows[] = {
      {"", {kStart + 12s, 0}, 12s},   // unknown: the next result
      {"", {kStart + 12s, 1}, 10s},   // or the result of the probe in progress
      {"+", {kStart + 12s, 0}, 22s},  // three failures: at 12, 17 and 22 s
      {"+", {kStart + 12s, 1}, 17s},  // the probe in progress may fail at once
      {"+--", {kStart + 12s, 0}, 12s}, {"+--", {kStart + 12s, 1}, 10s}, {"-", {kStart + 12s, 0}, 17s},  // two successes
      {"-+", {kStart + 12s, 0}, 12s},  {"+-", {kStart + 3s, 0}, 10s},  // overdue: not before now
  };
  for (const Row& row : rows) {
    HealthTracker tracker(options, kStart);
    for (const char* letter = row.results; *letter != '\0'; ++letter)
      tracker.add_result(kStart + 1s, result_of(*letter));
    tracker.set_schedule(kStart + 10s, row.schedule);
    CHECK_MESSAGE(tracker.state().may_change == kStart + row.may_change, std::string(row.results));
  }
}

TEST_CASE("health tracker: with random results the health changes only with a result and not before may_change") {
  std::mt19937 random(20261122);
  for (int round = 0; round < 300; ++round) {
    const auto one_to_four = [&random] { return static_cast<unsigned>(1 + random() % 4); };
    const HealthTrackerOptions options{
        .fall = one_to_four(), .rise = one_to_four(), .unknown_after = one_to_four(), .interval = 5s};
    HealthTracker tracker(options, kStart);
    Instant next = kStart;
    for (int probe = 0; probe < 100; ++probe, next += 5s) {
      tracker.set_schedule(next, {next, 0});
      const Instant earliest = *tracker.state().may_change;
      const CheckState before = tracker.state();
      const bool changed = tracker.add_result(next, result_of("++++-----0"[random() % 10]));
      CHECK(changed == (tracker.state().health != before.health));
      CHECK(tracker.state().transitions == before.transitions + (changed ? 1 : 0));
      if (changed) CHECK(earliest <= next);
    }
  }
}
