#include "server/control/control_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>
#include <new>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace server {
namespace {

namespace asio = boost::asio;
using Socket = asio::local::stream_protocol::socket;
using Endpoint = asio::local::stream_protocol::endpoint;
using Error = boost::system::error_code;

constexpr std::chrono::milliseconds kAcceptPause{100};

dns::Failure<std::string> failed(const std::string& path, std::string_view why) {
  return dns::Failure<std::string>(path + ": " + std::string(why));
}

// True if a server accepts connections at `path`.
bool is_alive(asio::io_context& context, const std::string& path) {
  Socket probe(context);
  Error error;
  probe.connect(Endpoint(path), error);
  return !error;
}

}  // namespace

class ControlSocket::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(ControlSocket& owner, Socket socket)
      : owner_(&owner),
        failover_thread_(owner.handler_.failover_thread()),
        socket_(std::move(socket)),
        timer_(failover_thread_.context()),
        peer_(peer_of(socket_.native_handle())) {}

  void read() {
    start_timer();
    asio::async_read_until(socket_, asio::dynamic_buffer(received_, kMaxRequestLine + 1), '\n',
                           [self = shared_from_this()](const Error& error, std::size_t size) {
                             if (error == asio::error::not_found) self->refuse("the request line is too long");
                             else if (error) self->close();
                             else self->handle_line_or_close(size);
                           });
  }

  // Sends the reason and then closes the connection.
  void refuse(std::string_view why) {
    closing_ = true;
    send(error_reply("bad-request", why));
  }

  void close() {
    if (owner_ == nullptr) return;
    ControlSocket* const owner = std::exchange(owner_, nullptr);
    if (subscription_) failover_thread_.unsubscribe(*subscription_);
    timer_.cancel();
    Error ignored;
    socket_.close(ignored);
    owner->remove(this);
  }

 private:
  // A client that cannot be answered must not wait.
  void handle_line_or_close(std::size_t size) {
    try {
      handle_line(size);
    } catch (const std::bad_alloc&) {
      close();
    }
  }

  // One line at a time: the next one is read after this one is answered.
  void handle_line(std::size_t size) {
    timer_.cancel();
    const std::string line = received_.substr(0, size - 1);
    received_.erase(0, size);
    const auto request = parse_request(line);
    if (!request) return refuse(request.error());
    const bool follows = request->command == Command::kEvents && request->follow;
    owner_->handler_.handle(*request, peer_, [self = shared_from_this(), follows](const JsonValue& reply) {
      if (self->owner_ == nullptr) return;
      if (follows) self->subscribe();
      self->answered_ = !follows;
      self->send(reply);
      if (follows) self->wait_for_hangup();
    });
  }

  void subscribe() {
    subscription_ = failover_thread_.subscribe([self = weak_from_this()](const Event& event) {
      if (const auto session = self.lock()) session->send({{"event", event_json(event)}});
    });
  }

  void wait_for_hangup() {
    socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const Error&) { self->close(); });
  }

  void send(const JsonValue& object) {
    if (owner_ == nullptr) return;
    queue_.push_back(object.dump(-1, ' ', true, JsonValue::error_handler_t::replace) + "\n");
    queued_ += queue_.back().size();
    if (queued_ > kMaxQueued && queue_.size() > 1) return close_later();
    if (queue_.size() == 1) write();
  }

  // Deferred, because an event may be sent to a follower within the loop over all sessions.
  void close_later() {
    asio::post(failover_thread_.context(), [self = shared_from_this()] { self->close(); });
  }

  void write() {
    start_timer();
    asio::async_write(socket_, asio::buffer(queue_.front()),
                      [self = shared_from_this()](const Error& error, std::size_t) {
                        if (error) return self->close();
                        self->written();
                      });
  }

  void written() {
    timer_.cancel();
    queued_ -= queue_.front().size();
    queue_.pop_front();
    if (!queue_.empty()) return write();
    if (closing_) return close();
    if (std::exchange(answered_, false)) read();
  }

  void start_timer() {
    timer_.expires_after(kControlTimeout);
    timer_.async_wait([self = weak_from_this()](const Error& error) {
      if (error) return;
      if (const auto session = self.lock()) session->close();
    });
  }

  ControlSocket* owner_;  // null: closed
  FailoverThread& failover_thread_;
  Socket socket_;
  asio::steady_timer timer_;
  const Peer peer_;
  std::string received_;
  std::deque<std::string> queue_;
  std::size_t queued_ = 0;
  bool closing_ = false, answered_ = false;
  std::optional<std::uint64_t> subscription_;
};

dns::Result<void, std::string> ControlSocket::open(const std::string& path) {
  sockaddr_un limit{};
  const std::string temporary = path + ".new";
  if (temporary.size() >= sizeof limit.sun_path)
    return failed(path, "the path is too long: a socket path has at most 103 octets");
  if (is_alive(handler_.failover_thread().context(), path)) return failed(path, "another server answers on it");
  struct stat found{};
  if (::lstat(path.c_str(), &found) == 0 && !S_ISSOCK(found.st_mode))
    return failed(path, "the file exists and is not a socket");
  ::unlink(temporary.c_str());
  Error error;
  acceptor_.open(Endpoint().protocol(), error);
  if (!error) acceptor_.bind(Endpoint(temporary), error);
  if (error) return failed(path, error.message());
  if (::chmod(temporary.c_str(), kControlMode) != 0) return failed(path, std::strerror(errno));
  acceptor_.listen(static_cast<int>(kMaxControlClients), error);
  if (error) return failed(path, error.message());
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return failed(path, std::strerror(errno));
  path_ = path;
  accept();
  return {};
}

ControlSocket::~ControlSocket() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

void ControlSocket::accept() {
  acceptor_.async_accept([this](const Error& error, Socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (!error && serve(std::move(socket))) return accept();
    pause_.expires_after(kAcceptPause);  // usually no descriptor is left; retrying at once would only use CPU time
    pause_.async_wait([this](const Error& cancelled) {
      if (!cancelled) accept();
    });
  });
}

// False where no memory is left for the client.
bool ControlSocket::serve(Socket socket) {
  try {
    const auto session = sessions_.emplace_back(std::make_shared<Session>(*this, std::move(socket)));
    if (sessions_.size() > kMaxControlClients) session->refuse("too many clients: try again later");
    else session->read();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void ControlSocket::remove(Session* session) {
  std::erase_if(sessions_, [session](const auto& each) { return each.get() == session; });
}

}  // namespace server
