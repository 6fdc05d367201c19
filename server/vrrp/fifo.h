// What keepalived says of its instances on this host: the notify FIFO, and before it the JSON that it writes when
// asked.
//
//     open --> pass over what the pipe holds (lines of unknown age) --> the snapshot, where one is configured --> each
//     line, as it comes
//
// A pipe without a reader keeps its lines, so that a late reader is told history: what was queued before is not
// believed. The snapshot is believed only where it is younger than kSnapshotAge. A killed keepalived writes nothing:
// what it said last stays, and is only as strong as a claim is. Access to the files is all that it takes; what is
// missing or unreadable is tried again. One thread; reads what fits a pipe in one go, no more.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/vrrp/router_tracker.h"

namespace server {

struct FifoLine {
  std::string instance;
  FifoRole role = FifoRole::kUnknown;

  friend bool operator==(const FifoLine&, const FifoLine&) = default;
};

// `INSTANCE "VI_1" MASTER 200`; nothing for groups, for events that are no state (MASTER_RX_LOWER_PRI), and for what is
// malformed.
std::optional<FifoLine> parse_fifo_line(std::string_view line);

// The role of `instance` in keepalived's JSON; kUnknown where the text is no such JSON, or has no such instance.
FifoRole parse_snapshot(std::string_view json, std::string_view instance);

class FifoSource {
 public:
  struct Callbacks {
    std::function<void(FifoRole)> role;
    std::function<void(const std::string&)> fault;  // once until it is readable
    std::function<void()> recovered;
  };

  FifoSource(boost::asio::io_context& context, const VirtualRouterOptions& options, Callbacks callbacks);

  void start();

 private:
  void open();
  void discard_backlog(int pipe);
  void wait();
  void drain();
  void take(std::string_view octets);
  void try_later(const std::string& fault);

  std::string path_, instance_, snapshot_;
  boost::asio::posix::stream_descriptor pipe_;
  boost::asio::steady_timer retry_;
  Callbacks callbacks_;
  std::string partial_;  // a line whose end has not come
  bool faulty_ = false;
  bool empty_ = false;  // at the last try, a moment ago, it was missing or had ended: whatever is in it now is young
  std::shared_ptr<const int> alive_ =
      std::make_shared<const int>();  // what was queued before the end sees that it is gone
};

}  // namespace server
