#include "server/observe/line_writer.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <new>
#include <utility>

#include "server/runtime/thread.h"

namespace server {
namespace {

constexpr std::size_t kMostWaiting = std::size_t{4} << 20;  // octets; the memory is used only while lines wait
constexpr std::chrono::milliseconds kEndTimeout{300};       // for the reader to take the last lines

std::uint64_t lines_in(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

// Returns the rest that the system did not take.
std::string_view write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (written < 0 && errno == EAGAIN) {  // another program has made the pipe non-blocking
      pollfd writable{descriptor, POLLOUT, 0};
      (void)::poll(&writable, 1, -1);
    } else if (written == 0 || errno != EINTR) {
      break;
    }
  }
  return text;
}

bool tell(int descriptor, LineWriter::LostLine lost_line, std::uint64_t lines) {
  try {
    return write_all(descriptor, lost_line(lines)).empty();
  } catch (const std::bad_alloc&) {
    return false;  // told later
  }
}

}  // namespace

struct LineWriter::State {
  explicit State(int file) : descriptor(file) {
    waiting.reserve(kMostWaiting);
    taken.reserve(kMostWaiting);
  }

  const int descriptor;
  std::string taken;  // being written; the thread's

  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::string waiting;
  LostLine lost_line = nullptr;        // null: it is not told
  std::uint64_t untold = 0, lost = 0;  // lines: not told yet; since the start
  bool started = false, writing = false, finished = false;
};

LineWriter::LineWriter(int descriptor) : state_(std::make_shared<State>(descriptor)) {}

dns::Result<void, std::string> LineWriter::start() {
  auto thread = start_thread({"log", std::nullopt, 0}, [state = state_] { run(*state); });
  if (!thread) return dns::Failure(thread.error());
  thread->detach();  // a stalled reader must not keep the process from ending
  const std::lock_guard lock(state_->mutex);
  state_->started = true;
  return {};
}

LineWriter::~LineWriter() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->finished = true;
    state_->changed.notify_all();
  }
  flush(kEndTimeout);
}

void LineWriter::set_lost_line(LostLine lost_line) {
  const std::lock_guard lock(state_->mutex);
  state_->lost_line = lost_line;
}

void LineWriter::write(std::string_view lines) {
  if (lines.empty()) return;
  const std::lock_guard lock(state_->mutex);
  if (state_->waiting.size() + lines.size() > kMostWaiting) {
    state_->untold += lines_in(lines);
    state_->lost += lines_in(lines);
    return;
  }
  state_->waiting += lines;
  state_->changed.notify_all();
}

bool LineWriter::flush(std::chrono::milliseconds timeout) {
  std::unique_lock lock(state_->mutex);
  if (!state_->started) {
    pollfd writable{state_->descriptor, POLLOUT, 0};
    if (state_->waiting.empty() || ::poll(&writable, 1, static_cast<int>(timeout.count())) == 0)
      return state_->waiting.empty();
    state_->lost += lines_in(write_all(state_->descriptor, state_->waiting));
    state_->waiting.clear();
    return true;
  }
  return state_->changed.wait_for(lock, timeout, [this] { return state_->waiting.empty() && !state_->writing; });
}

std::uint64_t LineWriter::lost() const {
  const std::lock_guard lock(state_->mutex);
  return state_->lost;
}

void LineWriter::run(State& state) {
  std::unique_lock lock(state.mutex);
  for (;;) {
    state.writing = false;
    state.changed.notify_all();
    state.changed.wait(lock, [&] { return state.finished || !state.waiting.empty(); });
    if (state.waiting.empty()) return;
    state.writing = true;
    std::swap(state.taken, state.waiting);
    const std::uint64_t untold = std::exchange(state.untold, 0);
    const LostLine lost_line = untold == 0 ? nullptr : state.lost_line;
    lock.unlock();
    const std::uint64_t lost = lines_in(write_all(state.descriptor, state.taken));
    const bool told = lost == 0 && lost_line != nullptr && tell(state.descriptor, lost_line, untold);
    lock.lock();
    state.taken.clear();
    state.lost += lost;
    state.untold += lost + (told ? 0 : untold);
  }
}

}  // namespace server
