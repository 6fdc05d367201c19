// The thread that reads the configuration again. A file system that hangs there delays neither signals nor the end.
//
//     main thread    read(request) --> mailbox --> this thread: reads the file --> on_read(request, outcome)
//
// Requests are served one after another, each with a reading of its own, because the file may change between them.
#pragma once

#include <deque>

#include "server/control/reload_report.h"
#include "server/observe/log.h"
#include "server/runtime/mailbox.h"
#include "server/runtime/thread.h"
#include "server/server.h"

namespace server {

class ConfigThread {
 public:
  using Outcome = dns::Result<NewConfig, std::vector<std::string>>;
  using OnRead = std::function<void(const ReloadRequestPtr& request, std::shared_ptr<Outcome> outcome)>;

  // `on_read` runs on this thread and must be short.
  ConfigThread(ConfigReloader reader, OnRead on_read, Log log)
      : reader_(std::move(reader)), on_read_(std::move(on_read)), log_(std::move(log)) {}
  // Waits for a reading that is running: call `stop` before, and do not destroy the object if that returned false.
  ~ConfigThread() { requests_.close(); }

  dns::Result<void, std::string> start();
  // Any thread. Does nothing after `stop`.
  void read(ReloadRequestPtr request);
  // Waiting requests are dropped. False if the file is still being read after `timeout`: the process must then end
  // without the destructor of this object.
  bool stop(std::chrono::milliseconds timeout);

 private:
  void run();

  ConfigReloader reader_;
  OnRead on_read_;
  Log log_;
  Mailbox<std::deque<ReloadRequestPtr>, TakeFirst> requests_;
  std::jthread thread_;  // last: ends before what it uses
};

}  // namespace server
