#include "server/control/control_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>
#include <new>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "server/runtime/descriptor.h"
#include "server/runtime/thread.h"

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

// True if a server accepts connections at `path`. Does not wait: a server whose queue is full is alive.
bool is_alive(const std::string& path) {
  const FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const Endpoint endpoint(path);
  return ::connect(probe.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0 || errno == EAGAIN;
}

}  // namespace

class ControlSocket::Session : public std::enable_shared_from_this<Session> {
 public:
  Session(ControlSocket& owner, Socket socket)
      : owner_(&owner),
        context_(owner.context_),
        failover_thread_(owner.handler_.failover_thread()),
        socket_(std::move(socket)),
        timer_(context_),
        peer_(peer_of(socket_.native_handle())) {}

  void read() {
    start_timer(kControlTimeout);
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
    send(reply_text(error_reply("bad-request", why)));
  }

  void close() {
    if (owner_ == nullptr) return;
    ControlSocket* const owner = std::exchange(owner_, nullptr);
    if (subscription_) unsubscribe(failover_thread_, *subscription_);
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
    if (owner_ == nullptr) return;  // the line was read before the connection was closed
    timer_.cancel();
    const std::string line = received_.substr(0, size - 1);
    received_.erase(0, size);
    const auto request = parse_request(line);
    if (!request) return refuse(request.error());
    start_timer(kCommandTimeout);
    asio::post(failover_thread_.context(),
               [&handler = owner_->handler_, request = *request, peer = peer_, reply = Reply(reply_to(*request))] {
                 try {
                   handler.handle(request, peer, reply);
                 } catch (const std::exception& error) {  // the failover thread does again what was interrupted
                   reply(error_reply("failed", error.what()));
                   throw;
                 }
               });
  }

  // Called on any thread, and for a follower on the failover thread: no event is lost between the reply and the first
  // one after it. Holds no reference to the session, which belongs to the control thread.
  std::function<void(std::string)> reply_to(const Request& request) {
    const bool follows = request.command == Command::kEvents && request.follow;
    return [session = weak_from_this(), &context = context_, &failover_thread = failover_thread_,
            follows](std::string text) {
      std::optional<std::uint64_t> subscription;
      if (follows) subscription = subscribe(failover_thread, context, session);
      asio::post(context, [session, &failover_thread, subscription, text = std::move(text)]() mutable {
        const auto self = session.lock();
        if (self != nullptr && self->owner_ != nullptr) return self->answer(std::move(text), subscription);
        if (subscription) unsubscribe(failover_thread, *subscription);
      });
    };
  }

  void answer(std::string text, std::optional<std::uint64_t> subscription) {
    subscription_ = subscription;
    answered_ = !subscription;
    send(std::move(text));
    if (subscription) wait_for_hangup();
  }

  static std::uint64_t subscribe(FailoverThread& failover_thread, asio::io_context& context,
                                 const std::weak_ptr<Session>& session) {
    return failover_thread.subscribe([&context, session](const Event& event) {
      asio::post(context, [session, event] {
        if (const auto self = session.lock()) self->send(reply_text({{"event", event_json(event)}}));
      });
    });
  }

  static void unsubscribe(FailoverThread& failover_thread, std::uint64_t subscription) {
    asio::post(failover_thread.context(),
               [&failover_thread, subscription] { failover_thread.unsubscribe(subscription); });
  }

  void wait_for_hangup() {
    socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const Error&) { self->close(); });
  }

  void send(std::string text) {
    if (owner_ == nullptr) return;
    queue_.push_back(std::move(text) + "\n");
    queued_ += queue_.back().size();
    if (queued_ > kMaxQueued && queue_.size() > 1) return close();
    if (queue_.size() == 1) write();
  }

  void write() {
    start_timer(kControlTimeout);
    asio::async_write(socket_, asio::buffer(queue_.front()),
                      [self = shared_from_this()](const Error& error, std::size_t) {
                        if (error) return self->close();
                        self->written();
                      });
  }

  void written() {
    if (owner_ == nullptr) return;
    timer_.cancel();
    queued_ -= queue_.front().size();
    queue_.pop_front();
    if (!queue_.empty()) return write();
    if (closing_) return close();
    if (std::exchange(answered_, false)) read();
  }

  void start_timer(std::chrono::seconds timeout) {
    timer_.expires_after(timeout);
    timer_.async_wait([self = weak_from_this()](const Error& error) {
      if (error) return;
      if (const auto session = self.lock()) session->close();
    });
  }

  ControlSocket* owner_;  // null: closed
  asio::io_context& context_;
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
  path_ = path;
  if (auto bound = bind(); !bound) {
    path_.clear();
    return bound;
  }
  check_path_later();
  auto thread = start_thread({"control", std::nullopt, 0}, [this] {
    const auto work = asio::make_work_guard(context_);
    run_until_done([this] { context_.run(); }, [this](std::string_view what) { go_on_after(what); });
  });
  if (!thread) return failed(path_, "no thread can be started: " + thread.error());
  thread_ = std::move(*thread);
  return {};
}

// An exception may have ended the work for any client, and the wait for the next one. Called until it succeeds.
void ControlSocket::go_on_after(std::string_view what) {
  while (!sessions_.empty()) sessions_.front()->close();
  acceptor_.cancel();
  pause_.cancel();
  check_path_later();
  accept();
  log_->error("control socket: a request failed, and all clients are disconnected: {}", what);
}

void ControlSocket::end() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

dns::Result<void, std::string> ControlSocket::bind() {
  sockaddr_un limit{};
  const std::string temporary = path_ + ".new";
  if (temporary.size() >= sizeof limit.sun_path)
    return failed(path_, "the path is too long: a socket path has at most 103 octets");
  if (is_alive(path_)) return failed(path_, "another server answers on it");
  struct stat found{};
  if (::lstat(path_.c_str(), &found) == 0 && !S_ISSOCK(found.st_mode))
    return failed(path_, "the file exists and is not a socket");
  ::unlink(temporary.c_str());
  Error error;
  acceptor_.close(error);
  pause_.cancel();
  acceptor_.open(Endpoint().protocol(), error);
  if (!error) acceptor_.bind(Endpoint(temporary), error);
  if (error) return failed(path_, error.message());
  if (::chmod(temporary.c_str(), kControlMode) != 0) return failed(path_, std::strerror(errno));
  acceptor_.listen(static_cast<int>(kMaxControlClients), error);
  if (error) return failed(path_, error.message());
  if (::lstat(temporary.c_str(), &found) != 0 || std::rename(temporary.c_str(), path_.c_str()) != 0)
    return failed(path_, std::strerror(errno));
  device_ = found.st_dev;
  inode_ = found.st_ino;
  accept();
  return {};
}

ControlSocket::~ControlSocket() {
  end();
  if (!path_.empty() && owns_path()) ::unlink(path_.c_str());
}

bool ControlSocket::owns_path() const {
  struct stat found{};
  return ::lstat(path_.c_str(), &found) == 0 && found.st_dev == device_ && found.st_ino == inode_;
}

void ControlSocket::check_path() {
  if (owns_path()) return;
  const auto bound = bind();
  const std::string fault = bound ? "" : bound.error();
  if (bound) {
    log_->warn("control socket {}: the file was deleted or replaced by another program; made a new one", path_);
  } else if (fault != logged_) {
    log_->error("control socket cannot be made anew: {}; commands such as waymark status do not work; trying again",
                fault);
  }
  logged_ = fault;
}

void ControlSocket::check_path_later() {
  path_check_.expires_after(kPathCheckInterval);
  path_check_.async_wait([this](const Error& error) {
    if (error) return;
    check_path();
    check_path_later();
  });
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
