// The control socket: a Unix stream socket. Each line from a client is a request, and each line to the client is a
// reply.
//
//     connect --> line --> CommandHandler --> line     the requests of one client are answered one after another
//             --> {"command":"events","follow":true} --> the last events, then each new one as {"event":{...}} until
//                                                        the client disconnects
//
// Limits: kMaxControlClients clients (further ones are told to try again), kMaxRequestLine octets per line,
// kControlTimeout for a line to arrive and for a reply to be read; a follower that does not read is disconnected. A
// malformed line gets an error and ends the connection. The socket file is put in place by rename, so clients find the
// old socket or the new one; the socket of a running server is never replaced. Failover thread only, except the
// constructor and the destructor.
#pragma once

#include <list>
#include <memory>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/control/command_handler.h"

namespace server {

inline constexpr std::size_t kMaxControlClients = 64;
inline constexpr std::chrono::seconds kControlTimeout{10};
inline constexpr std::size_t kMaxQueued = 4 * 1024 * 1024;  // octets waiting for one client
inline constexpr mode_t kControlMode = 0660;

class ControlSocket {
 public:
  // Call it before the failover thread runs.
  explicit ControlSocket(CommandHandler& handler)
      : handler_(handler),
        acceptor_(handler.failover_thread().context()),
        pause_(handler.failover_thread().context()) {}
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  // The error is a message for people: "another server answers on it".
  dns::Result<void, std::string> open(const std::string& path);

 private:
  class Session;
  void accept();
  bool serve(boost::asio::local::stream_protocol::socket socket);
  void remove(Session* session);

  CommandHandler& handler_;
  std::string path_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  std::list<std::shared_ptr<Session>> sessions_;  // shared with the handlers of pending operations
};

}  // namespace server
