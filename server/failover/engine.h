// The failover engine: one thread that hears all evidence, asks the helm, and hands overlays to the store.
//
//     VrrpWatch, HealthChecks --changed--> one turn a loop round --> Helm --> overlay --> steer (the store's thread)
//                                              ^                       |--> event --> log, followers
//     decision tick (1 s), Decision::next -----'                       '--> memory --> Scribe (its own thread)
//
// From evidence to overlay there is no disk and no lock that the disk holds. What is remembered is written behind it: at once
// after a change, then at most every kSaveInterval; orders are on the disk before they are acknowledged.
//
// `open` comes before privileges are dropped, `start` after. `reload`, `suspended` and `end` may come from any thread; all else is
// of the failover thread, which runs `context()`: the control socket lives there too.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <thread>

#include "server/failover/evidence.h"
#include "server/failover/helm.h"
#include "server/failover/scribe.h"
#include "server/observe/log.h"

namespace server {

inline constexpr std::chrono::milliseconds kSaveInterval{200};

class Engine {
 public:
  struct Wiring {
    SteeringOptions options;
    std::string state;                             // directory; empty: nothing is remembered
    std::function<void(Overlay overlay)> steer;    // called on the failover thread; must not wait
    Log log;
  };
  explicit Engine(Wiring wiring);
  ~Engine() { end(); }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void open();
  // `published`: the generation of what an earlier process published last; 0: nothing.
  void start(std::uint64_t published);
  void end();   // what is remembered is on the disk when it returns
  void reload(SteeringOptions options);
  // Names that are managed and not served as decided, and why: an alarm each, which replace the last.
  struct Suspended {
    std::string name, why;
  };
  void suspended(std::vector<Suspended> names);

  boost::asio::io_context& context() { return context_; }

  const Helm& helm() const { return helm_; }
  const Evidence& evidence() const { return evidence_; }
  static Moment moment();

  // `done` once it outlives a restart, or cannot: then with words. The order is in force at once.
  void place(std::vector<Order> orders, Scribe::Done done);
  // How many there were; `done` as above.
  std::size_t take_back(OrderFamily of, const std::vector<std::string>& subjects, const std::string& by, Scribe::Done done);

  // Called for every event until `unfollow`.
  std::uint64_t follow(Helm::Listener listener);
  void unfollow(std::uint64_t follower) { followers_.erase(follower); }

 private:
  static Memory recall(const Wiring& wiring);
  void tell(const Event& event);
  void changed();
  void turn();
  void set_timer(std::optional<Instant> next);
  void save_soon();
  void save(Scribe::Done done);
  void written(const WriteOutcome& outcome);

  const Wiring wiring_;
  const Memory recalled_;
  boost::asio::io_context context_{1};
  boost::asio::steady_timer timer_, save_timer_;
  std::uint64_t next_follower_ = 0;
  std::map<std::uint64_t, Helm::Listener> followers_;
  Helm helm_;
  Evidence evidence_;
  bool turn_queued_ = false;
  bool save_waits_ = false, unsaved_ = false;
  std::vector<Suspended> suspended_;
  std::unique_ptr<Scribe> scribe_;
  std::optional<std::jthread> thread_;
};

}  // namespace server
