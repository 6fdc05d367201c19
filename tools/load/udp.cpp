// The UDP load of one thread: sends batches with sendmmsg and receives batches with recvmmsg, on many sockets in one
// epoll set.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "tools/load/in_flight.h"
#include "tools/load/target.h"
#include "tools/load/udp_burst.h"

namespace tools {
namespace {

constexpr std::size_t kBatch = kMaxBurst;
constexpr std::size_t kReplyOctets = 4096;  // no server sends more: `--bufsize` is at most 4096
constexpr std::size_t kControlOctets = CMSG_SPACE(sizeof(timespec));
constexpr std::chrono::microseconds kShortestSleep{50};

// Converts a kernel timestamp, which uses the wall clock, to the steady clock that measures the latencies.
LoadClock::time_point steady_of(const timespec& stamp, std::chrono::nanoseconds wall_ahead) {
  return LoadClock::time_point(std::chrono::seconds(stamp.tv_sec) + std::chrono::nanoseconds(stamp.tv_nsec) -
                               wall_ahead);
}

std::chrono::nanoseconds wall_ahead_of_steady() {
  timespec wall{};
  ::clock_gettime(CLOCK_REALTIME, &wall);
  return std::chrono::seconds(wall.tv_sec) + std::chrono::nanoseconds(wall.tv_nsec) -
         LoadClock::now().time_since_epoch();
}

struct Port {
  server::FileDescriptor socket;
  InFlight flight;
};

class UdpLoad {
 public:
  UdpLoad(const QuestionList& questions, const LoadOptions& options, const LoadTarget& target, std::size_t first)
      : questions_(questions),
        options_(options),
        next_question_(first),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        ports_(options.ports),
        replies_(kBatch) {
    for (std::size_t i = 0; i < ports_.size(); ++i) {
      ports_[i].socket = open_udp(target);
      if (ports_[i].socket.get() < 0) throw std::runtime_error(std::string("no socket: ") + std::strerror(errno));
      epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
      ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, ports_[i].socket.get(), &event);
    }
  }

  LoadResult run() {
    const auto start = LoadClock::now();
    const Schedule schedule(options_, start);
    const auto end = start + options_.duration;
    for (auto now = start; now < end; now = LoadClock::now()) {
      wall_ahead_ = wall_ahead_of_steady();
      send_due(schedule, now, end);
      receive();
      expire(LoadClock::now() - options_.timeout);
      sleep_until_due(schedule);
    }
    for (const auto last = LoadClock::now() + options_.timeout; stats_.in_flight > 0 && LoadClock::now() < last;) {
      pollfd waited{epoll_.get(), POLLIN, 0};
      ::poll(&waited, 1, 1);
      receive();
    }
    expire(LoadClock::time_point::max());
    stats_.result.elapsed = std::max(stats_.last_answer(), start) - start;
    return stats_.result;
  }

 private:
  void send_due(const Schedule& schedule, LoadClock::time_point now, LoadClock::time_point end) {
    std::size_t due = schedule.due(now, scheduled_, stats_.in_flight);
    for (std::size_t tried = 0; due > 0 && tried < ports_.size(); ++tried) {
      if (schedule.time_of(scheduled_, now) >= end) return;
      const std::size_t count = send_some(schedule, now, std::min(due, options_.burst));
      due -= count;
      if (count > 0) tried = 0;
      if (LoadClock::now() - now > kShortestSleep) return;  // replies may be waiting
    }
  }

  // Sends at most `wanted` queries from the next port; fewer if its table of queries in flight is full.
  std::size_t send_some(const Schedule& schedule, LoadClock::time_point now, std::size_t wanted) {
    Port& port = ports_[next_port_];
    next_port_ = (next_port_ + 1) % ports_.size();
    burst_.clear();
    while (burst_.size() < wanted) {
      const auto due = schedule.time_of(scheduled_, now);
      const auto id = port.flight.begin(static_cast<std::uint32_t>(next_question_), due);
      if (!id) break;
      const dns::Bytes request = questions_[next_question_];
      next_question_ = next_question_ + 1 == questions_.size() ? 0 : next_question_ + 1;
      burst_.add(*id, request);
      stats_.result.behind.add(now - due);
      ++scheduled_;
    }
    const std::size_t count = burst_.size();
    if (count == 0) return 0;
    const auto refused = burst_.send(port.socket.get(), options_.send_mode);
    for (const std::uint16_t id : refused) port.flight.end(id);
    const std::size_t taken = count - refused.size();
    stats_.result.refused += refused.size();
    stats_.result.sent += taken;
    stats_.in_flight += taken;
    return count;
  }

  void receive() {
    std::array<epoll_event, 64> ready;
    const int count = ::epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()), 0);
    for (int i = 0; i < count; ++i) receive_from(ports_[ready[static_cast<std::size_t>(i)].data.u64]);
  }

  void receive_from(Port& port) {
    std::array<mmsghdr, kBatch> messages{};
    std::array<iovec, kBatch> parts;
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts[i] = {replies_[i].octets.data(), kReplyOctets};
      messages[i].msg_hdr = {nullptr, 0, &parts[i], 1, replies_[i].control.data(), kControlOctets, 0};
    }
    const int count = ::recvmmsg(port.socket.get(), messages.data(), kBatch, 0, nullptr);
    for (int i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      stats_.take(port.flight, {replies_[at].octets.data(), messages[at].msg_len}, received_at(messages[at].msg_hdr));
    }
  }

  LoadClock::time_point received_at(msghdr& header) const {
    for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr; control = CMSG_NXTHDR(&header, control)) {
      if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_TIMESTAMPNS) continue;
      timespec stamp{};
      std::memcpy(&stamp, CMSG_DATA(control), sizeof stamp);
      return steady_of(stamp, wall_ahead_);
    }
    return LoadClock::now();
  }

  void expire(LoadClock::time_point before) {
    for (Port& port : ports_) stats_.expire(port.flight, before);
  }

  // Sleeps until the next query is due or a reply arrives, but at most 10 ms.
  void sleep_until_due(const Schedule& schedule) {
    const auto now = LoadClock::now();
    if (schedule.due(now, scheduled_, stats_.in_flight) > 0) return;
    const auto left =
        options_.rate > 0 ? schedule.time_of(scheduled_, now) - now : std::chrono::nanoseconds(options_.timeout);
    if (left < kShortestSleep) return;
    const auto most = std::min<std::chrono::nanoseconds>(left, std::chrono::milliseconds(10));
    const timespec wait{0, static_cast<long>(most.count())};
    pollfd waited{epoll_.get(), POLLIN, 0};
    ::ppoll(&waited, 1, &wait, nullptr);
  }

  struct Reply {
    std::array<std::uint8_t, kReplyOctets> octets;
    alignas(cmsghdr) std::array<std::uint8_t, kControlOctets> control;
  };

  const QuestionList& questions_;
  const LoadOptions& options_;
  std::size_t next_question_, next_port_ = 0;
  server::FileDescriptor epoll_;
  std::vector<Port> ports_;
  std::vector<Reply> replies_;
  UdpBurst burst_;
  std::uint64_t scheduled_ = 0;  // queries taken from the schedule so far
  std::chrono::nanoseconds wall_ahead_{};
  LoadStats stats_{questions_};
};

}  // namespace

LoadResult run_udp(const QuestionList& questions, const LoadOptions& options, const LoadTarget& target,
                   std::size_t first) {
  return UdpLoad(questions, options, target, first).run();
}

}  // namespace tools
