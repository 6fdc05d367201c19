#include "server/failover/async_file_writer.h"

#include <sys/types.h>

#include <utility>

#include "server/runtime/atomic_file.h"
#include "server/runtime/thread.h"

namespace server {
namespace {

constexpr mode_t kFileMode = 0600;

}  // namespace

AsyncFileWriter::AsyncFileWriter(std::string path)
    : path_(std::move(path)), thread_(start_thread({"state-writer", std::nullopt, 0}, [this] { run(); })) {}

AsyncFileWriter::~AsyncFileWriter() { pending_.finish(); }

void AsyncFileWriter::write(Text text, Done done) {
  pending_.post([&](Pending& pending) {
    pending.text = std::move(text);
    pending.callbacks.push_back(std::move(done));
  });
}

void AsyncFileWriter::run() {
  while (const std::optional<Pending> pending = pending_.take()) {
    WriteOutcome outcome = replace_file(path_, pending->text(), {.mode = kFileMode});
    if (!outcome) outcome = dns::Failure<std::string>(path_ + ": " + outcome.error());
    for (const Done& done : pending->callbacks) done(outcome);
  }
}

}  // namespace server
