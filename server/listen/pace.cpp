#include "server/listen/pace.h"

namespace server {
namespace {

int right_to_stay(Pace::Stage stage) {
  switch (stage) {
    case Pace::Stage::kReceiving:
    case Pace::Stage::kSending: return 0;
    case Pace::Stage::kFirst: return 1;
    case Pace::Stage::kIdle: return 2;
  }
  return 0;
}

}  // namespace

void Pace::on(Event event, Time now) {
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

Pace::Time Pace::deadline(const TcpOptions& options) const {
  switch (stage_) {
    case Stage::kFirst: return since_ + options.first_timeout;
    case Stage::kIdle: return since_ + options.idle_timeout;
    case Stage::kReceiving:
    case Stage::kSending: return since_ + options.message_timeout;
  }
  return since_;
}

bool Pace::yields_before(const Pace& other) const {
  const int ours = right_to_stay(stage_), theirs = right_to_stay(other.stage_);
  return ours != theirs ? ours < theirs : since_ < other.since_;
}

}  // namespace server
