#include "server/image/writer.h"

#include <algorithm>
#include <new>
#include <utility>

#include "server/runtime/memory_reserve.h"
#include "server/runtime/thread.h"

namespace server {
namespace {

constexpr int kWriterNiceness = 19;

}  // namespace

ImageWriter::ImageWriter(const std::string& directory, Files& files, std::function<void()> on_finished)
    : images_(directory), files_(files), on_finished_(std::move(on_finished)) {}

void ImageWriter::enqueue(std::vector<ImageRequest> requests) {
  if (requests.empty() || stopping_) return;
  queue_.post([&](std::deque<ImageRequest>& queue) {
    for (ImageRequest& request : requests) {
      const auto same = std::ranges::find(queue, request.apex, &ImageRequest::apex);
      if (same != queue.end()) {
        *same = std::move(request);
      } else {
        queue.push_back(std::move(request));
      }
    }
  });
  if (thread_.joinable()) return;
  // Where no thread can be started, the requests wait for the next call: images are only for a faster start.
  if (auto thread = start_thread({"images", std::nullopt, kWriterNiceness}, [this] { run(); }))
    thread_ = std::move(*thread);
}

std::vector<ImageWriter::Written> ImageWriter::take_finished() {
  return finished_.take_for({}).value_or(std::vector<Written>());
}

void ImageWriter::stop() {
  stopping_ = true;
  queue_.close();
  if (thread_.joinable()) thread_.join();
  finished_.close();
}

void ImageWriter::run() {
  while (std::optional<ImageRequest> request = queue_.take()) {
    const Instant begun = Instant::clock::now();
    dns::Result<void, std::string> outcome;
    try {
      const MayRunOutOfMemory may;
      outcome = images_.write(*request, files_, stopping_);
    } catch (const std::bad_alloc&) {
      outcome = dns::Failure<std::string>("no memory is left");
    }
    const auto duration = std::chrono::duration_cast<std::chrono::milliseconds>(Instant::clock::now() - begun);
    finished_.post([&](std::vector<Written>& finished) {
      finished.push_back({std::move(*request), std::move(outcome), duration});
    });
    on_finished_();
  }
}

}  // namespace server
