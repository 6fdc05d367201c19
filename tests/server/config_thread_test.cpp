#include "server/config_thread.h"

#include <unistd.h>

#include <atomic>
#include <future>
#include <new>

#include <doctest/doctest.h>

using namespace server;

namespace {

const Log kLog =
    make_log({.level = LogLevel::kError, .format = LogFormat::kText}, std::make_shared<LineWriter>(STDERR_FILENO));

ConfigThread::Outcome read_as(std::string line) { return dns::Failure(std::vector<std::string>{std::move(line)}); }

}  // namespace

TEST_CASE("config thread: each request gets a reading of its own, in order") {
  int readings = 0;
  std::string told;
  std::promise<void> done;
  ConfigThread thread([&] { return read_as(std::to_string(++readings)); },
                      [&](const ReloadRequestPtr& request, const std::shared_ptr<ConfigThread::Outcome>& outcome) {
                        told += request->report.lines.front() + outcome->error().front() + " ";
                        if (readings == 2) done.set_value();
                      },
                      kLog);
  REQUIRE(thread.start());
  for (const char* name : {"a", "b"}) {
    const auto request = std::make_shared<ReloadRequest>();
    request->report.add(name);
    thread.read(request);
  }
  done.get_future().wait();
  CHECK(told == "a1 b2 ");
  CHECK(thread.stop(std::chrono::seconds(60)));
}

TEST_CASE("config thread: a reading that hangs does not delay the end, and drops what waits") {
  std::promise<void> begun, disk;
  std::atomic<int> readings = 0;
  ConfigThread thread(
      [&] {
        if (++readings == 1) begun.set_value();
        disk.get_future().wait();
        return read_as("late");
      },
      [](const ReloadRequestPtr&, const std::shared_ptr<ConfigThread::Outcome>&) {}, kLog);
  REQUIRE(thread.start());
  thread.read(std::make_shared<ReloadRequest>());
  thread.read(std::make_shared<ReloadRequest>());
  begun.get_future().wait();
  CHECK_FALSE(thread.stop(std::chrono::milliseconds(0)));
  thread.read(std::make_shared<ReloadRequest>());
  disk.set_value();
  CHECK(thread.stop(std::chrono::seconds(60)));
  CHECK(readings == 1);
}

TEST_CASE("config thread: without memory a reading fails, and the next one is done") {
  int readings = 0;
  std::promise<void> done;
  ConfigThread thread(
      [&] {
        if (++readings == 1) throw std::bad_alloc();
        return read_as("");
      },
      [&](const ReloadRequestPtr&, const std::shared_ptr<ConfigThread::Outcome>&) { done.set_value(); }, kLog);
  REQUIRE(thread.start());
  for (int i = 0; i < 2; ++i) thread.read(std::make_shared<ReloadRequest>());
  done.get_future().wait();
  CHECK(readings == 2);
}
