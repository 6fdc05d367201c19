// The failover thread: one thread that hears all evidence, asks the controller, and hands overlays to the store.
//
//     VrrpMonitor, HealthChecks --changed--> one evaluation a loop round --> FailoverController --> overlay --> steer
//     (the store's thread)
//                                              ^                       |--> event --> log, followers
//     decision tick (1 s), Decision::next -----'                       '--> memory --> AsyncFileWriter (its own thread)
//
// From evidence to overlay there is no disk and no lock that the disk holds. What is remembered is written behind it:
// at once after a change, then at most every kSaveInterval; overrides are on the disk before they are acknowledged.
//
// `open` comes before privileges are dropped, `start` after. `reload`, `set_suspended` and `end` may come from any
// thread; all else is of the failover thread, which runs `context()`: the control socket lives there too.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/failover/async_file_writer.h"
#include "server/failover/failover_controller.h"
#include "server/failover/inputs.h"
#include "server/observe/log.h"

namespace server {

inline constexpr std::chrono::milliseconds kSaveInterval{200};

class FailoverThread {
 public:
  struct Wiring {
    SteeringOptions options;
    std::string state;                             // directory; empty: nothing is remembered
    std::function<void(Overlay overlay)> publish;  // called on the failover thread; must not wait
    Log log;
  };
  explicit FailoverThread(Wiring wiring);
  ~FailoverThread() { end(); }
  FailoverThread(const FailoverThread&) = delete;
  FailoverThread& operator=(const FailoverThread&) = delete;

  void open();
  // `published`: the generation of what an earlier process published last; 0: nothing.
  void start(std::uint64_t published);
  void end();  // what is remembered is on the disk when it returns
  void reload(SteeringOptions options);
  // Names that are managed and not served as decided, and why: an alarm each, which replace the last.
  struct Suspended {
    std::string name, reason;
  };
  void set_suspended(std::vector<Suspended> names);

  boost::asio::io_context& context() { return context_; }

  const FailoverController& controller() const { return controller_; }
  const HealthInputs& inputs() const { return inputs_; }
  static Moment moment();

  // `done` once it outlives a restart, or cannot: then with words. The override is in force at once.
  void add_overrides(std::vector<AdminOverride> overrides, AsyncFileWriter::Done done);
  // How many there were; `done` as above.
  std::size_t remove_overrides(OverrideGroup of, const std::vector<std::string>& subjects, const std::string& by,
                               AsyncFileWriter::Done done);

  // Called for every event until `unsubscribe`.
  std::uint64_t subscribe(FailoverController::Listener listener);
  void unsubscribe(std::uint64_t subscriber) { subscribers_.erase(subscriber); }

 private:
  static SavedState load_state(const Wiring& wiring);
  void on_event(const Event& event);
  void queue_evaluation();
  void evaluate();
  void set_timer(std::optional<Instant> next);
  void save_soon();
  void save(AsyncFileWriter::Done done);
  void on_saved(const WriteOutcome& outcome);

  const Wiring wiring_;
  const SavedState loaded_state_;
  boost::asio::io_context context_{1};
  boost::asio::steady_timer timer_, save_timer_;
  std::uint64_t next_subscriber_ = 0;
  std::map<std::uint64_t, FailoverController::Listener> subscribers_;
  FailoverController controller_;
  HealthInputs inputs_;
  bool evaluation_queued_ = false;
  bool save_timer_running_ = false, unsaved_ = false;
  std::vector<Suspended> suspended_;
  std::unique_ptr<AsyncFileWriter> state_writer_;
  std::optional<std::jthread> thread_;
};

}  // namespace server
