// Measures the cost of a query from octets to octets, in batches of 32: instructions, allocations, time.
//
//     query_cost count WORKLOAD|all [DELEGATIONS [ZONES]]   calls count_me() once for each workload, for callgrind;
//                                                           prints the allocations
//     query_cost time WORKLOAD|all [DELEGATIONS [ZONES]]    prints nanoseconds a query, the best of some rounds
//     query_cost alone WORKLOAD|all [DELEGATIONS [ZONES]]   prints the median for single questions. The caches are full
//                                                           of other data, as after the work of a kernel
//
// workloads.h describes the workloads.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string_view>
#include <vector>

#include "tests/bench/querier.h"
#include "tests/bench/workloads.h"

namespace {

std::atomic<std::size_t> allocations{0};

constexpr int kRounds = 15;

double best_time(dns::test::Querier& querier, const dns::test::Workload& workload) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    querier.ask(workload.questions, *workload.snapshot);
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count() / static_cast<double>(workload.questions.size()));
  }
  return best;
}

// The kernel's work between two questions leaves little of the server's data in the caches of a core.
class BackgroundLoad {
 public:
  void work() {
    for (std::size_t at = 0; at < octets_.size(); at += kLine) ++octets_[at];
  }

 private:
  static constexpr std::size_t kLine = 64;
  std::vector<std::uint8_t> octets_ = std::vector<std::uint8_t>(std::size_t{1} << 20);
};

double median_alone(dns::test::Querier& querier, const dns::test::Workload& workload) {
  BackgroundLoad others;
  std::vector<double> each;
  for (const std::vector<std::uint8_t>& question : workload.questions) {
    others.work();
    const auto begin = std::chrono::steady_clock::now();
    querier.ask({&question, 1}, *workload.snapshot);
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    each.push_back(took.count());
  }
  std::ranges::nth_element(each, each.begin() + static_cast<std::ptrdiff_t>(each.size() / 2));
  return each[each.size() / 2];
}

}  // namespace

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const room = std::malloc(size == 0 ? 1 : size)) return room;
  throw std::bad_alloc();
}
void operator delete(void* room) noexcept { std::free(room); }
void operator delete(void* room, std::size_t) noexcept { std::free(room); }

// callgrind finds this function by its name.
extern "C" [[gnu::noinline]] std::size_t count_me(void* querier, const void* workload) {
  const auto& asked = *static_cast<const dns::test::Workload*>(workload);
  return static_cast<dns::test::Querier*>(querier)->ask(asked.questions, *asked.snapshot);
}

int main(int count, char** words) {
  const std::string_view mode = count > 1 ? words[1] : "", wanted = count > 2 ? words[2] : "";
  dns::test::WorkloadSizes sizes;
  if (count > 3) sizes.delegations = std::strtoull(words[3], nullptr, 10);
  if (count > 4) sizes.zones = std::strtoull(words[4], nullptr, 10);
  if ((mode != "count" && mode != "time" && mode != "alone") || wanted.empty() || sizes.delegations == 0 ||
      sizes.zones == 0) {
    std::fprintf(stderr, "query_cost count|time|alone WORKLOAD|all [DELEGATIONS [ZONES]]\n");
    return 2;
  }
  const auto workloads = dns::test::make_workloads(sizes);
  dns::test::Querier querier;
  for (const dns::test::Workload& workload : workloads) {
    if (wanted != "all" && wanted != workload.name) continue;
    if (mode != "count") {
      std::printf("%-8s %6.0f ns a query\n", workload.name.c_str(),
                  mode == "time" ? best_time(querier, workload) : median_alone(querier, workload));
      continue;
    }
    const std::size_t before = allocations;
    const std::size_t octets = count_me(&querier, &workload);
    std::printf("%s: %zu queries, %zu octets, %zu allocations\n", workload.name.c_str(), workload.questions.size(),
                octets, allocations - before);
  }
  return 0;
}
