// The end of a TCP worker: what has arrived is answered, and the clients read it before their connections are closed.
#include <sys/socket.h>

#include <cerrno>

#include "server/listen/tcp_client.h"

namespace server {

// Answers what has arrived, also from clients that were not accepted yet.
void TcpWorker::drain() {
  draining_ = true;
  busy_queue_.clear();
  for (const auto& client : clients_) {
    if (client->generation == 0) continue;
    boost::system::error_code ignored;
    client->socket.cancel(ignored);  // serve_client waits anew
    serve_client(*client, kTcpRead);
  }
  for (boost::asio::ip::tcp::acceptor& acceptor : acceptors_) accept_last(acceptor);
  listening_ = false;
  if (free_indexes_.size() == clients_.size()) return context_.stop();
  delay_.expires_after(kDrainTime);
  delay_.async_wait([this](const boost::system::error_code& error) {
    if (!error) context_.stop();
  });
}

void TcpWorker::accept_last(boost::asio::ip::tcp::acceptor& acceptor) {
  boost::system::error_code error;
  while (!free_indexes_.empty()) {
    boost::asio::ip::tcp::socket socket(context_);
    acceptor.accept(socket, error);
    if (error) break;
    add_client(std::move(socket));
  }
  acceptor.close(error);
}

// Everything that arrived is answered. A connection that is closed while its client sends is reset, and some systems
// then discard answers that the client has not read. So a client that may have such answers closes first, until the end
// of kDrainTime.
void TcpWorker::finish(Client& client) {
  const int socket = client.socket.native_handle();
  if (!client.answered_late && unacknowledged(socket) == 0) return close(client, CloseMode::kOrderly);
  client.finished = true;
  ::shutdown(socket, SHUT_WR);
  wait(client);
}

void TcpWorker::discard_input(Client& client) {
  const ssize_t size = ::recv(client.socket.native_handle(), scratch_->in.data(), scratch_->in.size(), MSG_DONTWAIT);
  if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) return close(client, CloseMode::kOrderly);
  wait(client);
}

}  // namespace server
