// The control socket: a Unix stream socket where each line is a request and each line of the reply an answer to it.
//
//     connect --> line --> CommandHandler --> line        requests of one client are answered one after another, in
//     order
//              --> {"command":"events","follow":true} --> the last ones, then each new one as {"event":{...}} until it
//              hangs up
//
// Bounded: kMaxControlClients at a time (the next is told that it is busy), kMaxRequestLine octets a line,
// kControlTimeout for a line to arrive and for a reply to be taken; a follower that does not read is left behind. A
// malformed line gets an error and ends the connection. The file is put in its place by rename, so that clients find
// the old socket or the new one; one that a living server answers on is never taken away from it. Failover thread only,
// but for the constructor and the destructor.
#pragma once

#include <list>
#include <memory>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/control/command_handler.h"

namespace server {

inline constexpr std::size_t kMaxControlClients = 64;
inline constexpr std::chrono::seconds kControlTimeout{10};
inline constexpr std::size_t kMaxQueued = 4 * 1024 * 1024;  // octets that wait for one client
inline constexpr mode_t kControlMode = 0660;

class ControlSocket {
 public:
  // Called before the failover thread runs.
  explicit ControlSocket(CommandHandler& handler)
      : handler_(handler),
        acceptor_(handler.failover_thread().context()),
        pause_(handler.failover_thread().context()) {}
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  // The error is words for a person: "another server answers on it".
  dns::Result<void, std::string> open(const std::string& path);

 private:
  class Session;
  void accept();
  void remove(Session* session);

  CommandHandler& handler_;
  std::string path_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  std::list<std::shared_ptr<Session>> sessions_;  // shared with the handlers of their operations that are under way
};

}  // namespace server
