// Measurements and verdicts in the output of programs and in files.
#include <doctest/doctest.h>

#include "server/probe/measurements.h"

namespace {

using namespace server;
using namespace std::chrono_literals;

Measurements measurements(std::optional<Duration> latency, std::optional<Duration> jitter = {},
                          std::optional<double> loss = {}) {
  return {.latency = latency, .jitter = jitter, .loss = loss};
}

}  // namespace

TEST_CASE("measurements: parses well-formed values and ignores all other words") {
  struct Row {
    const char* text;
    Measurements found;
  };
  const Row rows[] = {
      {"", measurements({})},
      {"latency=12ms", measurements(12ms)},
      {"up latency=1.5s jitter=250us loss=0.5%\n", measurements(1500ms, 250us, 0.005)},
      {"loss=0.25\tlatency=0ms", measurements(0ms, {}, 0.25)},
      {"latency=800ns", measurements(800ns)},
      {"PING 192.0.2.1: latency=3ms, done latency=4ms", measurements(4ms)},  // "3ms," has no known unit
      {"latency=3ms latency=5ms", measurements(5ms)},
      {"latency=12", measurements({})},
      {"latency=-1ms", measurements({})},
      {"latency=ms", measurements({})},
      {"latency=1e3ms", measurements({})},
      {"latency=inf latency=nan loss=nan%", measurements({})},
      {"latency=7200s", measurements({})},
      {"loss=101%", measurements({})},
      {"loss=100%", measurements({}, {}, 1)},
      {"loss=1.5", measurements({})},
      {"Latency=1ms speed=1ms =1ms latency=", measurements({})},
  };
  for (const Row& row : rows) CHECK_MESSAGE(parse_measurements(row.text) == row.found, std::string(row.text));
}

TEST_CASE("measurements: the verdict is the first word that is up or down, without punctuation") {
  CHECK(parse_verdict("up") == Outcome::kOk);
  CHECK(parse_verdict(" \n down up") == Outcome::kFailed);
  CHECK(parse_verdict("state: up\n") == Outcome::kOk);
  CHECK(parse_verdict("down, was up") == Outcome::kFailed);
  CHECK(parse_verdict("(up).") == Outcome::kOk);
  CHECK(!parse_verdict("upward UP ... down-again"));
  CHECK(!parse_verdict(""));
  CHECK(!parse_verdict(std::string(kMaxMeasurementText, ' ') + "up"));
}

TEST_CASE("measurements: first_line returns the first non-empty line, shortened, without control characters") {
  CHECK(first_line("\n  connection refused\nmore") == "connection refused");
  CHECK(first_line("a\x1b[31mb\r\n") == "a[31mb");
  CHECK(first_line(std::string(1000, 'x')).size() == kMaxDetail);
  CHECK(first_line("\n\n").empty());
}

TEST_CASE("measurements: to_text formats a duration in milliseconds") {
  CHECK(to_text(Duration(12'345'678)) == "12.3 ms");
  CHECK(to_text(Duration(45'678)) == "0.0457 ms");
}
