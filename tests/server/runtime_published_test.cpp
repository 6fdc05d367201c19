#include <thread>

#include <doctest/doctest.h>

#include "server/runtime/published.h"

using server::Published;

namespace {

// Counts the live objects. Both numbers are the same; in a destroyed object they differ.
struct Value {
  Value(std::uint64_t number, std::atomic<int>& alive) : first(number), second(number), alive_(alive) { ++alive_; }
  ~Value() {
    first = 0;
    second = ~std::uint64_t{0};
    --alive_;
  }
  std::atomic<std::uint64_t> first, second;
  std::atomic<int>& alive_;
};

}  // namespace

TEST_CASE("published: a value stays alive while a reader uses it") {
  std::atomic<int> alive = 0;
  Published<Value> published(std::make_shared<Value>(1, alive), 2);
  {
    Published<Value>::ReadGuard old(published, 0);
    published.publish(std::make_shared<Value>(2, alive));
    CHECK(alive == 2);
    CHECK(old->first == 1);
    const Published<Value>::ReadGuard current(published, 1);
    CHECK(current->first == 2);
    CHECK(published.reclaim() == 1);
  }
  CHECK(published.reclaim() == 0);
  CHECK(alive == 1);
}

TEST_CASE("published: idle readers and readers of the current value do not keep old values alive") {
  std::atomic<int> alive = 0;
  Published<Value> published(std::make_shared<Value>(1, alive), 3);
  published.publish(std::make_shared<Value>(2, alive));
  CHECK(alive == 1);
  const Published<Value>::ReadGuard current(published, 1);
  CHECK(published.reclaim() == 0);
  published.publish(std::make_shared<Value>(3, alive));
  CHECK(alive == 2);
}

TEST_CASE("published: concurrent readers never see a destroyed value") {
  constexpr std::uint64_t kVersions = 20'000;
  std::atomic<int> alive = 0;
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> torn = 0, backwards = 0;
  {
    Published<Value> published(std::make_shared<Value>(1, alive), 3);
    std::vector<std::jthread> readers;
    for (std::size_t id = 0; id < 3; ++id) {
      readers.emplace_back([&, id] {
        std::uint64_t last = 0;
        while (!stop) {
          const Published<Value>::ReadGuard value(published, id);
          const std::uint64_t number = value->first;
          if (number != value->second) ++torn;
          if (number < last) ++backwards;
          last = number;
        }
      });
    }
    for (std::uint64_t version = 2; version <= kVersions; ++version)
      published.publish(std::make_shared<Value>(version, alive));
    stop = true;
    readers.clear();
    CHECK(published.reclaim() == 0);
    CHECK(alive == 1);
  }
  CHECK(torn == 0);
  CHECK(backwards == 0);
  CHECK(alive == 0);
}
