// Measures the CPU time to read a zone file, by stage.
//
//     load_cost cuts|parse|load ZONE=FILE [ROUNDS [LEVEL [THREADS]]]
//
// Prints GB/s of text a core, and nanoseconds and octets a record; the best of the rounds.
//
// cuts    finds the start and end of tokens only
// parse   text to records with all syntax checks; drops the records
// load    text to a checked zone that could be served
//
// LEVEL is a number. 0 is the level that every machine supports; the default is the best level of this machine.
// THREADS threads share a load; the program also prints the wall time. The file is read before the measurement. The
// time is that of all threads of the process, so other work on the machine adds little. To compare builds, run them in
// alternation.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/threads.h"
#include "zone/file/load.h"
#include "zone/master/parser.h"
#include "zone/name/text.h"
#include "zone/text/classify.h"
#include "zone/text/lines.h"

namespace {

class BorrowedText : public dns::Text {
 public:
  explicit BorrowedText(std::string_view text) : text_(text) {}
  std::string_view text() const override { return text_; }

 private:
  std::string_view text_;
};

// The only file. It can be opened any number of times.
class OneFile : public dns::SourceReader {
 public:
  explicit OneFile(std::string text) : text_(std::move(text)) {}
  dns::Result<Opened, std::string> open(std::string_view path, std::string_view) override {
    return Opened{std::string(path), std::make_unique<BorrowedText>(text_)};
  }
  std::string_view text() const { return text_; }

 private:
  std::string text_;
};

class CountingSink : public dns::RecordSink {
 public:
  void record(const dns::RecordView& record) override {
    ++records;
    octets += record.owner.size() + record.rdata.size();
  }
  std::size_t records = 0, octets = 0;
};

struct Round {
  std::size_t records = 0;
  std::size_t bytes = 0;  // of memory, if there is a zone
  std::size_t faults = 0;
};

Round cut(OneFile& file, dns::SimdLevel level) {
  const auto cuts = std::make_unique<dns::TokenBounds>();
  Round round;
  for (std::string_view rest = file.text(); !rest.empty(); rest.remove_prefix(std::min(rest.size(), dns::kWindow))) {
    dns::find_token_bounds(level, rest.substr(0, dns::kWindow), *cuts);
    round.records += cuts->count;
  }
  return round;
}

Round parse(OneFile& file, const dns::Name& apex, dns::SimdLevel level) {
  dns::Sources sources;
  dns::Diagnostics diagnostics;
  CountingSink sink;
  dns::ParseOptions options;
  options.origin = apex;
  options.level = level;
  const std::uint32_t source = sources.add(*file.open("zone", {}), std::nullopt);
  dns::parse(sources, source, options, file, sink, diagnostics);
  return {sink.records, 0, diagnostics.errors()};
}

Round load(OneFile& file, const dns::Name& apex, const dns::ParallelExecutor& parallel) {
  dns::Diagnostics diagnostics;
  const dns::LoadedZone loaded = dns::load_zone(apex, "zone", file, diagnostics, parallel);
  if (loaded.zone == nullptr) return {0, 0, diagnostics.errors()};
  return {loaded.zone->totals().records, loaded.zone->totals().bytes, diagnostics.errors()};
}

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

int usage() {
  std::fputs("usage: load_cost cuts|parse|load ZONE=FILE [ROUNDS [LEVEL [THREADS]]]\n", stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return usage();
  const std::string_view stage = argv[1], named = argv[2];
  const std::size_t equals = named.find('=');
  if (equals == std::string_view::npos) return usage();
  const auto apex = dns::parse_name(std::string(named.substr(0, equals)) + (named[equals - 1] == '.' ? "" : "."));
  std::ifstream in(std::string(named.substr(equals + 1)), std::ios::binary);
  if (!apex || !in) return usage();
  OneFile file(std::string(std::istreambuf_iterator<char>(in), {}));

  const int rounds = argc > 3 ? std::atoi(argv[3]) : 3;
  const std::size_t wanted = argc > 4 ? static_cast<std::size_t>(std::atoi(argv[4])) : dns::simd_levels().size() - 1;
  const dns::SimdLevel level = dns::simd_levels()[std::min(wanted, dns::simd_levels().size() - 1)];
  const dns::ParallelExecutor parallel =
      dns::test::threads(argc > 5 ? static_cast<std::size_t>(std::atoi(argv[5])) : 1);
  double best = 1e9, wall = 1e9;
  Round round;
  for (int i = 0; i < rounds; ++i) {
    const double begin = seconds(CLOCK_PROCESS_CPUTIME_ID), begun = seconds(CLOCK_MONOTONIC);
    round = stage == "cuts"    ? cut(file, level)
            : stage == "parse" ? parse(file, *apex, level)
                               : load(file, *apex, parallel);
    best = std::min(best, seconds(CLOCK_PROCESS_CPUTIME_ID) - begin);
    wall = std::min(wall, seconds(CLOCK_MONOTONIC) - begun);
  }
  const auto octets = static_cast<double>(file.text().size()), records = static_cast<double>(round.records);
  std::printf("%s: %zu %s, %zu errors, %.3f s of CPU, %.3f s, %.2f GB/s, %.1f ns each", argv[1], round.records,
              stage == "cuts" ? "cuts" : "records", round.faults, best, wall, octets / best * 1e-9,
              best / records * 1e9);
  if (round.bytes != 0)
    std::printf(", %.1f MiB, %.1f octets each", static_cast<double>(round.bytes) / (1 << 20),
                static_cast<double>(round.bytes) / records);
  std::printf("\n");
}
