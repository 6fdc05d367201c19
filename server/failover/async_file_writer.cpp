#include "server/failover/async_file_writer.h"

#include <sys/types.h>

#include <new>
#include <utility>

#include "server/runtime/atomic_file.h"
#include "server/runtime/thread.h"

namespace server {
namespace {

constexpr mode_t kFileMode = 0600;

}  // namespace

AsyncFileWriter::AsyncFileWriter(std::string path) : path_(std::move(path)) {}

AsyncFileWriter::~AsyncFileWriter() { pending_.finish(); }

void AsyncFileWriter::write(Text text, Done done) {
  const std::lock_guard lock(mutex_);
  if (!thread_.joinable()) {
    auto thread = start_thread({"state-writer", std::nullopt, 0}, [this] { run(); });
    if (!thread) return done(dns::Failure("no thread can be started: " + thread.error()));
    thread_ = std::move(*thread);
  }
  pending_.post([&](Pending& pending) {
    pending.text = std::move(text);
    pending.callbacks.push_back(std::move(done));
  });
}

void AsyncFileWriter::run() {
  while (const std::optional<Pending> pending = pending_.take()) {
    const WriteOutcome outcome = write_now(pending->text);
    for (const Done& done : pending->callbacks) call(done, outcome);
  }
}

void AsyncFileWriter::call(const Done& done, const WriteOutcome& outcome) {
  try {
    done(outcome);
  } catch (const std::bad_alloc&) {  // whoever waits gives up after its own time
  }
}

WriteOutcome AsyncFileWriter::write_now(const Text& text) const {
  try {
    const WriteOutcome outcome = replace_file(path_, text(), {.mode = kFileMode});
    return outcome ? outcome : dns::Failure(path_ + ": " + outcome.error());
  } catch (const std::bad_alloc&) {
    return dns::Failure(path_ + ": no memory is left");
  }
}

}  // namespace server
