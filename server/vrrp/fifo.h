// The state of keepalived's instances on this host: from its notify FIFO, and before that from the JSON file that
// keepalived writes on request.
//
//     open --> skip what the pipe holds (lines of unknown age) --> the snapshot, if configured --> each new line
//
// A pipe without a reader keeps its lines, so a late reader would get old news: lines queued before the open are not
// used. The snapshot is used only if it is younger than kSnapshotAge. A killed keepalived writes nothing: its last
// state stays, and counts only as a claim. Needs only permission to open the files; a missing or unreadable file is
// tried again. One thread; reads at most one pipe's content at a time.
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

// `INSTANCE "VI_1" MASTER 200`; nothing for groups, for events that are no state (MASTER_RX_LOWER_PRI), and for
// malformed lines.
std::optional<FifoLine> parse_fifo_line(std::string_view line);

// The role of `instance` in keepalived's JSON; kUnknown if the text is not such JSON, or does not contain the instance.
FifoRole parse_snapshot(std::string_view json, std::string_view instance);

class FifoSource {
 public:
  struct Callbacks {
    std::function<void(FifoRole)> role;
    std::function<void(const std::string&)> fault;  // called once until the file is readable again
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
  std::string partial_;  // a line that is not complete yet
  bool faulty_ = false;
  bool empty_ = false;  // at the last try, a moment ago, it was missing or at its end: its content is recent
  std::shared_ptr<const int> alive_ = std::make_shared<const int>();  // handlers queued before destruction check it
};

}  // namespace server
