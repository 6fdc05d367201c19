// What a TCP worker does with replies of many messages, and with replies of other threads.
#include "server/listen/tcp_client.h"

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

namespace server {

// The next message of the client's first stream: one of them in a turn.
TcpWorker::Step TcpWorker::send_next_message(Client& client) {
  const dns::MutableBytes room = scratch_->slots[0].out;
  const ReplyStream::Message message = client.streams.front()->next(room);
  if (message.kind == ReplyStream::Message::Kind::kFailed) return Step::kClose;
  counters_.stream_messages.add();
  if (message.kind == ReplyStream::Message::Kind::kLast) client.streams.pop_front();
  FrameWriter frames(scratch_->out.data());
  frames.append(room.first(message.size));
  const dns::Bytes octets = frames.octets();
  const ssize_t sent = sockets_->send(client.index, octets);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) return Step::kClose;
  const dns::Bytes rest = octets.subspan(sent < 0 ? 0 : static_cast<std::size_t>(sent));
  if (rest.empty()) return resume(client);
  client.out.assign(rest.begin(), rest.end());
  client.out_written = 0;
  client.timer.on(ConnectionTimer::Event::kBlocked, sockets_->now());
  client.queued = sockets_->unacknowledged(client.index);
  return Step::kWait;
}

// All was written. A stream goes on in the client's next turn; without one, the requests that have waited are answered.
TcpWorker::Step TcpWorker::resume(Client& client) {
  client.out = {};
  client.timer.on(ConnectionTimer::Event::kWhole, sockets_->now());
  if (!client.streams.empty()) return Step::kMore;
  std::ranges::copy(client.in, scratch_->in.begin());
  return answer_all(client, client.in.size());
}

// Called while a batch of one client is answered.
std::unique_ptr<ReplyRoute> TcpWorker::route(const Inbound&) {
  if (late_ == kMaxLateTcp || answering_->late == kMaxLateOfClient) return nullptr;
  auto route = port_.route({answering_->index, answering_->generation});
  ++late_;
  ++answering_->late;
  return route;
}

// Replies of other threads have come. Where no memory is left, the client is closed, and the others get theirs.
void TcpWorker::on_wake() {
  bool failed = false;
  for (TcpDelivery& delivery : port_.take()) {
    --late_;
    Client& client = *clients_[delivery.to.index];
    if (client.generation != delivery.to.generation) continue;
    --client.late;
    try {
      deliver(client, delivery.message);
    } catch (const std::bad_alloc&) {
      failed = true;
      if (client.generation == delivery.to.generation) close(client, CloseMode::kReset);
    }
  }
  if (failed) throw std::bad_alloc();
}

// An empty message: there is no reply, and the client does not wait for it any more.
void TcpWorker::deliver(Client& client, dns::Bytes message) {
  if (!message.empty()) {
    if (client.out.empty()) client.out_written = 0;
    client.out.reserve(client.out.size() + kLengthPrefix + message.size());
    client.out.resize(client.out.size() + kLengthPrefix);
    dns::store16(&client.out[client.out.size() - kLengthPrefix], static_cast<std::uint16_t>(message.size()));
    client.out.insert(client.out.end(), message.begin(), message.end());
    counters_.late.add();
    client.answered_late = client.answered_late || draining_;
  }
  if (client.busy) return;              // its turn comes
  sockets_->cancel_wait(client.index);  // serve_client waits anew
  serve_client(client, kTcpRead);
}

}  // namespace server
