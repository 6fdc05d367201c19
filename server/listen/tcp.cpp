#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>

#include "server/listen/tcp_client.h"

namespace server {
namespace {

constexpr std::chrono::milliseconds kTick{50};       // how late a deadline may be noticed
constexpr std::chrono::milliseconds kTickLate{100};  // the worker did not run, the deadlines are not the clients' fault
constexpr std::chrono::milliseconds kAcceptRetryDelay{50};
constexpr int kAcceptsInTurn = 64, kHandlersInTurn = 64;
constexpr int kLastAccepts = 4096;            // at the end: the length of the kernel's queue
constexpr int kBusyTurns = 8;                 // about a millisecond of work
constexpr std::size_t kFirstRead = 512;       // octets: enough for one question
constexpr std::size_t kLeastProgress = 4096;  // octets that a client must read within message_timeout

}  // namespace

TcpWorker::TcpWorker(Dependencies dependencies)
    : sockets_(std::move(dependencies.sockets)),
      options_(dependencies.options),
      late_options_(dependencies.options),
      responder_(dependencies.responder, dependencies.counters, dependencies.tables,
                 {.port = this, .pins = &dependencies.snapshots.pins()}),
      counters_(dependencies.counters),
      snapshots_(dependencies.snapshots),
      reader_(dependencies.reader),
      log_(std::move(dependencies.log)),
      scratch_(new Scratch),
      port_([this] { sockets_->ask_to_wake(); }) {
  late_options_.idle_timeout = std::max(options_.idle_timeout, kLateTimeout);
  for (std::size_t i = 0; i < kTcpBatch; ++i)
    scratch_->slots[i].out = {&scratch_->out[i * kSlotStep + kLengthPrefix], dns::kMaxMessage};
  sockets_->attach(*this, options_.connections_max);
  paused_listeners_.reserve(sockets_->listeners());
  clients_.reserve(options_.connections_max);
  for (std::size_t index = 0; index < options_.connections_max; ++index) {
    clients_.push_back(std::make_unique<Client>(index));
    free_indexes_.push_back(options_.connections_max - 1 - index);
  }
}

TcpWorker::~TcpWorker() = default;

void TcpWorker::run() {
  go_on();
  while (!sockets_->ended()) {
    if (busy_queue_.empty()) {
      sockets_->run_one();
    } else {
      for (int i = 0; i < kHandlersInTurn && sockets_->poll_one(); ++i) {
      }
      serve_busy_queue();
    }
  }
  port_.close();
  for (const auto& client : clients_) client->streams.clear();  // what they hold does not outlive the worker
}

// At the start, and after an exception has ended a step: no wait and no timer is missing.
void TcpWorker::go_on() {
  if (draining_) {
    if (listening_) drain();
    return;
  }
  paused_listeners_.clear();
  for (std::size_t listener = 0; listener < sockets_->listeners(); ++listener) sockets_->wait_for_newcomers(listener);
  ticking_ = false;
  if (has_clients()) arm_tick();
}

void TcpWorker::stop() { sockets_->ask_to_stop(); }

void TcpWorker::on_stop() {
  if (!draining_) drain();
}

void TcpWorker::on_timer(TcpSockets::Timer timer) {
  switch (timer) {
    case TcpSockets::Timer::kTick: return tick();
    case TcpSockets::Timer::kAcceptRetry:
      if (draining_) return;
      for (const std::size_t listener : paused_listeners_) sockets_->wait_for_newcomers(listener);
      return paused_listeners_.clear();
    case TcpSockets::Timer::kDrainEnd: return sockets_->end();
  }
}

// ---- accepting and closing clients

// Accepts many clients in one turn, because turns are rare with a thousand busy clients.
void TcpWorker::on_newcomers(std::size_t listener) {
  if (draining_) return;
  bool evicted = false;
  for (int i = 0; i < kAcceptsInTurn; ++i) {
    const TcpSockets::Newcomer newcomer = sockets_->accept(listener);
    if (newcomer.error == 0) {
      add_client(newcomer);
      evicted = false;
    } else if (newcomer.error == EAGAIN) {
      break;
    } else if (newcomer.is_shortage()) {
      // If closing one client did not help, closing more does not help either: the whole system lacks it.
      if (evicted || !evict_for_descriptor()) return retry_accept_later(listener);
      evicted = true;
    }
  }
  sockets_->wait_for_newcomers(listener);
}

bool TcpWorker::evict_for_descriptor() {
  if (out_of_files_throttle_.allow(sockets_->now()))
    log_->warn("no file descriptor for a new TCP client: closing a stalled or idle one");
  Client* victim = eviction_candidate(nullptr);
  if (victim == nullptr) return false;
  counters_.evicted.add();
  close(*victim, CloseMode::kReset);
  return true;
}

// Meanwhile the client waits in the kernel's queue.
void TcpWorker::retry_accept_later(std::size_t listener) {
  paused_listeners_.push_back(listener);
  if (paused_listeners_.size() == 1) sockets_->start(TcpSockets::Timer::kAcceptRetry, kAcceptRetryDelay);
}

void TcpWorker::add_client(const TcpSockets::Newcomer& newcomer) {
  if (!draining_ && !evict_if_full(newcomer.peer)) return sockets_->refuse();
  Client& client = *clients_[free_indexes_.back()];
  free_indexes_.pop_back();
  sockets_->take(client.index);
  client.generation = ++generation_;
  client.peer = newcomer.peer;
  client.local = newcomer.local;
  client.timer = ConnectionTimer(sockets_->now());
  counters_.connections.add();
  serve_client(client, kFirstRead);  // the first question has often arrived already
  arm_tick();
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
  if (full_throttle_.allow(sockets_->now()))
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

void TcpWorker::close(Client& client, CloseMode mode) {
  sockets_->close(client.index, mode);
  client.generation = 0;
  client.in = {};
  client.out = {};
  client.out_written = 0;
  client.answered_late = client.finished = client.busy = false;
  client.late = 0;
  client.streams.clear();
  free_indexes_.push_back(client.index);
  if (!listening_ && !has_clients()) sockets_->end();
}

// ---- one turn of a client

void TcpWorker::wait(Client& client) {
  sockets_->wait(client.index, client.generation,
                 client.out.empty() ? TcpSockets::Wanted::kRead : TcpSockets::Wanted::kWrite);
}

void TcpWorker::on_ready(std::size_t index, std::uint64_t generation) {
  Client& client = *clients_[index];
  if (client.generation == generation) serve_client(client, kTcpRead);  // else closed
}

// Where no memory is left, this client is closed, because nothing waits for it any more.
void TcpWorker::serve_client(Client& client, std::size_t octets_max) {
  try {
    take_turn(client, octets_max);
  } catch (const std::bad_alloc&) {
    close(client, CloseMode::kReset);
    throw;
  }
}

void TcpWorker::take_turn(Client& client, std::size_t octets_max) {
  if (client.finished) return discard_input(client);
  Step step = client.out.empty() ? Step::kWait : write(client);
  if (step == Step::kWait && client.out.empty())
    step = client.streams.empty() ? read(client, octets_max) : send_next_message(client);
  if (step == Step::kClose) return close(client, CloseMode::kOrderly);
  if (step == Step::kMore && client.out.empty()) {
    client.busy = true;
    busy_queue_.push_back({client.index, client.generation});
  } else if (draining_ && client.out.empty() && client.late == 0) {
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
    turns += client.streams.empty() ? 1 : kBusyTurns;  // a message of a stream may be large
    client.busy = false;
    serve_client(client, kTcpRead);
  }
}

TcpWorker::Step TcpWorker::read(Client& client, std::size_t octets_max) {
  const std::size_t left_over = client.in.size();
  std::ranges::copy(client.in, scratch_->in.begin());
  const ssize_t got = sockets_->receive(client.index, {&scratch_->in[left_over], octets_max});
  if (got < 0) return errno == EAGAIN || errno == EINTR ? Step::kWait : Step::kClose;
  if (got == 0) return Step::kClose;
  const Step step = answer_all(client, left_over + static_cast<std::size_t>(got));
  return step == Step::kWait && static_cast<std::size_t>(got) == octets_max ? Step::kMore : step;
}

// Answers the complete messages in the `have` octets of the thread's buffer. The client keeps the rest.
TcpWorker::Step TcpWorker::answer_all(Client& client, std::size_t have) {
  std::size_t used = 0, answered = 0;
  while (client.out.empty() && client.streams.empty()) {
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
  const Time now = sockets_->now();
  if (!client.out.empty()) {
    client.timer.on(ConnectionTimer::Event::kBlocked, now);
    client.queued = sockets_->unacknowledged(client.index);
  } else if (answered != 0) {
    client.timer.on(client.in.empty() ? ConnectionTimer::Event::kWhole : ConnectionTimer::Event::kWholeAndPart, now);
  } else if (!client.in.empty()) {
    client.timer.on(ConnectionTimer::Event::kPart, now);
  }
  return client.streams.empty() ? Step::kWait : Step::kMore;
}

// Answers a batch with one write. Returns how many of the messages are finished: fewer if their answers would exceed
// kMaxPendingOutput, none if the connection is broken. The others are answered again later, so a request that started a
// stream or was taken, and all before it, are always finished.
std::size_t TcpWorker::answer_batch(Client& client, std::span<const dns::Bytes> messages) {
  Scratch& scratch = *scratch_;
  for (std::size_t i = 0; i < messages.size(); ++i)
    scratch.slots[i].inbound = {
        .bytes = messages[i], .client = client.peer, .local = client.local, .transport = &Transport::kTcp};
  answering_ = &client;
  {
    const PublishedSnapshot::ReadGuard snapshot(snapshots_, reader_);
    responder_.respond(std::span(scratch.slots.data(), messages.size()), *snapshot);
  }
  std::array<std::size_t, kTcpBatch> ends{};
  FrameWriter frames(scratch.out.data());
  std::size_t finished = 0;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    Responder::Slot& slot = scratch.slots[i];
    if (slot.size != 0) frames.append(slot.out.first(slot.size));
    ends[i] = frames.octets().size();
    if (slot.stream != nullptr || slot.later) finished = i + 1;
    if (slot.stream != nullptr) client.streams.push_back(std::move(slot.stream));
    slot.later = false;
  }
  const dns::Bytes all = frames.octets();
  ssize_t sent = 0;
  if (!all.empty()) sent = sockets_->send(client.index, all);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) return 0;
  const std::size_t written = sent < 0 ? 0 : static_cast<std::size_t>(sent);
  if (written == all.size()) return messages.size();
  std::size_t done = 0;
  while (done < messages.size() && (done == 0 || done < finished || ends[done - 1] < written + kMaxPendingOutput))
    ++done;
  client.out.assign(all.begin() + static_cast<std::ptrdiff_t>(written),
                    all.begin() + static_cast<std::ptrdiff_t>(ends[done - 1]));
  client.out_written = 0;
  return done;
}

TcpWorker::Step TcpWorker::write(Client& client) {
  const ssize_t sent = sockets_->send(client.index, dns::Bytes(client.out).subspan(client.out_written));
  if (sent < 0) return errno == EAGAIN || errno == EINTR ? Step::kWait : Step::kClose;
  client.out_written += static_cast<std::size_t>(sent);
  client.timer.on(ConnectionTimer::Event::kProgress, sockets_->now());
  client.queued = sockets_->unacknowledged(client.index);
  if (client.out_written < client.out.size()) return Step::kWait;
  return resume(client);
}

// ---- timeouts

void TcpWorker::arm_tick() {
  if (ticking_ || !has_clients()) return;
  tick_due_ = sockets_->now() + kTick;
  sockets_->start(TcpSockets::Timer::kTick, kTick);
  ticking_ = true;
}

// After a pause of the process or the machine, what has arrived meanwhile is read first.
void TcpWorker::tick() {
  ticking_ = false;
  const Time now = sockets_->now();
  tick_skipped_ = !tick_skipped_ && now > tick_due_ + kTickLate;
  if (tick_skipped_) return arm_tick();
  for (const auto& client : clients_) {
    const TcpOptions& options = client->late == 0 ? options_ : late_options_;
    if (client->generation == 0 || client->finished || client->timer.deadline(options) > now ||
        is_making_progress(*client))
      continue;
    counters_.timeouts.add();
    close(*client, client->timer.stage() == ConnectionTimer::Stage::kIdle ? CloseMode::kOrderly : CloseMode::kReset);
  }
  arm_tick();
}

// A client on a slow line reads, but frees too little of the kernel's buffer to make the socket writable. It must not
// be closed.
bool TcpWorker::is_making_progress(Client& client) {
  if (client.timer.stage() != ConnectionTimer::Stage::kSending) return false;
  const std::size_t queued = sockets_->unacknowledged(client.index);
  if (queued + kLeastProgress > client.queued) return false;
  client.queued = queued;
  client.timer.on(ConnectionTimer::Event::kProgress, sockets_->now());
  return true;
}

// ---- the end: what has arrived is answered, and the clients read it before their connections are closed

// Answers what has arrived, also from clients that were not accepted yet. After an exception it is called again.
void TcpWorker::drain() {
  draining_ = true;
  sockets_->start(TcpSockets::Timer::kDrainEnd, kDrainTime);
  responder_.drain();
  busy_queue_.clear();
  for (const auto& client : clients_) {
    client->busy = false;
    if (client->generation == 0 || client->finished) continue;
    sockets_->cancel_wait(client->index);  // serve_client waits anew
    serve_client(*client, kTcpRead);
  }
  for (std::size_t listener = 0; listener < sockets_->listeners(); ++listener) accept_last(listener);
  listening_ = false;
  if (!has_clients()) sockets_->end();
}

// Nobody is evicted for these clients: the others may not have read their answers yet. New clients that come faster
// than they are answered do not delay the end.
void TcpWorker::accept_last(std::size_t listener) {
  for (int i = 0; i < kLastAccepts && !free_indexes_.empty(); ++i) {
    const TcpSockets::Newcomer newcomer = sockets_->accept(listener);
    if (newcomer.error == 0) add_client(newcomer);
    else if (newcomer.error == EAGAIN || newcomer.is_shortage()) break;
  }
  sockets_->close_listener(listener);
}

// Everything that arrived is answered. A connection that is closed while its client sends is reset, and some systems
// then discard answers that the client has not read. So a client that may have such answers closes first, until the end
// of kDrainTime.
void TcpWorker::finish(Client& client) {
  if (!client.answered_late && sockets_->unacknowledged(client.index) == 0) return close(client, CloseMode::kOrderly);
  client.finished = true;
  sockets_->finish_sending(client.index);
  wait(client);
}

void TcpWorker::discard_input(Client& client) {
  const ssize_t size = sockets_->receive(client.index, scratch_->in);
  if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) return close(client, CloseMode::kOrderly);
  wait(client);
}

}  // namespace server
