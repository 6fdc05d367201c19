// What a query costs on its way from octets to octets, in batches of 32: instructions, allocations, time.
//
//     query_cost count WORKLOAD|all [DELEGATIONS [ZONES]]   count_me() once a workload: for callgrind; tells allocations
//     query_cost time WORKLOAD|all [DELEGATIONS [ZONES]]    nanoseconds a query, the best of some rounds
//
// The workloads are told in workloads.h.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string_view>

#include "server/query/responder.h"
#include "tests/bench/workloads.h"

namespace {

std::atomic<std::size_t> allocations{0};

constexpr std::size_t kBatch = 32, kRoom = 2048;
constexpr int kRounds = 15;

class Bench {
 public:
  Bench() {
    for (std::size_t i = 0; i < kBatch; ++i) {
      slots_[i].out = {&out_[i * kRoom], kRoom};
      slots_[i].inbound.client = {.address = {198, 51, 100, static_cast<std::uint8_t>(i)}, .address_size = 4, .port = 5353};
      slots_[i].inbound.local = {.address = {192, 0, 2, 53}, .address_size = 4, .port = 53};
    }
  }

  std::size_t ask(const dns::test::Workload& workload) {
    const auto& questions = workload.questions;
    std::size_t octets = 0;
    for (std::size_t at = 0; at < questions.size(); at += kBatch) {
      const std::size_t count = std::min(kBatch, questions.size() - at);
      for (std::size_t i = 0; i < count; ++i) slots_[i].inbound.bytes = questions[at + i];
      responder_.respond({slots_.data(), count}, *workload.snapshot);
      for (std::size_t i = 0; i < count; ++i) octets += slots_[i].size;
    }
    return octets;
  }

 private:
  server::Counters counters_;
  server::Responder responder_{{}, counters_};
  std::array<server::Responder::Slot, kBatch> slots_{};
  std::vector<std::uint8_t> out_ = std::vector<std::uint8_t>(kBatch * kRoom);
};

double best_time(Bench& bench, const dns::test::Workload& workload) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    bench.ask(workload);
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count() / static_cast<double>(workload.questions.size()));
  }
  return best;
}

}  // namespace

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const room = std::malloc(size == 0 ? 1 : size)) return room;
  throw std::bad_alloc();
}
void operator delete(void* room) noexcept { std::free(room); }
void operator delete(void* room, std::size_t) noexcept { std::free(room); }

// By a name that a tool finds.
extern "C" [[gnu::noinline]] std::size_t count_me(void* bench, const void* workload) {
  return static_cast<Bench*>(bench)->ask(*static_cast<const dns::test::Workload*>(workload));
}

int main(int count, char** words) {
  const std::string_view mode = count > 1 ? words[1] : "", wanted = count > 2 ? words[2] : "";
  dns::test::WorkloadSizes sizes;
  if (count > 3) sizes.delegations = std::strtoull(words[3], nullptr, 10);
  if (count > 4) sizes.zones = std::strtoull(words[4], nullptr, 10);
  if ((mode != "count" && mode != "time") || wanted.empty() || sizes.delegations == 0 || sizes.zones == 0) {
    std::fprintf(stderr, "query_cost count|time WORKLOAD|all [DELEGATIONS [ZONES]]\n");
    return 2;
  }
  const auto workloads = dns::test::make_workloads(sizes);
  Bench bench;
  for (const dns::test::Workload& workload : workloads) {
    if (wanted != "all" && wanted != workload.name) continue;
    if (mode == "time") {
      std::printf("%-8s %6.0f ns a query\n", workload.name.c_str(), best_time(bench, workload));
      continue;
    }
    const std::size_t before = allocations;
    const std::size_t octets = count_me(&bench, &workload);
    std::printf("%s: %zu queries, %zu octets, %zu allocations\n", workload.name.c_str(), workload.questions.size(), octets, allocations - before);
  }
  return 0;
}
