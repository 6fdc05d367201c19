#include "server/control/control_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
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
constexpr std::size_t kWriteStep = std::size_t{64} << 10;  // octets
// Who reads a reply may pause so long and keeps its place. The kernel shows progress late: when most of its buffer is
// free.
constexpr std::chrono::seconds kReadPause{3};

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
    waits_since_ = std::chrono::steady_clock::now();
    start_timer(kControlTimeout);
    asio::async_read_until(socket_, asio::dynamic_buffer(received_, kMaxRequestLine + 1), '\n',
                           [self = shared_from_this()](const Error& error, std::size_t size) {
                             if (error == asio::error::not_found) self->refuse("the request line is too long");
                             else if (error) self->close();
                             else self->handle_line_or_close(size);
                           });
  }

  // Since when this client could have sent or read something; nothing while it waits for us, and for a follower.
  std::optional<std::chrono::steady_clock::time_point> waits_since() const { return waits_since_; }
  bool reads_reply() const { return !queue_.empty(); }
  const Peer& peer() const { return peer_; }

  // Sends the reason and then closes the connection.
  void refuse(std::string_view why) {
    closing_ = true;
    send(reply_line(error_reply("bad-request", why)));
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
    waits_since_.reset();
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
  std::function<void(ReplyLine)> reply_to(const Request& request) {
    const bool follows = request.command == Command::kEvents && request.follow;
    return [session = weak_from_this(), &context = context_, &failover_thread = failover_thread_,
            follows](ReplyLine line) {
      std::optional<std::uint64_t> subscription;
      if (follows) subscription = subscribe(failover_thread, context, session);
      asio::post(context, [session, &failover_thread, subscription, line = std::move(line)]() mutable {
        const auto self = session.lock();
        if (self != nullptr && self->owner_ != nullptr) return self->answer(std::move(line), subscription);
        if (subscription) unsubscribe(failover_thread, *subscription);
      });
    };
  }

  void answer(ReplyLine line, std::optional<std::uint64_t> subscription) {
    subscription_ = subscription;
    answered_ = !subscription;
    send(std::move(line));
    if (subscription) wait_for_hangup();
  }

  static std::uint64_t subscribe(FailoverThread& failover_thread, asio::io_context& context,
                                 const std::weak_ptr<Session>& session) {
    return failover_thread.subscribe([&context, session](const Event& event) {
      asio::post(context, [session, event] {
        if (const auto self = session.lock()) self->send(reply_line({{"event", event_json(event)}}));
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

  void send(ReplyLine line) {
    if (owner_ == nullptr) return;
    queue_.push_back(std::move(line));
    queued_ += queue_.back()->size();
    if (queued_ > kMaxQueued && queue_.size() > 1) return close();
    if (queue_.size() == 1) begin_write();
  }

  void begin_write() {
    written_ = 0;
    write_until_ = std::chrono::steady_clock::now() + kCommandTimeout;
    write();
  }

  // A client that reads slowly keeps its connection as long as it reads.
  void write() {
    const auto now = std::chrono::steady_clock::now();
    if (now >= write_until_) return close();
    waits_since_ = now;
    start_timer(kControlTimeout);
    const std::string& line = *queue_.front();
    socket_.async_write_some(asio::buffer(line.data() + written_, std::min(kWriteStep, line.size() - written_)),
                             [self = shared_from_this()](const Error& error, std::size_t size) {
                               if (error) return self->close();
                               self->written(size);
                             });
  }

  void written(std::size_t size) {
    if (owner_ == nullptr) return;
    written_ += size;
    if (written_ < queue_.front()->size()) return write();
    timer_.cancel();
    waits_since_.reset();
    queued_ -= queue_.front()->size();
    queue_.pop_front();
    if (!queue_.empty()) return begin_write();
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
  std::deque<ReplyLine> queue_;
  std::size_t queued_ = 0, written_ = 0;  // octets of all lines; of the first one that the client's socket has taken
  std::chrono::steady_clock::time_point write_until_;
  std::optional<std::chrono::steady_clock::time_point> waits_since_;
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
    const bool has_place = sessions_.size() < kMaxControlClients || evict();
    const auto session = sessions_.emplace_back(std::make_shared<Session>(*this, std::move(socket)));
    if (has_place) session->read();
    else session->refuse("too many clients: try again later");
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

// Disconnects the client that has sent or read nothing for the longest time. False if all wait for replies.
bool ControlSocket::evict() {
  const auto now = std::chrono::steady_clock::now();
  std::shared_ptr<Session> longest;
  for (const auto& session : sessions_) {
    const auto since = session->waits_since();
    if (!since || (session->reads_reply() && now - *since < kReadPause)) continue;
    if (longest == nullptr || *since < *longest->waits_since()) longest = session;
  }
  if (longest == nullptr) return false;
  if (full_throttle_.allow(now))
    log_->warn("control socket: all {} places are taken; disconnecting a client of {} that {}, for a new one",
               kMaxControlClients, longest->peer().name,
               longest->reads_reply() ? "does not read its reply" : "sends no request");
  longest->close();
  return true;
}

void ControlSocket::remove(Session* session) {
  std::erase_if(sessions_, [session](const auto& each) { return each.get() == session; });
}

}  // namespace server
