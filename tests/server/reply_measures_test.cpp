// Measures and verdicts in the text of programs and files.
#include "server/reply/measures.h"

#include <doctest/doctest.h>

namespace {

using namespace server;
using namespace std::chrono_literals;

Measures measures(std::optional<Duration> latency, std::optional<Duration> jitter = {}, std::optional<double> loss = {}) {
  return {.latency = latency, .jitter = jitter, .loss = loss};
}

}  // namespace

TEST_CASE("measures are read where they are well formed, all else is passed over") {
  struct Row {
    const char* text;
    Measures found;
  };
  const Row rows[] = {
      {"", measures({})},
      {"latency=12ms", measures(12ms)},
      {"up latency=1.5s jitter=250us loss=0.5%\n", measures(1500ms, 250us, 0.005)},
      {"loss=0.25\tlatency=0ms", measures(0ms, {}, 0.25)},
      {"latency=800ns", measures(800ns)},
      {"PING 192.0.2.1: latency=3ms, done latency=4ms", measures(4ms)},   // "3ms," has no unit that we know
      {"latency=3ms latency=5ms", measures(5ms)},
      {"latency=12", measures({})},
      {"latency=-1ms", measures({})},
      {"latency=ms", measures({})},
      {"latency=1e3ms", measures({})},
      {"latency=inf latency=nan loss=nan%", measures({})},
      {"latency=7200s", measures({})},
      {"loss=101%", measures({})},
      {"loss=100%", measures({}, {}, 1)},
      {"loss=1.5", measures({})},
      {"Latency=1ms speed=1ms =1ms latency=", measures({})},
  };
  for (const Row& row : rows) CHECK_MESSAGE(parse_measures(row.text) == row.found, std::string(row.text));
}

TEST_CASE("a verdict is the first word that is one") {
  CHECK(parse_verdict("up") == Outcome::kOk);
  CHECK(parse_verdict(" \n down up") == Outcome::kFailed);
  CHECK(parse_verdict("state: up\n") == Outcome::kOk);
  CHECK(!parse_verdict("upward UP down."));
  CHECK(!parse_verdict(""));
  CHECK(!parse_verdict(std::string(kMaxMeasureText, ' ') + "up"));
}

TEST_CASE("a first line is short, printable and not empty where there is one") {
  CHECK(first_line("\n  connection refused\nmore") == "connection refused");
  CHECK(first_line("a\x1b[31mb\r\n") == "a[31mb");
  CHECK(first_line(std::string(1000, 'x')).size() == kMaxDetail);
  CHECK(first_line("\n\n").empty());
}

TEST_CASE("a duration reads as milliseconds") {
  CHECK(to_text(Duration(12'345'678)) == "12.3 ms");
  CHECK(to_text(Duration(45'678)) == "0.0457 ms");
}
