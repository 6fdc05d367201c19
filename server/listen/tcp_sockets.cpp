#include "server/listen/tcp_sockets.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/listen/socket.h"

namespace server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

class KernelTcpSockets final : public TcpSockets {
 public:
  explicit KernelTcpSockets(std::vector<FileDescriptor> sockets) {
    for (FileDescriptor& socket : sockets) {
      sockaddr_storage address;
      socklen_t size = sizeof address;
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
      acceptors_.emplace_back(context_, address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), socket.release());
      acceptors_.back().non_blocking(true);
    }
  }

  void attach(Events& events, std::size_t places) override {
    events_ = &events;
    clients_.reserve(places);
    while (clients_.size() < places) clients_.emplace_back(context_);
  }

  std::size_t listeners() const override { return acceptors_.size(); }
  void wait_for_newcomers(std::size_t listener) override {
    boost::system::error_code ignored;
    acceptors_[listener].cancel(ignored);
    acceptors_[listener].async_wait(tcp::acceptor::wait_read, [this, listener](const boost::system::error_code& error) {
      if (!error) events_->on_newcomers(listener);
    });
  }
  Newcomer accept(std::size_t listener) override {
    if (newcomer_.is_open()) refuse();  // an exception has ended the work on it
    boost::system::error_code error;
    acceptors_[listener].accept(newcomer_, error);
    if (error) return {.error = error.value()};
    Newcomer newcomer;
    sockaddr_storage address;
    socklen_t size = sizeof address;
    if (::getpeername(newcomer_.native_handle(), reinterpret_cast<sockaddr*>(&address), &size) == 0) {
      newcomer.peer = to_endpoint(&address);
      size = sizeof address;
      if (::getsockname(newcomer_.native_handle(), reinterpret_cast<sockaddr*>(&address), &size) == 0) {
        newcomer.local = to_endpoint(&address);
        return newcomer;
      }
    }
    refuse();
    return {.error = ECONNABORTED};
  }
  void close_listener(std::size_t listener) override {
    boost::system::error_code ignored;
    acceptors_[listener].close(ignored);
  }
  void take(std::size_t client) override { clients_[client] = std::move(newcomer_); }
  void refuse() override {
    boost::system::error_code ignored;
    newcomer_.close(ignored);
  }

  ssize_t receive(std::size_t client, dns::MutableBytes room) override {
    return ::recv(handle(client), room.data(), room.size(), MSG_DONTWAIT);
  }
  ssize_t send(std::size_t client, dns::Bytes octets) override {
    return ::send(handle(client), octets.data(), octets.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  std::size_t unacknowledged(std::size_t client) override {
    int octets = 0;
    return ::ioctl(handle(client), SIOCOUTQ, &octets) == 0 ? static_cast<std::size_t>(octets) : 0;
  }
  void wait(std::size_t client, std::uint64_t generation, Wanted wanted) override {
    clients_[client].async_wait(wanted == Wanted::kRead ? tcp::socket::wait_read : tcp::socket::wait_write,
                                [this, client, generation](const boost::system::error_code& error) {
                                  if (!error) events_->on_ready(client, generation);
                                });
  }
  void cancel_wait(std::size_t client) override {
    boost::system::error_code ignored;
    clients_[client].cancel(ignored);
  }
  void finish_sending(std::size_t client) override { ::shutdown(handle(client), SHUT_WR); }
  void close(std::size_t client, CloseMode mode) override {
    boost::system::error_code ignored;
    if (mode == CloseMode::kReset) clients_[client].set_option(asio::socket_base::linger(true, 0), ignored);
    clients_[client].close(ignored);
  }

  Time now() const override { return std::chrono::steady_clock::now(); }
  void start(Timer timer, std::chrono::milliseconds after) override {
    asio::steady_timer& one = timers_[static_cast<std::size_t>(timer)];
    one.expires_after(after);
    one.async_wait([this, timer](const boost::system::error_code& error) {
      if (!error) events_->on_timer(timer);
    });
  }
  void run_one() override { context_.run_one(); }
  bool poll_one() override { return context_.poll_one() != 0; }
  void end() override { context_.stop(); }
  bool ended() const override { return context_.stopped(); }
  void ask_to_stop() override {
    asio::post(context_, [this] { events_->on_stop(); });
  }
  void ask_to_wake() override {
    asio::post(context_, [this] { events_->on_wake(); });
  }

 private:
  int handle(std::size_t client) { return clients_[client].native_handle(); }

  asio::io_context context_{1};
  Events* events_ = nullptr;
  std::vector<tcp::acceptor> acceptors_;
  tcp::socket newcomer_{context_};
  std::vector<tcp::socket> clients_;  // by place
  std::array<asio::steady_timer, kTimers> timers_{asio::steady_timer(context_), asio::steady_timer(context_),
                                                  asio::steady_timer(context_)};
};

}  // namespace

std::unique_ptr<TcpSockets> tcp_sockets(std::vector<FileDescriptor> sockets) {
  return std::make_unique<KernelTcpSockets>(std::move(sockets));
}

}  // namespace server
