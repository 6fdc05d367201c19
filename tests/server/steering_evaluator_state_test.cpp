#include <time.h>

#include <algorithm>
#include <cstdint>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/steering.h"

using namespace steered;
using server::Policy;

namespace {

std::int64_t cpu_time() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

TEST_CASE("evaluator state: save writes valid JSON for any names, and restore reads it back") {
  server::SteeringOptions options = three_links(Policy::kFailover);
  options.records[0].members[1].name = "b\"\\,:{[\x01\xe9";
  options.links[0].name = "}]\t";
  World world(options);
  world.all_up();
  world.down("10.255.0.1");
  world.evaluate();
  const std::string saved = world.evaluator.save(world.now, world.wall());
  REQUIRE(!nlohmann::json::parse(saved, nullptr, false).is_discarded());
  World next(options);
  next.now = world.now;
  REQUIRE(next.evaluator.restore(saved, next.now, next.wall()).has_value());
  const std::string again = next.evaluator.save(next.now, next.wall());
  // A name that is not UTF-8 is not restored. The configuration rejects such names.
  CHECK(nlohmann::json::parse(again)["links"] == nlohmann::json::parse(saved)["links"]);
}

TEST_CASE("evaluator state: the first save takes less than a third of the time of the JSON library") {
  server::SteeringOptions options = three_links(Policy::kFailover);
  for (int i = 0; i < 2000; ++i) {
    options.records.push_back(options.records[0]);
    options.records.back().owner = *dns::parse_name("n" + std::to_string(i) + ".example.com");
  }
  std::int64_t saving = INT64_MAX, json_library = INT64_MAX;
  for (int round = 0; round < 5; ++round) {  // the minimum of each: other load can only increase the times
    World world(options);
    world.all_up();
    world.evaluate();
    std::int64_t began = cpu_time();
    const std::string saved = world.evaluator.save(world.now, world.wall());
    saving = std::min(saving, cpu_time() - began);
    began = cpu_time();
    const std::string copy = nlohmann::json::parse(saved).dump();
    json_library = std::min(json_library, cpu_time() - began);
    CHECK(copy.size() == saved.size());
  }
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  CHECK(saving * 2 < json_library);  // the sanitizer weighs its own work
#else
  CHECK(saving * 3 < json_library);
#endif
}
