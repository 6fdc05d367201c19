#include "server/control/reply.h"

#include <new>
#include <utility>

#include <boost/asio/post.hpp>

namespace server {

ReplyLine reply_line(const JsonValue& reply) {
  std::string text = reply_text(reply);
  text += '\n';
  return std::make_shared<const std::string>(std::move(text));
}

void SharedReplies::add(Reply reply) {
  waiting_.push_back(std::move(reply));
  go_on();
}

void SharedReplies::go_on() {
  const auto running = running_.lock();
  if (waiting_.empty() || (running != nullptr && !running->sent)) return;
  const auto round = std::make_shared<Round>();
  round->replies = std::exchange(waiting_, {});
  running_ = round;
  try {
    begin_(Reply([this, round](const ReplyLine& line) {
      send(*round, line);
      round->sent = true;
      boost::asio::post(context_, [this] { go_on(); });
    }));
  } catch (const std::bad_alloc&) {
    send(*round, reply_line({{"ok", false}, {"error", "failed"}, {"message", "no memory is left for the reply"}}));
  }
}

// Each client gets one reply, also if there is no memory to send some.
void SharedReplies::send(Round& round, const ReplyLine& line) {
  for (; !round.replies.empty(); round.replies.pop_back()) round.replies.back()(line);
}

}  // namespace server
