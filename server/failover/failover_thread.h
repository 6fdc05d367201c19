// The failover thread: it receives all inputs, runs the controller, and passes overlays to the store.
//
//     VrrpMonitor, HealthChecks --changed--> one evaluation a loop round --> FailoverController --> overlay --> publish
//                                              ^                       |                           (the store's thread)
//     decision tick (1 s), Decision::next -----'                       |--> event --> log, subscribers
//                                                                      '--> state --> AsyncFileWriter (its own thread)
//
// Between an input and the overlay there is no disk access, and no lock that is held during disk access. The state is
// saved afterwards: at once after a change, then at most every kSaveInterval. An override is acknowledged after it is
// on the disk.
//
// Call `open` before privileges are dropped and `start` afterwards. `reload`, `set_troubles` and `end` may be called
// from any thread. All other functions belong to the failover thread, which runs `context()`; the commands of the
// control socket too.
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

inline constexpr std::chrono::milliseconds kSaveInterval{200}, kSaveRetry{1000};
inline constexpr std::chrono::milliseconds kEndTimeout{500};  // for the disk to take the last state

class FailoverThread {
 public:
  struct Dependencies {
    SteeringOptions options;
    std::string state;                             // directory; empty: no state is saved
    std::function<void(Overlay overlay)> publish;  // called on the failover thread; must not wait
    Log log;
    std::function<void()> go_on = {};  // after an exception, on the failover thread: resumes the owner's own work
  };
  explicit FailoverThread(Dependencies dependencies);
  ~FailoverThread() { (void)end(kEndTimeout); }
  FailoverThread(const FailoverThread&) = delete;
  FailoverThread& operator=(const FailoverThread&) = delete;

  void open();
  // `published`: the generation that an earlier process published last; 0: none.
  // The error: the thread cannot be started, with the system's reason.
  dns::Result<void, std::string> start(std::uint64_t published);
  // The state is on the disk when it returns. False if the disk takes longer than `timeout`: then the process must end,
  // because the thread that writes cannot.
  bool end(std::chrono::milliseconds timeout);
  void reload(SteeringOptions options);
  // What the store cannot do and has logged: one alarm for each name, with its message. Replaces the previous list of
  // this kind.
  struct Trouble {
    std::string name, message;
  };
  void set_troubles(const std::string& kind, std::vector<Trouble> troubles);
  void set_suspended(FailoverController::SuspendedNames names);

  boost::asio::io_context& context() { return context_; }

  const FailoverController& controller() const { return controller_; }
  const HealthInputs& inputs() const { return inputs_; }
  static Moment moment();

  // The override takes effect at once. `done` is called when it is saved or saving failed; the error is for people.
  void add_overrides(std::vector<AdminOverride> overrides, AsyncFileWriter::Done done);
  // Returns how many overrides were removed; `done` as above.
  std::size_t remove_overrides(OverrideGroup of, const std::vector<std::string>& subjects, const std::string& by,
                               AsyncFileWriter::Done done);

  // `listener` is called for every event until `unsubscribe`.
  std::uint64_t subscribe(FailoverController::Listener listener);
  void unsubscribe(std::uint64_t subscriber) { subscribers_.erase(subscriber); }

 private:
  static SavedState load_state(const Dependencies& dependencies);
  void on_event(const Event& event);
  void queue_evaluation();
  void go_on_after(std::string_view what);
  void apply_new_options();
  void evaluate();
  void note_cause(Instant at);
  void set_timer(std::optional<Instant> next);
  void save_soon();
  void save(AsyncFileWriter::Done done);
  void on_saved(const WriteOutcome& outcome);

  const Dependencies dependencies_;
  const SavedState loaded_state_;
  boost::asio::io_context context_{1};
  boost::asio::steady_timer timer_, save_timer_, save_retry_;
  std::uint64_t next_subscriber_ = 0;
  std::map<std::uint64_t, FailoverController::Listener> subscribers_;
  FailoverController controller_;
  HealthInputs inputs_;
  std::optional<SteeringOptions> new_options_;  // of a reload, until they are in use
  bool evaluation_queued_ = false;
  std::optional<Instant> cause_;  // when the first input came that no evaluation has seen; none: no such input
  bool save_timer_running_ = false, unsaved_ = false;
  std::map<std::string, std::vector<Trouble>> troubles_;  // by kind
  bool logged_ = false;                                   // what happens now is in the log already
  std::unique_ptr<AsyncFileWriter> state_writer_;
  std::optional<std::jthread> thread_;
};

}  // namespace server
