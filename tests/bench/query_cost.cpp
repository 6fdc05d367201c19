// What a query costs on its way from octets to octets, in batches of 32: instructions, allocations, time.
//
//     query_cost count WORKLOAD|all [DELEGATIONS [ZONES]]   count_me() once a workload: for callgrind; tells allocations
//     query_cost time WORKLOAD|all [DELEGATIONS [ZONES]]    nanoseconds a query, the best of some rounds
//
// The workloads are told in workloads.h.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string_view>

#include "tests/bench/asking.h"
#include "tests/bench/workloads.h"

namespace {

std::atomic<std::size_t> allocations{0};

constexpr int kRounds = 15;

double best_time(dns::test::Asking& asking, const dns::test::Workload& workload) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    asking.ask(workload.questions, *workload.snapshot);
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
extern "C" [[gnu::noinline]] std::size_t count_me(void* asking, const void* workload) {
  const auto& asked = *static_cast<const dns::test::Workload*>(workload);
  return static_cast<dns::test::Asking*>(asking)->ask(asked.questions, *asked.snapshot);
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
  dns::test::Asking asking;
  for (const dns::test::Workload& workload : workloads) {
    if (wanted != "all" && wanted != workload.name) continue;
    if (mode == "time") {
      std::printf("%-8s %6.0f ns a query\n", workload.name.c_str(), best_time(asking, workload));
      continue;
    }
    const std::size_t before = allocations;
    const std::size_t octets = count_me(&asking, &workload);
    std::printf("%s: %zu queries, %zu octets, %zu allocations\n", workload.name.c_str(), workload.questions.size(), octets, allocations - before);
  }
  return 0;
}
