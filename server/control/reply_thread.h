// Renders large replies of the control socket on a thread of its own, so that nothing that reads delays a decision.
//
// The jobs run one after another, and at most kMaxJobs wait: each holds copies of what it renders. A job uses no state
// of the failover thread: it gets copies and shared values.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <thread>

#include "server/runtime/mailbox.h"
#include "zone/base/result.h"

namespace server {

class ReplyThread {
 public:
  using Job = std::function<void()>;
  static constexpr std::size_t kMaxJobs = 8;

  ReplyThread() = default;
  ~ReplyThread() { end(); }
  ReplyThread(const ReplyThread&) = delete;
  ReplyThread& operator=(const ReplyThread&) = delete;

  dns::Result<void, std::string> start();
  // Any thread. False if too many jobs wait; nothing happens after `end`. A job that throws is dropped.
  bool post(Job job);
  void end();  // waits for the running job and drops the others

 private:
  Mailbox<std::deque<Job>, TakeFirst> jobs_;
  std::jthread thread_;  // last: uses jobs_
};

}  // namespace server
