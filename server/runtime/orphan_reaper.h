// Reaps orphans if this process is PID 1 of a container, or a child subreaper: processes that programs of checks, or
// of `docker exec`, leave behind become its children, and nobody else waits for them.
//
// The programs of checks are waited for by their probes, so their exit states must not be taken. Such a program leads a
// process group in the session of this process. A dead child that does not is an orphan, and reaped. A dead child that
// does may be an orphan that made a process group: it is reaped after kPatience, because a probe waits for its program
// at once.
//
// Reads /proc once a second. One thread: that of the io_context.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/runtime/thread.h"

namespace server {

// From /proc/PID/stat.
struct ProcessState {
  pid_t parent = 0, group = 0, session = 0;
  char state = '?';  // 'Z': dead, and nobody has waited for it

  friend bool operator==(const ProcessState&, const ProcessState&) = default;
};
std::optional<ProcessState> parse_process_state(std::string_view stat);

class OrphanReaper {
 public:
  static constexpr std::chrono::seconds kPatience{60};

  explicit OrphanReaper(boost::asio::io_context& context) : timer_(context) {}

  void start();  // does nothing in a process that does not get orphans
  static bool gets_orphans();
  int reap(Instant now);  // returns how many

 private:
  void reap_later();

  boost::asio::steady_timer timer_;
  std::map<pid_t, Instant> unclear_;  // dead children that may belong to a probe: since when
};

}  // namespace server
