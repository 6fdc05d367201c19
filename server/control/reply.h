// The reply to a request of the control socket, and replies that several clients share.
//
//     status --.                      .--> status     one rendering runs at a time. Who asks meanwhile gets the next
//     status ---+--> begin --> line --+--> status     one: no client gets what is older than its request
//     status --'                      '--> status
//
// So a thousand clients that ask for the status of 10,000 names cost as much memory and time as two.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "server/control/status_json.h"

namespace server {

// One line with its end. Shared: by the clients that wait for the same one.
using ReplyLine = std::shared_ptr<const std::string>;
ReplyLine reply_line(const JsonValue& reply);

// Sends the reply to one request, or to several that share it. Any thread.
class Reply {
 public:
  explicit Reply(std::function<void(ReplyLine line)> send) : send_(std::move(send)) {}
  void operator()(ReplyLine line) const { send_(std::move(line)); }
  void operator()(const JsonValue& reply) const { send_(reply_line(reply)); }

 private:
  std::function<void(ReplyLine)> send_;
};

// The thread of `context`, except where a function says otherwise.
class SharedReplies {
 public:
  // `begin` makes the reply and sends it by its argument, on any thread. If it ends without a reply (no memory is
  // left), the next call begins anew.
  SharedReplies(boost::asio::io_context& context, std::function<void(Reply)> begin)
      : context_(context), begin_(std::move(begin)) {}

  void add(Reply reply);
  // Begins if somebody waits and nothing runs.
  void go_on();

 private:
  struct Round {
    std::vector<Reply> replies;
    std::atomic<bool> sent = false;
  };
  static void send(Round& round, const ReplyLine& line);

  boost::asio::io_context& context_;
  std::function<void(Reply)> begin_;
  std::vector<Reply> waiting_;
  std::weak_ptr<Round> running_;  // belongs to whoever makes the reply
};

}  // namespace server
