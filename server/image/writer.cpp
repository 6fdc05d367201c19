#include "server/image/writer.h"

#include <algorithm>
#include <utility>

#include "server/runtime/instant.h"
#include "server/runtime/thread.h"

namespace server {
namespace {

constexpr int kWriterNiceness = 19;

}  // namespace

ImageWriter::ImageWriter(const std::string& directory, Files& files, std::function<void()> on_finished)
    : images_(directory), files_(files), on_finished_(std::move(on_finished)) {}

void ImageWriter::enqueue(std::vector<ImageRequest> requests) {
  if (requests.empty() || stopping_) return;
  {
    const std::lock_guard lock(mutex_);
    for (ImageRequest& request : requests) {
      const auto same = std::ranges::find(queue_, request.apex, &ImageRequest::apex);
      if (same != queue_.end()) {
        *same = std::move(request);
      } else {
        queue_.push_back(std::move(request));
      }
    }
    changed_.notify_one();
  }
  if (!thread_.joinable()) thread_ = start_thread({"images", std::nullopt, kWriterNiceness}, [this] { run(); });
}

std::vector<ImageWriter::Written> ImageWriter::take_finished() {
  const std::lock_guard lock(mutex_);
  return std::exchange(finished_, {});
}

void ImageWriter::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  queue_.clear();
  finished_.clear();
}

void ImageWriter::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    ImageRequest request = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    const Instant begun = Instant::clock::now();
    auto outcome = images_.write(request, files_, stopping_);
    const auto duration = std::chrono::duration_cast<std::chrono::milliseconds>(Instant::clock::now() - begun);
    lock.lock();
    finished_.push_back({std::move(request), std::move(outcome), duration});
    lock.unlock();
    on_finished_();
    lock.lock();
  }
}

}  // namespace server
