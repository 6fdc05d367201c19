#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <boost/asio/post.hpp>

#include "server/listen/tcp_client.h"

namespace server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTick{50};  // how late a deadline may be noticed
constexpr std::chrono::milliseconds kAcceptRetryDelay{50};
constexpr int kAcceptsInTurn = 64, kHandlersInTurn = 64;
constexpr int kBusyTurns = 8;                 // about a millisecond of work
constexpr std::size_t kFirstRead = 512;       // octets: enough for one question
constexpr std::size_t kLeastProgress = 4096;  // octets that a client must read within message_timeout

}  // namespace

TcpWorker::TcpWorker(Dependencies dependencies)
    : context_(1),
      tick_(context_),
      delay_(context_),
      options_(dependencies.options),
      responder_(dependencies.responder, dependencies.counters, dependencies.tables),
      counters_(dependencies.counters),
      snapshots_(dependencies.snapshots),
      reader_(dependencies.reader),
      log_(std::move(dependencies.log)),
      scratch_(new Scratch) {
  for (std::size_t i = 0; i < kTcpBatch; ++i)
    scratch_->slots[i].out = {&scratch_->out[i * kSlotStep + kLengthPrefix], dns::kMaxMessage};
  for (FileDescriptor& socket : dependencies.sockets) {
    sockaddr_storage address;
    socklen_t size = sizeof address;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
    acceptors_.emplace_back(context_, address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), socket.release());
    acceptors_.back().non_blocking(true);
  }
  clients_.reserve(options_.connections_max);
  for (std::size_t index = 0; index < options_.connections_max; ++index) {
    clients_.push_back(std::make_unique<Client>(context_, index));
    free_indexes_.push_back(options_.connections_max - 1 - index);
  }
}

TcpWorker::~TcpWorker() = default;

void TcpWorker::run() {
  for (std::size_t listener = 0; listener < acceptors_.size(); ++listener) {
    acceptors_[listener].cancel();  // of an earlier run that an exception ended
    accept(listener);
  }
  while (!context_.stopped()) {
    if (busy_queue_.empty()) {
      context_.run_one();
    } else {
      for (int i = 0; i < kHandlersInTurn && context_.poll_one() != 0; ++i) {
      }
      serve_busy_queue();
    }
  }
}

void TcpWorker::stop() {
  asio::post(context_, [this] { drain(); });
}

// ---- accepting and closing clients

void TcpWorker::accept(std::size_t listener) {
  acceptors_[listener].async_wait(tcp::acceptor::wait_read, [this, listener](const boost::system::error_code& error) {
    if (draining_ || error) return;
    accept_waiting(listener);
  });
}

// Accepts many clients in one turn, because turns are rare with a thousand busy clients.
void TcpWorker::accept_waiting(std::size_t listener) {
  for (int i = 0; i < kAcceptsInTurn; ++i) {
    boost::system::error_code error;
    tcp::socket socket(context_);
    acceptors_[listener].accept(socket, error);
    if (!error) {
      add_client(std::move(socket));
    } else if (error == asio::error::would_block) {
      break;
    } else if (error.value() == EMFILE || error.value() == ENFILE || error.value() == ENOBUFS ||
               error.value() == ENOMEM) {
      if (!evict_for_descriptor()) return retry_accept_later(listener);
    }
  }
  accept(listener);
}

bool TcpWorker::evict_for_descriptor() {
  if (out_of_files_throttle_.allow(Clock::now()))
    log_->warn("no file descriptor for a new TCP client: closing a stalled or idle one");
  Client* victim = eviction_candidate(nullptr);
  if (victim == nullptr) return false;
  counters_.evicted.add();
  close(*victim, CloseMode::kReset);
  return true;
}

// Meanwhile the client waits in the kernel's queue.
void TcpWorker::retry_accept_later(std::size_t listener) {
  delay_.expires_after(kAcceptRetryDelay);
  delay_.async_wait([this, listener](const boost::system::error_code&) {
    if (!draining_) accept(listener);
  });
}

void TcpWorker::add_client(tcp::socket socket) {
  sockaddr_storage address;
  socklen_t size = sizeof address;
  if (::getpeername(socket.native_handle(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return;  // disconnected already
  const Endpoint peer = to_endpoint(&address);
  size = sizeof address;
  if (::getsockname(socket.native_handle(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return;
  const Endpoint local = to_endpoint(&address);
  if (!evict_if_full(peer)) return;
  Client& client = *clients_[free_indexes_.back()];
  free_indexes_.pop_back();
  client.socket = std::move(socket);
  client.generation = ++generation_;
  client.peer = peer;
  client.local = local;
  client.timer = ConnectionTimer(Clock::now());
  counters_.connections.add();
  arm_tick();
  serve_client(client, kFirstRead);  // the first question has often arrived already
}

// An address may exceed its limit while half of all places are free. After that, a client of the same address is
// closed.
bool TcpWorker::evict_if_full(const Endpoint& newcomer) {
  const std::size_t taken = clients_.size() - free_indexes_.size();
  if (taken < (clients_.size() + 1) / 2) return true;
  const auto same = static_cast<std::size_t>(std::ranges::count_if(
      clients_, [&](const auto& client) { return client->generation != 0 && same_address(client->peer, newcomer); }));
  const bool over_share = same >= options_.connections_per_address;
  if (!over_share && !free_indexes_.empty()) return true;
  Client* victim = eviction_candidate(over_share ? &newcomer : nullptr);
  if (victim == nullptr) return false;
  counters_.evicted.add();
  if (full_throttle_.allow(Clock::now()))
    log_->warn("the limit of TCP clients is reached: closing a stalled or idle one ({} more since the last message)",
               full_throttle_.suppressed());
  close(*victim, CloseMode::kReset);
  return true;
}

TcpWorker::Client* TcpWorker::eviction_candidate(const Endpoint* of_address) {
  Client* candidate = nullptr;
  for (const auto& client : clients_) {
    if (client->generation == 0 || (of_address != nullptr && !same_address(client->peer, *of_address))) continue;
    if (candidate == nullptr || client->timer.evict_before(candidate->timer)) candidate = client.get();
  }
  return candidate;
}

// kReset: the kernel discards unread answers at once.
void TcpWorker::close(Client& client, CloseMode mode) {
  boost::system::error_code ignored;
  if (mode == CloseMode::kReset) client.socket.set_option(asio::socket_base::linger(true, 0), ignored);
  client.socket.close(ignored);
  client.generation = 0;
  client.in = {};
  client.out = {};
  client.out_written = 0;
  client.answered_late = client.finished = false;
  free_indexes_.push_back(client.index);
  if (!listening_ && free_indexes_.size() == clients_.size()) context_.stop();
}

// ---- one turn of a client

void TcpWorker::wait(Client& client) {
  const auto what = client.out.empty() ? tcp::socket::wait_read : tcp::socket::wait_write;
  client.socket.async_wait(
      what, [this, index = client.index, generation = client.generation](const boost::system::error_code& error) {
        if (!error) ready(index, generation);
      });
}

void TcpWorker::ready(std::size_t index, std::uint64_t generation) {
  Client& client = *clients_[index];
  if (client.generation != generation) return;  // closed; the index may belong to another client now
  if (client.finished) return discard_input(client);
  serve_client(client, kTcpRead);
}

void TcpWorker::serve_client(Client& client, std::size_t octets_max) {
  Step step = client.out.empty() ? Step::kWait : write(client);
  if (step == Step::kWait && client.out.empty()) step = read(client, octets_max);
  if (step == Step::kClose) return close(client, CloseMode::kOrderly);
  if (step == Step::kMore && client.out.empty()) {
    busy_queue_.push_back({client.index, client.generation});
  } else if (draining_ && client.out.empty()) {
    finish(client);
  } else {
    wait(client);
  }
}

void TcpWorker::serve_busy_queue() {
  for (int turns = 0; turns < kBusyTurns && !busy_queue_.empty();) {
    const BusyClient next = busy_queue_.front();
    busy_queue_.pop_front();
    Client& client = *clients_[next.index];
    if (client.generation != next.generation) continue;
    serve_client(client, kTcpRead);
    ++turns;
  }
}

TcpWorker::Step TcpWorker::read(Client& client, std::size_t octets_max) {
  const std::size_t left_over = client.in.size();
  std::ranges::copy(client.in, scratch_->in.begin());
  const ssize_t got = ::recv(client.socket.native_handle(), &scratch_->in[left_over], octets_max, MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR ? Step::kWait : Step::kClose;
  if (got == 0) return Step::kClose;
  const Step step = answer_all(client, left_over + static_cast<std::size_t>(got));
  return step == Step::kWait && static_cast<std::size_t>(got) == octets_max ? Step::kMore : step;
}

// Answers the complete messages in the `have` octets of the thread's buffer. The client keeps the rest.
TcpWorker::Step TcpWorker::answer_all(Client& client, std::size_t have) {
  std::size_t used = 0, answered = 0;
  while (client.out.empty()) {
    const dns::Bytes input(&scratch_->in[used], have - used);
    const FrameSplit split = split_frames(input, scratch_->messages);
    if (split.messages == 0 && split.state == FrameSplit::State::kBroken) return Step::kClose;
    if (split.messages == 0) break;
    const std::size_t done = answer_batch(client, std::span(scratch_->messages.data(), split.messages));
    if (done == 0) return Step::kClose;
    const dns::Bytes last = scratch_->messages[done - 1];
    used = static_cast<std::size_t>(last.data() + last.size() - scratch_->in.data());
    answered += done;
  }
  client.answered_late = client.answered_late || (draining_ && answered != 0);
  client.in.assign(scratch_->in.data() + used, scratch_->in.data() + have);
  const Time now = Clock::now();
  if (!client.out.empty()) {
    client.timer.on(ConnectionTimer::Event::kBlocked, now);
    client.queued = unacknowledged(client.socket.native_handle());
  } else if (answered != 0) {
    client.timer.on(client.in.empty() ? ConnectionTimer::Event::kWhole : ConnectionTimer::Event::kWholeAndPart, now);
  } else if (!client.in.empty()) {
    client.timer.on(ConnectionTimer::Event::kPart, now);
  }
  return Step::kWait;
}

// Answers a batch with one write. Returns how many of the messages are finished: fewer if their answers would exceed
// kMaxPendingOutput, none if the connection is broken.
std::size_t TcpWorker::answer_batch(Client& client, std::span<const dns::Bytes> messages) {
  Scratch& scratch = *scratch_;
  for (std::size_t i = 0; i < messages.size(); ++i)
    scratch.slots[i].inbound = {
        .bytes = messages[i], .client = client.peer, .local = client.local, .transport = &Transport::kTcp};
  {
    const PublishedSnapshot::ReadGuard snapshot(snapshots_, reader_);
    responder_.respond(std::span(scratch.slots.data(), messages.size()), *snapshot);
  }
  std::array<std::size_t, kTcpBatch> ends{};
  FrameWriter frames(scratch.out.data());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const Responder::Slot& slot = scratch.slots[i];
    if (slot.size != 0) frames.append(slot.out.first(slot.size));
    ends[i] = frames.octets().size();
  }
  const dns::Bytes all = frames.octets();
  ssize_t sent = 0;
  if (!all.empty()) sent = ::send(client.socket.native_handle(), all.data(), all.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) return 0;
  const std::size_t written = sent < 0 ? 0 : static_cast<std::size_t>(sent);
  if (written == all.size()) return messages.size();
  std::size_t done = 0;
  while (done < messages.size() && (done == 0 || ends[done - 1] < written + kMaxPendingOutput)) ++done;
  client.out.assign(all.begin() + static_cast<std::ptrdiff_t>(written),
                    all.begin() + static_cast<std::ptrdiff_t>(ends[done - 1]));
  client.out_written = 0;
  return done;
}

TcpWorker::Step TcpWorker::write(Client& client) {
  const std::size_t left = client.out.size() - client.out_written;
  const ssize_t sent =
      ::send(client.socket.native_handle(), &client.out[client.out_written], left, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN || errno == EINTR ? Step::kWait : Step::kClose;
  client.out_written += static_cast<std::size_t>(sent);
  client.timer.on(ConnectionTimer::Event::kProgress, Clock::now());
  client.queued = unacknowledged(client.socket.native_handle());
  if (client.out_written < client.out.size()) return Step::kWait;
  client.out = {};
  std::ranges::copy(client.in, scratch_->in.begin());
  const std::size_t have = client.in.size();
  client.timer.on(ConnectionTimer::Event::kWhole, Clock::now());
  return answer_all(client, have);
}

// ---- timeouts

void TcpWorker::arm_tick() {
  if (ticking_) return;
  ticking_ = true;
  tick_.expires_after(kTick);
  tick_.async_wait([this](const boost::system::error_code& error) {
    ticking_ = false;
    if (!error) tick();
  });
}

void TcpWorker::tick() {
  const Time now = Clock::now();
  for (const auto& client : clients_) {
    if (client->generation == 0 || client->finished || client->timer.deadline(options_) > now ||
        is_making_progress(*client))
      continue;
    counters_.timeouts.add();
    close(*client, client->timer.stage() == ConnectionTimer::Stage::kIdle ? CloseMode::kOrderly : CloseMode::kReset);
  }
  if (free_indexes_.size() != clients_.size()) arm_tick();
}

// A client on a slow line reads, but frees too little of the kernel's buffer to make the socket writable. It must not
// be closed.
bool TcpWorker::is_making_progress(Client& client) {
  if (client.timer.stage() != ConnectionTimer::Stage::kSending) return false;
  const std::size_t queued = unacknowledged(client.socket.native_handle());
  if (queued + kLeastProgress > client.queued) return false;
  client.queued = queued;
  client.timer.on(ConnectionTimer::Event::kProgress, Clock::now());
  return true;
}

}  // namespace server
