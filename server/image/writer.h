// Writes images while the server answers: one thread at the lowest priority, one image after another.
//
//     owner      enqueue(requests) --> queue --.                           .--> take_finished: outcomes for the log
//     thread                                   '--> write (seconds) -------'--> on_finished
//
// Everything but `on_finished` is called on the owner's thread. Zones are destroyed there.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "server/image/images.h"
#include "server/runtime/mailbox.h"

namespace server {

class ImageWriter {
 public:
  // `on_finished` is called on the writer's thread when `take_finished` has something to return.
  ImageWriter(const std::string& directory, Files& files, std::function<void()> on_finished);
  ~ImageWriter() { stop(); }

  // A later request for a zone replaces one that waits.
  void enqueue(std::vector<ImageRequest> requests);

  struct Written {
    ImageRequest request;
    dns::Result<void, std::string> outcome;  // Images::write's
    std::chrono::milliseconds duration{};
  };
  std::vector<Written> take_finished();
  // Drops what waits, gives up the image that is being written, and waits for the thread.
  void stop();

 private:
  void run();

  Images images_;
  Files& files_;
  std::function<void()> on_finished_;
  std::atomic<bool> stopping_ = false;

  Mailbox<std::deque<ImageRequest>, TakeFirst> queue_;
  Mailbox<std::vector<Written>> finished_;

  std::jthread thread_;  // last: ends before what it uses. The first request starts it
};

}  // namespace server
