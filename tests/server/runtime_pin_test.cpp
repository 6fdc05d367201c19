// Pins: versions that long readers hold, what is known about them, and who frees them.
#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "server/runtime/published.h"

using server::Pin, server::Pins, server::Published;

namespace {

// Counts the live objects, and remembers the thread that destroyed one.
struct Version {
  Version(int number_, std::atomic<int>& alive_, std::thread::id& destroyed_on_)
      : number(number_), alive(alive_), destroyed_on(destroyed_on_) {
    ++alive;
  }
  ~Version() {
    --alive;
    destroyed_on = std::this_thread::get_id();
  }
  int number;
  std::atomic<int>& alive;
  std::thread::id& destroyed_on;
};

struct Site {
  std::shared_ptr<const Version> version(int number) {
    return std::make_shared<const Version>(number, alive, destroyed_on);
  }
  std::atomic<int> alive = 0;
  std::thread::id destroyed_on;
};

}  // namespace

TEST_CASE("pin: a version stays while it is pinned, and only the writer frees it") {
  Site site;
  Published<Version> published(site.version(1), 1);
  Pin<Version> pin(published.pins(), published.current(), 100);
  published.publish(site.version(2));
  CHECK(site.alive == 2);
  CHECK(pin->number == 1);
  CHECK(published.reclaim() == 1);
  std::jthread([&] { pin = {}; }).join();
  CHECK(site.alive == 2);
  CHECK(published.reclaim() == 0);
  CHECK(site.alive == 1);
  CHECK(site.destroyed_on == std::this_thread::get_id());
}

TEST_CASE("pin: versions and octets that are held are known; a version of several pins counts once") {
  Site site;
  Pins pins;
  const auto first = site.version(1), second = site.version(2);
  Pin<Version> a(pins, first, 100), b(pins, first, 100), c(pins, second, 30);
  const auto held = [&] { return std::array{pins.held().pins, pins.held().versions, pins.held().octets}; };
  CHECK(held() == std::array<std::size_t, 3>{3, 2, 130});
  a = {};
  CHECK(held() == std::array<std::size_t, 3>{2, 2, 130});
  b = std::move(c);
  CHECK(held() == std::array<std::size_t, 3>{1, 1, 30});
  CHECK(b->number == 2);
  CHECK(c.get() == nullptr);
  CHECK_FALSE(c.must_end());
  b = {};
  CHECK(held() == std::array<std::size_t, 3>{0, 0, 0});
}

TEST_CASE("pin: the oldest pins are told to end, one by one or until the others are within a limit") {
  Site site;
  Pins pins;
  CHECK_FALSE(pins.end_oldest());
  std::vector<Pin<Version>> all;
  for (int i = 0; i < 5; ++i) all.emplace_back(pins, site.version(i), 10);
  const auto told = [&] {
    std::string text;
    for (const auto& pin : all) text += pin.must_end() ? 'x' : '.';
    return text;
  };
  CHECK(pins.end_oldest());
  CHECK(told() == "x....");
  CHECK(pins.keep_within(40) == 0);
  CHECK(pins.keep_within(25) == 2);
  CHECK(told() == "xxx..");
  CHECK(pins.held().octets == 50);  // as long as the readers have not ended
  CHECK(pins.keep_within(0) == 2);
  CHECK_FALSE(pins.end_oldest());
  all.clear();
  CHECK(pins.reclaim() == 0);
  CHECK(site.alive == 0);
}

TEST_CASE("pin: readers on other threads pin and release while the writer publishes; all is freed on its thread") {
  constexpr int kVersions = 2'000;
  Site site;
  {
    Published<Version> published(site.version(0), 2);
    std::atomic<bool> stop = false;
    std::mutex current_mutex;
    std::shared_ptr<const Version> current = published.current();
    std::vector<std::jthread> readers;
    for (int reader = 0; reader < 2; ++reader)
      readers.emplace_back([&] {
        while (!stop) {
          Pin<Version> pin;
          {
            const std::lock_guard lock(current_mutex);
            pin = Pin<Version>(published.pins(), current, 1);
          }
          const int number = pin->number;
          std::this_thread::yield();
          if (pin->number != number) stop = true;
        }
      });
    for (int i = 1; i <= kVersions; ++i) {
      auto next = site.version(i);
      published.publish(next);
      const std::lock_guard lock(current_mutex);
      current.swap(next);
      if (published.pins().held().octets > 4) published.pins().keep_within(2);
    }
    CHECK_FALSE(stop.exchange(true));
    readers.clear();
    current = nullptr;
    CHECK(published.reclaim() == 0);
    CHECK(site.alive == 1);
  }
  CHECK(site.alive == 0);
  CHECK(site.destroyed_on == std::this_thread::get_id());
}
