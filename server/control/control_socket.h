// The control socket: a Unix stream socket. Each line from a client is a request, and each line to the client is a
// reply.
//
//     connect --> line --> CommandHandler --> line     the requests of one client are answered one after another
//             --> {"command":"events","follow":true} --> the last events, then each new one as {"event":{...}} until
//                                                        the client disconnects
//
// A thread of its own reads and writes, so that clients delay no decision; the commands run on the failover thread.
//
// Limits: kMaxControlClients clients, kMaxRequestLine octets per line, kControlTimeout for a line to arrive and for a
// part of a reply to be read; a follower that does not read is disconnected. If all places are taken, a new client gets
// the place of the one that has sent nothing or read nothing for the longest time; if all of them wait for replies, it
// is told to try again. A malformed line gets an error and ends the connection. The socket file is put in place by
// rename, so clients find the old socket or the new one; the socket of a running server is never replaced. If another
// program deletes the file, a new socket is made within kPathCheckInterval. `open` and the destructor: while the
// failover thread does not run.
#pragma once

#include <sys/types.h>

#include <list>
#include <memory>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/control/command_handler.h"

namespace server {

inline constexpr std::size_t kMaxControlClients = 64;
inline constexpr std::chrono::seconds kControlTimeout{10};
// For a command to be answered, as a reload may take long, and for a whole reply to be read.
inline constexpr std::chrono::seconds kCommandTimeout{600};
inline constexpr std::size_t kMaxQueued = 4 * 1024 * 1024;  // octets waiting for one client
inline constexpr mode_t kControlMode = 0660;
inline constexpr std::chrono::seconds kPathCheckInterval{1};

class ControlSocket {
 public:
  ControlSocket(CommandHandler& handler, Log log)
      : handler_(handler), log_(std::move(log)), acceptor_(context_), pause_(context_), path_check_(context_) {}
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  // Starts the thread. The error is a message for people: "another server answers on it".
  dns::Result<void, std::string> open(const std::string& path);
  void end();  // ends the thread; clients get nothing any more
  // Makes the socket anew if its file is gone. Runs each kPathCheckInterval, on the thread of `context`.
  void check_path();
  boost::asio::io_context& context() { return context_; }

 private:
  class Session;
  dns::Result<void, std::string> bind();
  bool owns_path() const;
  void check_path_later();
  void accept();
  void go_on_after(std::string_view what);
  bool serve(boost::asio::local::stream_protocol::socket socket);
  bool evict();
  void remove(Session* session);

  boost::asio::io_context context_{1};  // first: sessions that its handlers keep use it
  CommandHandler& handler_;
  Log log_;
  std::string path_;    // empty: not open
  std::string logged_;  // the fault of the last check
  dev_t device_ = 0;    // of the socket's file
  ino_t inode_ = 0;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  boost::asio::steady_timer pause_, path_check_;
  Throttle full_throttle_;
  std::list<std::shared_ptr<Session>> sessions_;  // shared with the handlers of pending operations
  std::jthread thread_;                           // last: uses all of the above
};

}  // namespace server
