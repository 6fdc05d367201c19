// Measures the cost of each stage of an answer alone, with Google Benchmark and the questions of workloads.h. One
// iteration is one question.
//
//     stages [--benchmark_filter=tld/.*]
//
//     key       a name to the tree's key
//     tree      questions to their keys, zones and nodes, 32 together
//     parse     octets to a query
//     answer    from a node to the sets of the answer
//     render    sets to octets
//     respond   all stages, octets to octets
//
// Times depend on other work on the machine. Compare stages with each other; to compare versions, use the instructions
// of query_cost.
#include <array>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "server/query/responder.h"
#include "tests/bench/workloads.h"
#include "zone/answer/lookup.h"
#include "zone/answer/render.h"

namespace {

constexpr std::size_t kBatch = 32, kRoom = 2048;

// A workload with the result of each stage for its questions.
struct Prepared {
  explicit Prepared(const dns::test::Workload& of) : workload(&of), keys(of.questions.size()) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      queries.push_back(dns::parse_query(of.questions[i]).query);
      keys[i].assign(queries[i].question.name);
      starts.push_back(dns::look_up_name(*of.snapshot, keys[i], queries[i].question.type));
    }
  }

  const dns::test::Workload* workload;
  std::vector<dns::Query> queries;
  std::vector<dns::Key> keys;
  std::vector<dns::ZoneLookup> starts;
};

// The next question; after the last one the first one again.
class Cursor {
 public:
  explicit Cursor(const Prepared& prepared) : count_(prepared.queries.size()) {}
  std::size_t next() { return at_++ % count_; }

 private:
  std::size_t count_, at_ = 0;
};

void key(benchmark::State& state, const Prepared& of) {
  Cursor cursor(of);
  dns::Key key;
  for (auto _ : state) {
    key.assign(of.queries[cursor.next()].question.name);
    benchmark::DoNotOptimize(key);
  }
}

void tree(benchmark::State& state, const Prepared& of) {
  Cursor cursor(of);
  std::array<dns::BatchLookup, kBatch> batch;
  std::array<dns::Key, kBatch> keys;
  while (state.KeepRunningBatch(kBatch)) {
    for (std::size_t place = 0; place < kBatch; ++place) {
      dns::BatchLookup& starting = batch[place];
      const std::size_t i = cursor.next();
      starting.key = &keys[place];
      starting.name = of.queries[i].question.name;
      starting.type = of.queries[i].question.type;
    }
    dns::look_up_batch(*of.workload->snapshot, batch);
    benchmark::DoNotOptimize(batch);
  }
}

void parse(benchmark::State& state, const Prepared& of) {
  Cursor cursor(of);
  for (auto _ : state) benchmark::DoNotOptimize(dns::parse_query(of.workload->questions[cursor.next()]));
}

void answer(benchmark::State& state, const Prepared& of) {
  Cursor cursor(of);
  const auto answer = std::make_unique<dns::Answer>();
  for (auto _ : state) {
    const std::size_t i = cursor.next();
    dns::solve(*of.workload->snapshot, of.queries[i].question, of.starts[i], {}, *answer);
    benchmark::DoNotOptimize(answer->count);
  }
}

// Renders the sections of one answer for all questions: the other answers differ only in their contents.
void render(benchmark::State& state, const Prepared& of) {
  const auto answer = std::make_unique<dns::Answer>();
  const auto compression = std::make_unique<dns::Compression>();
  std::array<std::uint8_t, kRoom> out;
  dns::solve(*of.workload->snapshot, of.queries[0].question, of.starts[0], {}, *answer);
  for (auto _ : state)
    benchmark::DoNotOptimize(dns::render(of.queries[0], *answer, {.present = true}, *compression, out));
}

void respond(benchmark::State& state, const Prepared& of) {
  Cursor cursor(of);
  server::Counters counters;
  server::Responder responder({}, counters);
  std::array<server::Responder::Slot, kBatch> slots;
  std::vector<std::uint8_t> out(kBatch * kRoom);
  for (std::size_t i = 0; i < kBatch; ++i) {
    slots[i].out = {&out[i * kRoom], kRoom};
    slots[i].inbound.client = {.address = {192, 0, 2, 1}, .address_size = 4, .port = 5353};
  }
  while (state.KeepRunningBatch(kBatch)) {
    for (server::Responder::Slot& slot : slots) slot.inbound.bytes = of.workload->questions[cursor.next()];
    responder.respond(slots, *of.workload->snapshot);
    benchmark::DoNotOptimize(out.data());
  }
}

}  // namespace

int main(int count, char** words) {
  benchmark::Initialize(&count, words);
  if (benchmark::ReportUnrecognizedArguments(count, words)) return 2;
  const std::vector<dns::test::Workload> workloads = dns::test::make_workloads({});
  std::vector<std::unique_ptr<Prepared>> prepared;
  static constexpr std::pair<const char*, void (*)(benchmark::State&, const Prepared&)> kStages[] = {
      {"key", key}, {"tree", tree}, {"parse", parse}, {"answer", answer}, {"render", render}, {"respond", respond}};
  for (const dns::test::Workload& workload : workloads) {
    prepared.push_back(std::make_unique<Prepared>(workload));
    for (const auto& [name, stage] : kStages)
      benchmark::RegisterBenchmark((workload.name + "/" + name).c_str(),
                                   [stage, of = prepared.back().get()](benchmark::State& state) { stage(state, *of); });
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
