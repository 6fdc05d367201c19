// The kernel of a TCP worker in virtual time: peers that send, read, stall and leave as a test tells them to.
//
//     FakeTcpSockets kernel;  Peer& peer = kernel.connect(0ms);  kernel.at(10ms, [&] { peer.send(octets); });
//
// Time passes only where the worker waits, so a test of ten seconds takes no time, and it always runs in the same
// order. The worker must end each wait of its own: a wait that nothing ends fails the test. One thread.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "server/listen/tcp_sockets.h"
#include "tests/support/allocations.h"

namespace server::test {

using Milliseconds = std::chrono::milliseconds;

struct Peer {
  static constexpr std::size_t kUnlimited = SIZE_MAX;

  // What the test sets.
  std::string arrived;  // that the worker has not read
  bool fin = false, reset = false;
  std::size_t read_max = kUnlimited, write_max = kUnlimited;  // octets of one call
  std::size_t window = kUnlimited;                            // octets that the kernel takes until the peer reads
  std::deque<int> read_errors, write_errors;                  // of the next calls, errno
  bool acknowledges = true;
  server::Endpoint address;

  void send(const std::string& octets) { arrived += octets; }

  // What the worker did.
  std::string received;
  enum class End : std::uint8_t { kOpen, kOrderly, kReset, kRefused } end = End::kOpen;
  std::optional<Milliseconds> ended_at;
  bool finished = false;  // no more will be sent
};

class FakeTcpSockets final : public TcpSockets {
 public:
  explicit FakeTcpSockets(std::size_t listeners = 1) : listeners_(listeners) {}

  // ---- the test's side
  void at(Milliseconds time, std::function<void()> action) { agenda_.emplace(kStart + time, std::move(action)); }
  // A peer whose connection is complete at `time`; `host` is the last octet of its address.
  Peer& connect(Milliseconds time, std::uint8_t host = 1, std::size_t listener = 0) {
    Peer& peer = peers_.emplace_back();
    peer.address = {.address = {192, 0, 2, host}, .address_size = 4, .port = 4000};
    at(time, [this, &peer, listener] { listeners_[listener].queue.push_back(&peer); });
    return peer;
  }
  // From now on, each accept fails; 0: no more. `times`: how often.
  void fail_accept(int error, std::size_t times = SIZE_MAX) { accept_error_ = error, accept_errors_ = times; }
  // A flood: a new peer whenever the queue is empty.
  void flood(const std::string& octets) { flood_ = octets; }
  // The process does not run for this time.
  void pause(Milliseconds time) { now_ += time; }
  Milliseconds time() const { return std::chrono::duration_cast<Milliseconds>(now_ - kStart); }
  std::size_t accepts() const { return accepts_; }
  const std::deque<Peer>& peers() const { return peers_; }

  // ---- the worker's side
  void attach(Events& events, std::size_t places) override {
    events_ = &events;
    places_.resize(places);
  }
  std::size_t listeners() const override { return listeners_.size(); }
  void wait_for_newcomers(std::size_t listener) override {
    may_lack_memory();
    listeners_[listener].waits = true;
  }
  Newcomer accept(std::size_t listener) override {
    const Unlimited memory;
    REQUIRE(++accepts_ < 100'000);
    Listener& from = listeners_[listener];
    if (newcomer_ != nullptr) refuse();
    if (from.closed) return {.error = EBADF};
    if (!flood_.empty() && from.queue.empty()) {
      from.queue.push_back(&peers_.emplace_back());
      from.queue.back()->address = {.address = {192, 0, 2, 99}, .address_size = 4};
      from.queue.back()->send(flood_);
    }
    if (from.queue.empty()) return {.error = EAGAIN};
    if (accept_error_ != 0 && accept_errors_ > 0) {
      --accept_errors_;
      return {.error = accept_error_};
    }
    newcomer_ = from.queue.front();
    from.queue.pop_front();
    return {.peer = newcomer_->address, .local = {.address = {192, 0, 2, 53}, .address_size = 4, .port = 53}};
  }
  void close_listener(std::size_t listener) override { listeners_[listener].closed = true; }
  void take(std::size_t client) override {
    REQUIRE(places_[client].peer == nullptr);
    places_[client] = {.peer = std::exchange(newcomer_, nullptr)};
  }
  void refuse() override { end(*std::exchange(newcomer_, nullptr), Peer::End::kRefused); }

  ssize_t receive(std::size_t client, dns::MutableBytes room) override {
    const Unlimited memory;
    Peer& peer = peer_of(client);
    if (const int error = error_of(peer, peer.read_errors); error != 0) return fail(error);
    if (peer.arrived.empty()) return peer.fin ? 0 : fail(EAGAIN);
    const std::size_t size = std::min({room.size(), peer.arrived.size(), peer.read_max});
    std::memcpy(room.data(), peer.arrived.data(), size);
    peer.arrived.erase(0, size);
    return static_cast<ssize_t>(size);
  }
  ssize_t send(std::size_t client, dns::Bytes octets) override {
    const Unlimited memory;
    Peer& peer = peer_of(client);
    REQUIRE(!octets.empty());
    REQUIRE(!peer.finished);
    if (const int error = error_of(peer, peer.write_errors); error != 0) return fail(error);
    const std::size_t size = std::min({octets.size(), peer.window, peer.write_max});
    if (size == 0) return fail(EAGAIN);
    peer.received.append(reinterpret_cast<const char*>(octets.data()), size);
    if (peer.window != Peer::kUnlimited) peer.window -= size;
    return static_cast<ssize_t>(size);
  }
  std::size_t unacknowledged(std::size_t client) override {
    const Peer& peer = peer_of(client);
    return peer.acknowledges ? 0 : peer.received.size();
  }
  void wait(std::size_t client, std::uint64_t generation, Wanted wanted) override {
    may_lack_memory();
    CHECK_FALSE(places_[client].wait.has_value());
    places_[client].wait = Wait{generation, wanted};
  }
  void cancel_wait(std::size_t client) override { places_[client].wait.reset(); }
  void finish_sending(std::size_t client) override { peer_of(client).finished = true; }
  void close(std::size_t client, CloseMode mode) override {
    end(peer_of(client), mode == CloseMode::kReset ? Peer::End::kReset : Peer::End::kOrderly);
    places_[client] = {};
  }

  Time now() const override { return now_; }
  void start(Timer timer, Milliseconds after) override {
    timers_[static_cast<std::size_t>(timer)].reset();
    may_lack_memory();
    timers_[static_cast<std::size_t>(timer)] = now_ + after;
  }
  void run_one() override {
    while (!ended_ && !poll_one()) pass_time();
  }
  bool poll_one() override {
    REQUIRE(++events_at_once_ < 50'000);  // else the worker spins
    if (std::exchange(asked_to_stop_, false)) return events_->on_stop(), true;
    if (std::exchange(asked_to_wake_, false)) return events_->on_wake(), true;
    for (std::size_t i = 0; i < kTimers; ++i) {  // first: a real reactor may choose any order
      if (!timers_[i] || *timers_[i] > now_) continue;
      timers_[i].reset();
      return events_->on_timer(static_cast<Timer>(i)), true;
    }
    for (std::size_t i = 0; i < listeners_.size(); ++i)
      if (!listeners_[i].queue.empty() && std::exchange(listeners_[i].waits, false))
        return events_->on_newcomers(i), true;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      Place& place = places_[next_place_++ % places_.size()];
      if (!place.wait || !is_ready(*place.peer, place.wait->wanted)) continue;
      const std::uint64_t generation = std::exchange(place.wait, std::nullopt)->generation;
      return events_->on_ready(static_cast<std::size_t>(&place - places_.data()), generation), true;
    }
    return false;
  }
  void end() override { ended_ = true; }
  bool ended() const override { return ended_; }
  void ask_to_stop() override { asked_to_stop_ = true; }
  void ask_to_wake() override { asked_to_wake_ = true; }

 private:
  static constexpr Time kStart{std::chrono::hours(1)};
  struct Listener {
    std::deque<Peer*> queue;
    bool waits = false, closed = false;
  };
  struct Wait {
    std::uint64_t generation;
    Wanted wanted;
  };
  struct Place {
    Peer* peer = nullptr;
    std::optional<Wait> wait = {};
  };
  // The shortage of memory that a test makes is the worker's, not ours.
  struct Unlimited {
    dns::test::Allocations saved = std::exchange(dns::test::allocations, {});
    Unlimited() = default;
    Unlimited(const Unlimited&) = delete;
    ~Unlimited() { dns::test::allocations = saved; }
  };

  // A wait of the real sockets allocates.
  static void may_lack_memory() { ::operator delete(::operator new(1)); }
  static ssize_t fail(int error) {
    errno = error;
    return -1;
  }
  static bool is_ready(const Peer& peer, Wanted wanted) {
    if (peer.reset) return true;
    if (wanted == Wanted::kWrite) return peer.window > 0 || !peer.write_errors.empty();
    return peer.fin || !peer.arrived.empty() || !peer.read_errors.empty();
  }
  static int error_of(const Peer& peer, std::deque<int>& errors) {
    if (peer.reset) return ECONNRESET;
    if (errors.empty()) return 0;
    const int error = errors.front();
    errors.pop_front();
    return error;
  }
  Peer& peer_of(std::size_t client) {
    REQUIRE(places_[client].peer != nullptr);
    return *places_[client].peer;
  }
  void end(Peer& peer, Peer::End how) {
    peer.end = how;
    peer.ended_at = time();
  }
  // Until the next action or timer.
  void pass_time() {
    const Unlimited memory;
    events_at_once_ = 0;
    std::optional<Time> next;
    if (!agenda_.empty()) next = agenda_.begin()->first;
    for (const auto& timer : timers_)
      if (timer && (!next || *timer < *next)) next = timer;
    REQUIRE_MESSAGE(next.has_value(), "the worker waits for ever");
    now_ = std::max(now_, *next);
    while (!agenda_.empty() && agenda_.begin()->first <= now_) agenda_.extract(agenda_.begin()).mapped()();
  }

  Events* events_ = nullptr;
  Time now_ = kStart;
  std::multimap<Time, std::function<void()>> agenda_;
  std::deque<Peer> peers_;
  std::vector<Listener> listeners_;
  std::vector<Place> places_;
  Peer* newcomer_ = nullptr;
  std::array<std::optional<Time>, kTimers> timers_;
  std::string flood_;
  int accept_error_ = 0;
  std::size_t accept_errors_ = 0, accepts_ = 0, next_place_ = 0, events_at_once_ = 0;
  bool asked_to_stop_ = false, asked_to_wake_ = false, ended_ = false;
};

}  // namespace server::test
