#include "server/failover/async_file_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "server/runtime/descriptor.h"
#include "server/runtime/thread.h"
#include "server/zonefiles/files.h"

namespace server {
namespace {

constexpr int kFileMode = 0600;

WriteOutcome failed(const std::string& what) { return dns::Failure<std::string>(what + ": " + std::strerror(errno)); }

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

WriteOutcome replace_file(const std::string& path, const std::string& text) {
  const std::string temporary = path + ".new";
  const FileDescriptor file(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kFileMode));
  if (file.get() < 0) return failed(temporary);
  if (!write_all(file.get(), text) || ::fsync(file.get()) != 0) return failed(temporary);
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return failed(path);
  const FileDescriptor directory(::open(directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) return failed(directory_of(path));
  return {};
}

AsyncFileWriter::AsyncFileWriter(std::string path)
    : path_(std::move(path)), thread_(start_thread({"state-writer", std::nullopt, 0}, [this] { run(); })) {}

AsyncFileWriter::~AsyncFileWriter() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void AsyncFileWriter::write(Text text, Done done) {
  {
    const std::lock_guard lock(mutex_);
    text_ = std::move(text);
    waiting_.push_back(std::move(done));
  }
  changed_.notify_all();
}

void AsyncFileWriter::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const Text text = std::exchange(text_, {});
    const std::vector<Done> callbacks = std::exchange(waiting_, {});
    lock.unlock();
    const WriteOutcome outcome = replace_file(path_, text());
    for (const Done& done : callbacks) done(outcome);
    lock.lock();
  }
}

}  // namespace server
