#include "server/config_thread.h"

namespace server {

// Where no memory is left, the reload fails, and the server goes on.
void ConfigThread::run() {
  run_until_done(
      [this] {
        while (const auto request = requests_.take()) on_read_(*request, std::make_shared<Outcome>(reader_()));
      },
      [this](std::string_view what) {
        log_->error("the configuration could not be read: {}; keeping the running one, reload again", what);
      });
}

dns::Result<void, std::string> ConfigThread::start() {
  auto thread = start_thread({"config", std::nullopt, 0}, [this] { run(); });
  if (!thread) return dns::Failure(thread.error());
  thread_ = std::move(*thread);
  return {};
}

void ConfigThread::read(ReloadRequestPtr request) {
  requests_.post([&](std::deque<ReloadRequestPtr>& waiting) { waiting.push_back(std::move(request)); });
}

bool ConfigThread::stop(std::chrono::milliseconds timeout) {
  requests_.close();
  return requests_.wait_until_idle(timeout);
}

}  // namespace server
