// The TCP load of one thread: each connection has several queries in flight, or is replaced after a few queries.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "tools/load/in_flight.h"
#include "tools/load/target.h"

namespace tools {
namespace {

constexpr std::size_t kReadOctets = 1 << 16;
constexpr std::size_t kPrefix = 2;  // octets of the message length (RFC 1035 4.2.2)

struct Connection {
  server::FileDescriptor socket;
  InFlight flight;
  std::vector<std::uint8_t> out, in;  // not yet sent; received, but not yet a complete message
  std::size_t asked = 0;              // queries on this connection
  bool writable = false;
};

class TcpLoad {
 public:
  TcpLoad(const QuestionList& questions, const LoadOptions& options, const LoadTarget& target, std::size_t first)
      : questions_(questions),
        options_(options),
        target_(target),
        depth_(std::clamp<std::size_t>(options.window / options.ports, 1, kMaxInFlight)),
        next_question_(first),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        connections_(options.ports),
        buffer_(kReadOctets) {
    for (std::size_t i = 0; i < connections_.size(); ++i) open(i);
  }

  LoadResult run() {
    const auto start = LoadClock::now();
    const Schedule schedule(options_, start);
    const auto end = start + options_.duration;
    for (auto now = start; now < end; now = LoadClock::now()) {
      fill(schedule, now);
      wait(options_.rate > 0 && schedule.due(LoadClock::now(), scheduled_, stats_.in_flight) > 0 ? 0 : 1);
      expire(LoadClock::now() - options_.timeout);
    }
    for (const auto last = LoadClock::now() + options_.timeout; stats_.in_flight > 0 && LoadClock::now() < last;)
      wait(1);
    expire(LoadClock::time_point::max());
    stats_.result.elapsed = std::max(stats_.last_answer(), start) - start;
    return stats_.result;
  }

 private:
  void open(std::size_t index) {
    Connection& connection = connections_[index];
    connection.out.clear();
    connection.in.clear();
    connection.asked = 0;
    connection.writable = false;
    connection.socket = open_tcp(target_);
    if (connection.socket.get() < 0) throw std::runtime_error(std::string("no connection: ") + std::strerror(errno));
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP, .data = {.u64 = index}};
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.socket.get(), &event);
  }

  void fill(const Schedule& schedule, LoadClock::time_point now) {
    std::size_t due = schedule.due(now, scheduled_, stats_.in_flight);
    for (std::size_t i = 0; i < connections_.size() && due > 0; ++i) {
      Connection& connection = connections_[next_connection_];
      next_connection_ = (next_connection_ + 1) % connections_.size();
      for (; due > 0 && has_room(connection); --due) ask(connection, schedule.time_of(scheduled_, now), now);
      flush(connection);
    }
  }

  bool has_room(const Connection& connection) const {
    if (connection.flight.size() >= (options_.rate > 0 ? kMaxInFlight : depth_)) return false;
    return options_.per_connection == 0 || connection.asked < options_.per_connection;
  }

  void ask(Connection& connection, LoadClock::time_point due, LoadClock::time_point now) {
    const auto id = connection.flight.begin(static_cast<std::uint32_t>(next_question_), due);
    if (!id) return;
    const dns::Bytes request = questions_[next_question_];
    next_question_ = next_question_ + 1 == questions_.size() ? 0 : next_question_ + 1;
    const std::size_t at = connection.out.size();
    connection.out.resize(at + kPrefix + request.size());
    dns::store16(connection.out.data() + at, static_cast<std::uint16_t>(request.size()));
    std::memcpy(connection.out.data() + at + kPrefix, request.data(), request.size());
    dns::store16(connection.out.data() + at + kPrefix, *id);
    stats_.result.behind.add(now - due);
    ++connection.asked;
    ++scheduled_;
    ++stats_.result.sent;
    ++stats_.in_flight;
  }

  void flush(Connection& connection) {
    if (!connection.writable || connection.out.empty()) return;
    const ssize_t sent = ::send(connection.socket.get(), connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (sent > 0) connection.out.erase(connection.out.begin(), connection.out.begin() + sent);
    connection.writable = connection.out.empty();
  }

  void wait(int milliseconds) {
    std::array<epoll_event, 64> ready;
    const int count = ::epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()), milliseconds);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = ready[static_cast<std::size_t>(i)];
      const auto index = static_cast<std::size_t>(event.data.u64);
      if ((event.events & EPOLLOUT) != 0) {
        connections_[index].writable = true;
        flush(connections_[index]);
      }
      if ((event.events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) read(index);
    }
  }

  void read(std::size_t index) {
    Connection& connection = connections_[index];
    for (;;) {
      const ssize_t got = ::recv(connection.socket.get(), buffer_.data(), buffer_.size(), 0);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) break;
      if (got <= 0) return reopen(index);
      connection.in.insert(connection.in.end(), buffer_.begin(), buffer_.begin() + got);
    }
    take_messages(connection);
    if (options_.per_connection != 0 && connection.asked >= options_.per_connection && connection.flight.size() == 0)
      reopen(index);
  }

  void take_messages(Connection& connection) {
    const auto now = LoadClock::now();
    std::size_t at = 0;
    while (connection.in.size() - at >= kPrefix) {
      const std::size_t size = dns::load16(connection.in.data() + at);
      if (connection.in.size() - at < kPrefix + size) break;
      stats_.take(connection.flight, {connection.in.data() + at + kPrefix, size}, now);
      at += kPrefix + size;
    }
    connection.in.erase(connection.in.begin(), connection.in.begin() + static_cast<std::ptrdiff_t>(at));
  }

  // The queries in flight on a connection that the server closed are lost.
  void reopen(std::size_t index) {
    stats_.expire(connections_[index].flight, LoadClock::time_point::max());
    if (connections_[index].asked == 0) ++stats_.result.refused;
    open(index);
  }

  void expire(LoadClock::time_point before) {
    for (Connection& connection : connections_) stats_.expire(connection.flight, before);
  }

  const QuestionList& questions_;
  const LoadOptions& options_;
  const LoadTarget& target_;
  const std::size_t depth_;  // queries in flight per connection
  std::size_t next_question_, next_connection_ = 0;
  server::FileDescriptor epoll_;
  std::vector<Connection> connections_;
  std::vector<std::uint8_t> buffer_;
  std::uint64_t scheduled_ = 0;
  LoadStats stats_{questions_};
};

}  // namespace

LoadResult run_tcp(const QuestionList& questions, const LoadOptions& options, const LoadTarget& target,
                   std::size_t first) {
  return TcpLoad(questions, options, target, first).run();
}

}  // namespace tools
