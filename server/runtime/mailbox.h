// Hands work to the thread that owns it: other threads change the content, the owner takes it out.
//
//     any thread     post(change) --> content --.          Mailbox<std::deque<Job>, TakeFirst>   a queue
//     owner thread      <--- take, take_for <---'          Mailbox<Requests>                     a box: all at once
//
// `change` edits the content under the lock, so the caller decides what is coalesced: it appends, replaces an older
// request, or keeps the latest value. Two ways to end: `finish` lets the owner take what waits; `close` takes it away.
//
// Content is default-constructed empty and has `empty()`. Any thread may call, except where a function says otherwise.
// Work never runs under the lock.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

namespace server {

// What one `take` hands out: the whole content, or the first element of a queue.
struct TakeAll {
  template <class Content>
  Content operator()(Content& content) const {
    return std::exchange(content, Content());
  }
};
struct TakeFirst {
  template <class Queue>
  typename Queue::value_type operator()(Queue& queue) const {
    typename Queue::value_type first = std::move(queue.front());
    queue.pop_front();
    return first;
  }
};

template <class Content, class Take = TakeAll>
class Mailbox {
 public:
  using Item = std::invoke_result_t<Take, Content&>;

  // Runs change(content) and wakes the owner. Does nothing after `close`.
  template <class Change>
  void post(Change&& change) {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    change(content_);
    changed_.notify_all();
  }

  // Waits for content. Nothing once the mailbox is closed, or finished and empty. The owner.
  std::optional<Item> take() {
    std::unique_lock lock(mutex_);
    set_idle();
    changed_.wait(lock, [this] { return finished_ || !content_.empty(); });
    return take_locked();
  }
  // Waits no longer than `timeout`, and returns nothing then as well. The owner.
  std::optional<Item> take_for(std::chrono::nanoseconds timeout) {
    std::unique_lock lock(mutex_);
    set_idle();
    changed_.wait_for(lock, timeout, [this] { return finished_ || !content_.empty(); });
    return take_locked();
  }
  // Waits until ready(content) or `deadline`, then runs use(content) under the lock.
  template <class Time, class Ready, class Use>
  void wait_until(Time deadline, Ready&& ready, Use&& use) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, deadline, [&] { return closed_ || ready(content_); });
    use(content_);
  }

  // From now on `take` hands out what waits, then nothing.
  void finish() {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    changed_.notify_all();
  }
  // From now on `take` hands out nothing and `post` does nothing. Returns what waited, so the caller's thread frees it.
  Content close() {
    const std::lock_guard lock(mutex_);
    finished_ = closed_ = true;
    changed_.notify_all();
    return std::exchange(content_, Content());
  }

  // Until nothing waits and the owner is back in `take`, which means that it has done what it took.
  void wait_until_idle() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return content_.empty() && !busy_; });
  }
  // False where that takes longer than `timeout`.
  bool wait_until_idle(std::chrono::nanoseconds timeout) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, [this] { return content_.empty() && !busy_; });
  }
  // False where nobody called `close` within `timeout`.
  bool wait_until_closed(std::chrono::nanoseconds timeout) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, [this] { return closed_; });
  }

 private:
  void set_idle() {
    busy_ = false;
    changed_.notify_all();
  }
  std::optional<Item> take_locked() {
    if (content_.empty()) return std::nullopt;
    busy_ = true;
    return Take()(content_);
  }

  std::mutex mutex_;  // guards all that follows
  std::condition_variable changed_;
  Content content_;
  bool busy_ = false;  // the owner works on what it took
  bool finished_ = false, closed_ = false;
};

}  // namespace server
