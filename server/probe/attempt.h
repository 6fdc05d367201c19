// One probe of one target, from its start to its result. Kinds differ in what they do; what they share is here.
//
//     begin() --run()--> waiting --conclude()--> done --posted--> report(result)
//                           |
//                           +-- timeout: failed, "no reply in 2 s"
//                           +-- end(): done, no report
//
// The report is called once, from the io_context and never from within begin(); not at all after end(). Whatever ends the
// attempt has closed its sockets and killed its program before it returns. Handlers hold the attempt, so that its owner may let
// it go at any time after end(). One thread: that of the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>

#include "server/probe/options.h"
#include "server/reply/result.h"

namespace server {

using Report = std::function<void(const ProbeResult&)>;

class Attempt : public std::enable_shared_from_this<Attempt> {   // shared: by its owner and the handlers that are under way
 public:
  Attempt(boost::asio::io_context& context, const CheckOptions& check, Report report);
  virtual ~Attempt() = default;
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  void begin();
  void end();

 protected:
  virtual void run() = 0;
  virtual void close() = 0;          // ends all that is under way; may be called more than once

  // The first of these counts.
  void conclude(ProbeResult result);
  void succeed(std::string detail, Duration round_trip);
  void fail(std::string detail);
  // A refusal of the system: kUnknown where it is our own lack, else kFailed; a firewall of ours is a part of the path.
  void fail(const boost::system::error_code& error);
  void say_nothing(const std::string& why);   // kUnknown

  bool done() const { return done_; }
  Duration elapsed() const { return std::chrono::steady_clock::now() - begun_; }
  boost::asio::io_context& context() { return context_; }
  const CheckOptions& check() const { return check_; }
  const MonitorOptions& monitor() const { return check_.monitor; }

  template <class Derived>
  std::shared_ptr<Derived> self() { return std::static_pointer_cast<Derived>(shared_from_this()); }

 private:
  boost::asio::io_context& context_;
  CheckOptions check_;
  Report report_;
  boost::asio::steady_timer timer_;
  Instant begun_{};
  bool done_ = false;
};

// Whether a refusal is our own lack (descriptors, memory), and not the target's or the path's doing.
bool is_own_lack(const boost::system::error_code& error);

}  // namespace server
