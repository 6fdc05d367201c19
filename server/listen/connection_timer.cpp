#include "server/listen/connection_timer.h"

namespace server {
namespace {

int eviction_rank(ConnectionTimer::Stage stage) {
  switch (stage) {
    case ConnectionTimer::Stage::kReceiving:
    case ConnectionTimer::Stage::kSending: return 0;
    case ConnectionTimer::Stage::kFirst: return 1;
    case ConnectionTimer::Stage::kIdle: return 2;
  }
  return 0;
}

}  // namespace

void ConnectionTimer::on(Event event, Time now) {
  switch (event) {
    case Event::kPart:
      if (stage_ == Stage::kReceiving) return;
      stage_ = Stage::kReceiving;
      break;
    case Event::kWhole: stage_ = Stage::kIdle; break;
    case Event::kWholeAndPart: stage_ = Stage::kReceiving; break;
    case Event::kBlocked:
    case Event::kProgress: stage_ = Stage::kSending; break;
  }
  since_ = now;
}

ConnectionTimer::Time ConnectionTimer::deadline(const TcpOptions& options) const {
  switch (stage_) {
    case Stage::kFirst: return since_ + options.first_timeout;
    case Stage::kIdle: return since_ + options.idle_timeout;
    case Stage::kReceiving:
    case Stage::kSending: return since_ + options.message_timeout;
  }
  return since_;
}

bool ConnectionTimer::evict_before(const ConnectionTimer& other) const {
  const int ours = eviction_rank(stage_), theirs = eviction_rank(other.stage_);
  return ours != theirs ? ours < theirs : since_ < other.since_;
}

}  // namespace server
