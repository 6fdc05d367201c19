// The states of keepalived's instances on this host: from its notify FIFO, and before that from the JSON file that
// keepalived writes on request.
//
//     open --> skip what the pipe holds (lines of unknown age) --> the snapshot, if configured --> each new line
//
// A pipe without a reader keeps its lines, so a late reader would get old news: lines queued before the first open are
// not used. The snapshot is used only if it is younger than kSnapshotAge and than the last line. A killed keepalived
// writes nothing: its last state stays, and counts only as a claim.
//
// keepalived deletes its FIFO and makes a new one when it is reloaded. inotify reports the new one, so that little is
// written before it is open: lines of a FIFO that is deleted before are lost. `check` compares the open FIFO with the
// file at the path. After a replacement the last lines of the old FIFO and all lines of the new one count. States
// without such a line are unknown until the next line or a newer snapshot. After a removal a stopped instance stays
// stopped.
//
// Needs only permission to open the files; a missing or unreadable file is tried again. One thread; reads at most one
// pipe's content at a time.
#pragma once

#include <sys/types.h>

#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/runtime/descriptor.h"
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

// One FIFO without a timer and a reactor: `FifoSource` adds them. keepalived has one FIFO for all its instances.
class FifoReader {
 public:
  static constexpr std::chrono::milliseconds kCheckInterval{500};

  struct Subscriber {
    std::string instance, snapshot;         // `snapshot`: path, may be empty
    std::function<void(FifoRole)> on_role;  // called for each line of the instance, and with kUnknown
  };
  struct Callbacks {
    std::function<void(const std::string&)> fault;  // called when the reason changes
    std::function<void()> recovered;
  };

  FifoReader(std::string path, Callbacks callbacks) : path_(std::move(path)), callbacks_(std::move(callbacks)) {}

  void subscribe(std::vector<Subscriber> subscribers);  // replaces the earlier ones; calls those whose role is known
  void check();                                         // each kCheckInterval: opens, notices a replacement
  void read();                                          // when the descriptor is readable
  int descriptor() const { return pipe_.get(); }        // -1: not open
  std::uint64_t opened() const { return opened_; }      // how often

 private:
  struct Heard {
    FifoRole role = FifoRole::kUnknown;
    std::time_t at = 0;  // wall-clock time of the last line; also of a state that is forgotten
  };
  enum class PathState : std::uint8_t { kSame, kReplaced, kRemoved };

  PathState path_state() const;
  void leave_old_pipe(PathState now);
  void open();
  void discard_backlog();
  void read_snapshots();
  void tell_unknown();
  bool all_known();
  void take(std::string_view octets);
  void heard(const std::string& instance, FifoRole role);
  ssize_t read_once();
  void fault(const std::string& words);
  void recovered();

  std::string path_;
  Callbacks callbacks_;
  std::vector<Subscriber> subscribers_;
  FileDescriptor pipe_;
  std::uint64_t opened_ = 0;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::map<std::string, Heard, std::less<>> heard_;  // by instance, at most kInstancesMax
  std::string partial_;                              // a line that is not complete yet
  std::string fault_;                                // as reported; empty: none
  bool replaced_ = false;                            // and a subscriber's role is still unknown
  bool empty_ = false;  // at the last try it was missing or at its end, or another FIFO: its content is recent
};

class FifoSource {
 public:
  FifoSource(boost::asio::io_context& context, std::string path, FifoReader::Callbacks callbacks)
      : reader_(path, std::move(callbacks)),
        path_(std::move(path)),
        watch_(context),
        names_(context),
        timer_(context) {}

  void subscribe(std::vector<FifoReader::Subscriber> subscribers) { reader_.subscribe(std::move(subscribers)); }
  void start();    // does nothing after the first call
  void restart();  // after an exception of a callback

 private:
  void check();
  void check_within(std::chrono::milliseconds delay);
  void follow_descriptor();
  void wait();
  void follow_directory();
  void wait_for_names();
  bool read_names();

  FifoReader reader_;
  std::string path_;
  boost::asio::posix::stream_descriptor watch_;  // a duplicate of the reader's descriptor
  std::uint64_t watched_ = 0;                    // which of the reader's descriptors
  boost::asio::posix::stream_descriptor names_;  // inotify of the directory: closed where there is none
  boost::asio::steady_timer timer_;
  bool started_ = false;
  // Handlers queued before destruction, or before the last `restart`, check it.
  std::shared_ptr<const int> alive_ = std::make_shared<const int>();
};

}  // namespace server
