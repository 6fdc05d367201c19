#include <atomic>
#include <deque>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "server/runtime/mailbox.h"

using namespace std::chrono_literals;
using server::Mailbox;

namespace {

using Queue = Mailbox<std::deque<int>, server::TakeFirst>;

void push(Queue& queue, int value) {
  queue.post([&](std::deque<int>& values) { values.push_back(value); });
}

}  // namespace

TEST_CASE("mailbox: a queue returns one element at a time, in order") {
  Queue queue;
  for (const int value : {1, 2, 3}) push(queue, value);
  CHECK(queue.take() == 1);
  CHECK(queue.take() == 2);
  CHECK(queue.take_for(0s) == 3);
  CHECK(queue.take_for(0s) == std::nullopt);
}

TEST_CASE("mailbox: take returns the whole content, and the function passed to post merges it") {
  Mailbox<std::string> box;
  box.post([](std::string& text) { text = "first"; });
  box.post([](std::string& text) { text = "latest"; });
  CHECK(box.take() == "latest");
  CHECK(box.take_for(0s) == std::nullopt);
}

TEST_CASE("mailbox: after finish, take returns the queued elements and then nothing") {
  Queue queue;
  push(queue, 1);
  push(queue, 2);
  queue.finish();
  CHECK(queue.take() == 1);
  CHECK(queue.take() == 2);
  CHECK(queue.take() == std::nullopt);
}

TEST_CASE("mailbox: close removes the queued elements and rejects later ones") {
  Queue queue;
  push(queue, 1);
  CHECK_FALSE(queue.wait_until_closed(0s));
  CHECK(queue.close() == std::deque{1});
  push(queue, 2);
  CHECK(queue.take() == std::nullopt);
  CHECK(queue.wait_until_closed(0s));
  CHECK(queue.close().empty());
}

TEST_CASE("mailbox: wait_until ends at its condition or at the deadline and keeps the content") {
  Queue queue;
  push(queue, 1);
  push(queue, 2);
  int seen = 0;
  const auto use = [&](std::deque<int>& values) { seen = std::exchange(values.back(), 3); };
  const auto past = std::chrono::steady_clock::now();
  queue.wait_until(past, [](const std::deque<int>&) { return false; }, use);
  CHECK(seen == 2);
  queue.wait_until(std::chrono::steady_clock::now() + 1h, [](const auto& values) { return values.size() == 2; }, use);
  CHECK(seen == 3);
  CHECK(queue.take() == 1);
}

TEST_CASE("mailbox: wait_until_idle returns when the owner has finished all posted work") {
  Queue queue;
  std::atomic<int> sum = 0;
  std::jthread owner([&] {
    while (const auto value = queue.take()) sum += *value;
  });
  for (int round = 1; round <= 100; ++round) {
    push(queue, 1);
    push(queue, 2);
    queue.wait_until_idle();
    CHECK(sum == 3 * round);
  }
  queue.finish();
}

TEST_CASE("mailbox: the owner works without the lock and may post") {
  Queue queue;
  std::vector<int> taken;
  push(queue, 3);
  std::jthread owner([&] {
    while (const auto value = queue.take()) {
      taken.push_back(*value);
      if (*value > 0) push(queue, *value - 1);
      if (*value == 0) queue.finish();
    }
  });
  owner.join();
  CHECK(taken == std::vector{3, 2, 1, 0});
}

TEST_CASE("mailbox: close wakes a waiting owner") {
  Queue queue;
  std::latch started(1);
  std::optional<int> taken = 0;
  std::jthread owner([&] {
    started.count_down();
    taken = queue.take();
  });
  started.wait();
  queue.close();
  owner.join();
  CHECK(taken == std::nullopt);
}

TEST_CASE("mailbox: each element from several posting threads is taken once") {
  Queue queue;
  std::vector<int> seen(400);
  std::jthread owner([&] {
    while (const auto value = queue.take()) ++seen[static_cast<std::size_t>(*value)];
  });
  {
    std::vector<std::jthread> posters;
    for (int first = 0; first < 4; ++first)
      posters.emplace_back([&queue, first] {
        for (int value = first; value < 400; value += 4) push(queue, value);
      });
  }
  queue.finish();
  owner.join();
  CHECK(seen == std::vector<int>(400, 1));
}
