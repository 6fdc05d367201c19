// Writes images beside serving: one thread at the lowest priority, one image after another.
//
//     owner      keep(orders) ---> waiting --.                            .--> collect: words for the log; zones are dropped here
//     thread                                 '--> write (seconds) ---> done, `tell`
//
// All but `tell` is called on the owner's thread, which is where zones are destroyed.
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
  // `tell` is called on the thread, when there is something to collect.
  ImageWriter(const std::string& directory, Files& files, std::function<void()> tell);
  ~ImageWriter() { end(); }

  // A zone's later order takes the place of one that waits.
  void keep(std::vector<ImageOrder> orders);

  struct Written {
    ImageOrder order;
    dns::Result<void, std::string> outcome;   // Images::write's
    std::chrono::milliseconds taken{};
  };
  std::vector<Written> collect();
  // Gives up what is under way, and waits for that.
  void end();

 private:
  void run();

  Images images_;
  Files& files_;
  std::function<void()> tell_;
  std::atomic<bool> ended_ = false;

  std::mutex mutex_;   // guards what follows
  std::condition_variable changed_;
  std::deque<ImageOrder> waiting_;
  std::vector<Written> done_;

  std::jthread thread_;   // last: ends before what it uses. Started with the first order
};

}  // namespace server
