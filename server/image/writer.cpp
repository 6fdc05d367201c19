#include "server/image/writer.h"

#include <algorithm>
#include <utility>

#include "server/runtime/instant.h"
#include "server/runtime/thread.h"

namespace server {
namespace {

constexpr int kWriterNiceness = 19;

}  // namespace

ImageWriter::ImageWriter(const std::string& directory, Files& files, std::function<void()> tell)
    : images_(directory), files_(files), tell_(std::move(tell)) {}

void ImageWriter::keep(std::vector<ImageOrder> orders) {
  if (orders.empty() || ended_) return;
  {
    const std::lock_guard lock(mutex_);
    for (ImageOrder& order : orders) {
      const auto same = std::ranges::find(waiting_, order.apex, &ImageOrder::apex);
      if (same != waiting_.end()) {
        *same = std::move(order);
      } else {
        waiting_.push_back(std::move(order));
      }
    }
    changed_.notify_one();
  }
  if (!thread_.joinable()) thread_ = start_thread({"images", std::nullopt, kWriterNiceness}, [this] { run(); });
}

std::vector<ImageWriter::Written> ImageWriter::collect() {
  const std::lock_guard lock(mutex_);
  return std::exchange(done_, {});
}

void ImageWriter::end() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  waiting_.clear();
  done_.clear();
}

void ImageWriter::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
    if (ended_) return;
    ImageOrder order = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    const Instant begun = Instant::clock::now();
    auto outcome = images_.write(order, files_, ended_);
    const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(Instant::clock::now() - begun);
    lock.lock();
    done_.push_back({std::move(order), std::move(outcome), taken});
    lock.unlock();
    tell_();
    lock.lock();
  }
}

}  // namespace server
