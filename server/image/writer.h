// Writes images beside serving: one thread at the lowest priority, one image after another.
//
//     owner      enqueue(requests) -> waiting --.                            .--> take_finished: words for the log;
//     zones are dropped here thread                                 '--> write (seconds) ---> done, `on_finished`
//
// All but `on_finished` is called on the owner's thread, which is where zones are destroyed.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "server/image/images.h"

namespace server {

class ImageWriter {
 public:
  // `on_finished` is called on the thread, when `take_finished` returns something.
  ImageWriter(const std::string& directory, Files& files, std::function<void()> on_finished);
  ~ImageWriter() { stop(); }

  // A zone's later request takes the place of one that waits.
  void enqueue(std::vector<ImageRequest> requests);

  struct Written {
    ImageRequest request;
    dns::Result<void, std::string> outcome;  // Images::write's
    std::chrono::milliseconds duration{};
  };
  std::vector<Written> take_finished();
  // Gives up what is under way, and waits for that.
  void stop();

 private:
  void run();

  Images images_;
  Files& files_;
  std::function<void()> on_finished_;
  std::atomic<bool> stopping_ = false;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<ImageRequest> queue_;
  std::vector<Written> finished_;

  std::jthread thread_;  // last: ends before what it uses. Started with the first request
};

}  // namespace server
