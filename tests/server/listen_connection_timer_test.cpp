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

TEST_CASE("pace: stages and deadlines") {
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
      {"octet by octet gains no time",
       {{100ms, Event::kPart, Stage::kReceiving, 600ms}, {400ms, Event::kPart, Stage::kReceiving, 600ms}}},
      {"idle, then a part",
       {{10ms, Event::kWhole, Stage::kIdle, 10'010ms}, {5'000ms, Event::kPart, Stage::kReceiving, 5'500ms}}},
      {"the next message's time starts with its first octet",
       {{10ms, Event::kPart, Stage::kReceiving, 510ms}, {300ms, Event::kWholeAndPart, Stage::kReceiving, 800ms}}},
      {"unwritable, then read",
       {{10ms, Event::kBlocked, Stage::kSending, 510ms},
        {300ms, Event::kProgress, Stage::kSending, 800ms},
        {310ms, Event::kWhole, Stage::kIdle, 10'310ms}}},
  };
  CHECK((ConnectionTimer(kStart).deadline(kOptions) == kStart + 2'000ms));
  for (const Story& story : stories) {
    CAPTURE(story.name);
    ConnectionTimer pace(kStart);
    for (const Step& step : story.steps) {
      pace.on(step.event, kStart + step.at);
      CHECK((pace.stage() == step.stage));
      CHECK((pace.deadline(kOptions) == kStart + step.deadline));
    }
  }
}

TEST_CASE("pace: who goes first when room is needed") {
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
