#include <doctest/doctest.h>

#include "server/listen/connection_timer.h"

using namespace std::chrono_literals;
using server::ConnectionTimer;
using Event = ConnectionTimer::Event;
using Stage = ConnectionTimer::Stage;

namespace {

constexpr ConnectionTimer::Time kStart{};
const server::TcpOptions kOptions{};

}  // namespace

TEST_CASE("connection timer: each event sets the stage and the deadline") {
  struct Step {
    std::chrono::milliseconds at;
    Event event;
    Stage stage;
    std::chrono::milliseconds deadline;
  };
  struct Story {
    const char* name;
    std::vector<Step> steps;
  };
  const Story stories[] = {
      {"a message in one read", {{10ms, Event::kWhole, Stage::kIdle, 10'010ms}}},
      {"single octets do not extend the time of a message",
       {{100ms, Event::kPart, Stage::kReceiving, 600ms}, {400ms, Event::kPart, Stage::kReceiving, 600ms}}},
      {"idle, then a part of a message",
       {{10ms, Event::kWhole, Stage::kIdle, 10'010ms}, {5'000ms, Event::kPart, Stage::kReceiving, 5'500ms}}},
      {"the time of the next message starts with its first octet",
       {{10ms, Event::kPart, Stage::kReceiving, 510ms}, {300ms, Event::kWholeAndPart, Stage::kReceiving, 800ms}}},
      {"an answer is blocked, then sent",
       {{10ms, Event::kBlocked, Stage::kSending, 510ms},
        {300ms, Event::kProgress, Stage::kSending, 800ms},
        {310ms, Event::kWhole, Stage::kIdle, 10'310ms}}},
  };
  CHECK((ConnectionTimer(kStart).deadline(kOptions) == kStart + 2'000ms));
  for (const Story& story : stories) {
    CAPTURE(story.name);
    ConnectionTimer timer(kStart);
    for (const Step& step : story.steps) {
      timer.on(step.event, kStart + step.at);
      CHECK((timer.stage() == step.stage));
      CHECK((timer.deadline(kOptions) == kStart + step.deadline));
    }
  }
}

TEST_CASE("connection timer: evicts unread and stalled clients first, then silent clients, then idle clients") {
  ConnectionTimer stalled(kStart), unread(kStart), silent(kStart + 1ms), fresh(kStart + 100ms), idle(kStart),
      active(kStart);
  stalled.on(Event::kPart, kStart + 50ms);
  unread.on(Event::kBlocked, kStart + 40ms);
  idle.on(Event::kWhole, kStart + 10ms);
  active.on(Event::kWhole, kStart + 90ms);
  const ConnectionTimer order[] = {unread, stalled, silent, fresh, idle, active};
  for (std::size_t i = 0; i < std::size(order); ++i) {
    for (std::size_t j = 0; j < std::size(order); ++j) {
      CAPTURE(i);
      CAPTURE(j);
      CHECK(order[i].evict_before(order[j]) == (i < j));
    }
  }
}
