// The TCP worker with a kernel and peers that the test plays, in virtual time.
#include <functional>
#include <string>

#include <doctest/doctest.h>

#include "server/listen/tcp.h"
#include "tests/support/all_kinds.h"
#include "tests/support/fake_tcp_sockets.h"
#include "tests/support/query_bytes.h"

using namespace std::chrono_literals;
using server::test::FakeTcpSockets;
using server::test::Milliseconds;
using server::test::Peer;
using End = Peer::End;

namespace {

std::string frame(const std::vector<std::uint8_t>& message) {
  std::string text{static_cast<char>(message.size() >> 8), static_cast<char>(message.size())};
  return text.append(message.begin(), message.end());
}
// The questions with these numbers, in frames.
std::string questions(std::uint16_t first, std::uint16_t last) {
  std::string text;
  for (std::uint16_t id = first; id <= last; ++id)
    text += frame(dns::test::octets_of({.name = "mail.example.", .id = id}));
  return text;
}
std::string question(std::uint16_t id) { return questions(id, id); }
// The largest frame: the header of a query, and octets without a meaning.
std::string largest(std::uint16_t id) {
  std::vector<std::uint8_t> message(65535, 0xee);
  const auto head = dns::test::octets_of({.id = id});
  std::copy(head.begin(), head.begin() + 12, message.begin());
  return frame(message);
}

// The numbers of the answers: "1 2"; "1 2 +7": behind them, 7 octets of another.
std::string answers(const Peer& peer) {
  const dns::Bytes octets(reinterpret_cast<const std::uint8_t*>(peer.received.data()), peer.received.size());
  std::string text;
  std::size_t at = 0;
  while (octets.size() - at >= 2 && octets.size() - at - 2 >= dns::load16(&octets[at])) {
    text += (text.empty() ? "" : " ") + std::to_string(dns::load16(&octets[at + 2]));
    at += 2U + dns::load16(&octets[at]);
  }
  if (at != octets.size()) text += " +" + std::to_string(octets.size() - at);
  return text;
}
std::string numbers(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += (text.empty() ? "" : " ") + std::to_string(i);
  return text;
}

// A worker, until a test stops it. `failures`: exceptions that ended a step, after which it goes on, as its thread
// does.
class Server {
 public:
  explicit Server(server::TcpOptions options = {}, std::size_t listeners = 1) {
    auto sockets = std::make_unique<FakeTcpSockets>(listeners);
    kernel = sockets.get();
    worker = std::make_unique<server::TcpWorker>(
        server::TcpWorker::Dependencies{.sockets = std::move(sockets),
                                        .options = options,
                                        .responder = responder,
                                        .tables = server::standard_tables(),
                                        .counters = counters,
                                        .snapshots = snapshots,
                                        .reader = 0,
                                        .log = std::make_shared<server::Log::element_type>("test")});
  }
  void run_until(Milliseconds stop) {
    kernel->at(stop, [this] { worker->stop(); });
    run();
  }
  void run() {
    for (int round = 0; round < 100; ++round) {
      try {
        return worker->run();
      } catch (const std::bad_alloc&) {
        ++failures;
      }
    }
    FAIL("the worker does not end");
  }

  server::ResponderOptions responder;
  server::Counters counters;
  server::PublishedSnapshot snapshots{dns::test::all_kinds(), 1};
  std::unique_ptr<server::TcpWorker> worker;
  FakeTcpSockets* kernel = nullptr;
  int failures = 0;
};

}  // namespace

TEST_CASE("TCP worker: questions may be cut at every octet") {
  const std::string octets = questions(1, 3);
  for (std::size_t cut = 1; cut < octets.size(); ++cut) {
    CAPTURE(cut);
    Server server;
    Peer& peer = server.kernel->connect(0ms);
    peer.send(octets.substr(0, cut));
    server.kernel->at(100ms, [&] { peer.send(octets.substr(cut)); });
    server.run_until(1s);
    CHECK(answers(peer) == "1 2 3");
    CHECK(peer.end == End::kOrderly);
  }
  for (const std::size_t size : {1U, 2U, 3U, 17U}) {
    Server server;
    Peer& peer = server.kernel->connect(0ms);
    peer.read_max = size;
    peer.send(octets);
    server.run_until(1s);
    CHECK(answers(peer) == "1 2 3");
  }
}

TEST_CASE("TCP worker: answers may be cut at every octet, and by signals") {
  Server whole;
  const Peer& reference = whole.kernel->connect(0ms);
  whole.kernel->connect(0ms).send("");
  const_cast<Peer&>(reference).send(questions(1, 3));
  whole.run_until(1s);
  for (std::size_t cut = 0; cut <= reference.received.size(); ++cut) {
    CAPTURE(cut);
    Server server;
    Peer& peer = server.kernel->connect(0ms);
    peer.send(questions(1, 3));
    peer.window = cut;
    if (cut % 3 == 0) peer.read_errors = peer.write_errors = {EINTR, EAGAIN, EINTR};
    server.kernel->at(100ms, [&] { peer.window += 1; });
    server.kernel->at(200ms, [&] { peer.window = Peer::kUnlimited; });
    server.kernel->at(300ms, [&] { peer.send(question(4)); });
    server.run_until(1s);
    CHECK(answers(peer) == "1 2 3 4");
  }
}

TEST_CASE("TCP worker: what a peer sends decides how its connection ends") {
  struct Row {
    const char* what;
    std::string octets;
    bool fin;
    std::string answers;
    Milliseconds ends;  // 10,000 ms: idle
  };
  const std::string zero(2, '\0'), short_frame = std::string("\0\x0b", 2) + std::string(11, 'x');
  std::vector<std::uint8_t> response = dns::test::octets_of({.id = 5});
  response[2] |= 0x80;
  const Row rows[] = {
      {"a question", question(1), false, "1", 10'000ms},
      {"a question and FIN", question(1), true, "1", 0ms},
      {"200 questions and FIN", questions(1, 200), true, numbers(1, 200), 0ms},
      {"2000 questions", questions(1, 2000), false, numbers(1, 2000), 10'000ms},
      {"FIN in the length", question(1) + std::string(1, '\0'), true, "1", 0ms},
      {"FIN in the middle of a question", question(1) + question(2).substr(0, 20), true, "1", 0ms},
      {"FIN at once", "", true, "", 0ms},
      {"a frame of no octets", zero, false, "", 0ms},
      {"a frame of no octets behind questions", questions(1, 40) + zero + question(41), false, numbers(1, 40), 0ms},
      {"a frame of 11 octets", short_frame, false, "", 0ms},
      {"the largest frame", largest(7) + question(8), false, "7 8", 10'000ms},
      {"many of the largest frames", largest(7) + largest(8) + largest(9), true, "7 8 9", 0ms},
      {"a response", frame(response) + question(6), false, "6", 10'000ms},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Server server;
    Peer& peer = server.kernel->connect(0ms);
    peer.send(row.octets);
    peer.fin = row.fin;
    server.run_until(15s);
    CHECK(answers(peer) == row.answers);
    CHECK(peer.end == End::kOrderly);
    CHECK(peer.ended_at >= row.ends);
    CHECK(peer.ended_at <= row.ends + (row.ends == 0ms ? 0ms : 50ms));
    CHECK(server.counters.queries[1].value() >= server.counters.answers.value());
  }
}

TEST_CASE("TCP worker: errors of the kernel end one connection or are repeated") {
  struct Row {
    std::deque<int> read, write;
    std::string answers;
  };
  const Row rows[] = {
      {{}, {}, "1 2"},
      {{EINTR}, {}, "1 2"},
      {{EAGAIN}, {}, "1 2"},
      {{ECONNRESET}, {}, ""},
      {{ETIMEDOUT}, {}, ""},
      {{ENOMEM}, {}, ""},
      {{}, {EINTR}, "1 2"},
      {{}, {EAGAIN, EINTR, EAGAIN}, "1 2"},
      {{}, {EPIPE}, ""},
      {{}, {EAGAIN, ECONNRESET}, ""},
      {{}, {EINTR, ENOBUFS}, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    Server server;
    Peer& peer = server.kernel->connect(0ms);
    Peer& other = server.kernel->connect(0ms, 2);
    peer.send(questions(1, 2));
    peer.read_errors = row.read;
    peer.write_errors = row.write;
    other.send(question(3));
    server.run_until(1s);
    CHECK(answers(peer) == row.answers);
    CHECK((peer.ended_at == 1s) == !row.answers.empty());
    CHECK(answers(other) == "3");
  }
}

TEST_CASE("TCP worker: timeouts, in virtual time") {
  using Story = std::function<void(FakeTcpSockets&, Peer&)>;
  struct Row {
    const char* what;
    Story story;
    Milliseconds ends;
    End how;
  };
  const auto send_at = [](Milliseconds when, std::string octets) {
    return [=](FakeTcpSockets& kernel, Peer& peer) { kernel.at(when, [=, &peer] { peer.send(octets); }); };
  };
  const Row rows[] = {
      {"nothing is sent", [](auto&, auto&) {}, 2'000ms, End::kReset},
      {"the first octet comes late", send_at(1'900ms, "\1"), 2'400ms, End::kReset},
      {"a question, then nothing", send_at(100ms, question(1)), 10'100ms, End::kOrderly},
      {"a part of a question", send_at(100ms, question(1).substr(0, 9)), 600ms, End::kReset},
      {"an octet now and then does not help",
       [](FakeTcpSockets& kernel, Peer& peer) {
         for (std::size_t i = 0; i < 20; ++i)
           kernel.at(100ms * (i + 1), [=, &peer] { peer.send(question(1).substr(i, 1)); });
       },
       600ms, End::kReset},
      {"a question, then a part", send_at(100ms, question(1) + "x"), 600ms, End::kReset},
      {"answers that are not read",
       [](FakeTcpSockets&, Peer& peer) {
         peer.send(question(1));
         peer.window = 10;
       },
       500ms, End::kReset},
      {"answers that are read slowly",
       [](FakeTcpSockets& kernel, Peer& peer) {
         peer.send(question(1));
         peer.window = 10;
         for (int i = 1; i <= 5; ++i) kernel.at(400ms * i, [&] { peer.window += 1; });
       },
       2'500ms, End::kReset},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Server server;
    Peer& peer = server.kernel->connect(0ms);
    row.story(*server.kernel, peer);
    server.run_until(20s);
    CHECK(peer.end == row.how);
    CHECK(peer.ended_at >= row.ends);
    CHECK(peer.ended_at <= row.ends + 50ms);
    CHECK(server.counters.timeouts.value() == 1);
  }
}

TEST_CASE("TCP worker: after a pause of the process, what has arrived is read before anybody is closed") {
  Server server;
  Peer& peer = server.kernel->connect(0ms);
  Peer& fresh = server.kernel->connect(0ms, 2);
  Peer& silent = server.kernel->connect(0ms, 3);
  peer.send(questions(1, 2).substr(0, 60));
  server.kernel->at(200ms, [&] {
    server.kernel->pause(30s);
    peer.send(questions(1, 2).substr(60));
    fresh.send(question(3));
  });
  server.run_until(31s);
  CHECK(answers(peer) == "1 2");
  CHECK(answers(fresh) == "3");
  CHECK(silent.end == End::kReset);
}

TEST_CASE("TCP worker: a peer that does not read costs a bounded amount of memory, and delays nobody") {
  Server server;
  Peer& peer = server.kernel->connect(0ms);
  peer.window = 1000;
  peer.send(questions(1, 9000));
  Peer& other = server.kernel->connect(100ms, 2);
  other.send(question(1));
  server.run_until(2s);
  CHECK(answers(other) == "1");
  CHECK(peer.received.size() == 1000);
  CHECK(questions(1, 9000).size() - peer.arrived.size() < 2 * server::kMaxPendingOutput);
  CHECK(peer.end == End::kReset);
}

TEST_CASE("TCP worker: a peer that reads again gets all answers in order") {
  Server server;
  Peer& peer = server.kernel->connect(0ms);
  peer.window = 0;
  peer.send(questions(1, 5000));
  for (int i = 1; i < 200; ++i) server.kernel->at(10ms * i, [&] { peer.window += 3000; });
  server.run_until(3s);
  CHECK(answers(peer) == numbers(1, 5000));
}

TEST_CASE("TCP worker: a full server closes the peer that deserves its place least") {
  Server server({.connections_max = 4, .connections_per_address = 3});
  FakeTcpSockets& kernel = *server.kernel;
  Peer& idle = kernel.connect(0ms, 1);
  Peer& stalled = kernel.connect(0ms, 2);
  Peer& silent = kernel.connect(0ms, 3);
  Peer& recent = kernel.connect(10ms, 4);
  idle.send(question(1));
  stalled.send("\1");
  recent.send(question(1));
  Peer* late[] = {&kernel.connect(100ms, 5), &kernel.connect(110ms, 6), &kernel.connect(120ms, 7)};
  for (Peer* const peer : late) peer->send(question(9));
  server.run_until(300ms);
  CHECK(stalled.ended_at == 100ms);
  CHECK(silent.ended_at == 110ms);
  CHECK(idle.ended_at == 120ms);
  CHECK(recent.ended_at == 300ms);
  for (const Peer* const peer : late) CHECK(answers(*peer) == "9");
  CHECK(server.counters.evicted.value() == 3);
}

TEST_CASE("TCP worker: one address takes no more than its share of a server that is half full") {
  Server server({.connections_max = 8, .connections_per_address = 2});
  Peer& other = server.kernel->connect(0ms, 2);
  other.send(question(1));
  for (int i = 0; i < 20; ++i) server.kernel->connect(10ms, 1).send(question(2));
  server.run_until(1s);
  CHECK(other.ended_at == 1s);
  CHECK(server.counters.evicted.value() == 20 - 3);  // half of all places: 3 and the other peer
}

TEST_CASE("TCP worker: errors of accept") {
  struct Row {
    int error;
    std::size_t times;
    std::uint64_t evicted;  // at most
    Milliseconds answered;  // at the latest
  };
  const std::size_t kLong = 20;  // about a second of attempts
  for (const Row& row : {Row{ECONNABORTED, 5, 0, 0ms}, Row{EPERM, 3, 0, 0ms}, Row{EPROTO, 1, 0, 0ms},
                         Row{EMFILE, 1, 1, 0ms}, Row{EMFILE, kLong, 10, 1'100ms}, Row{ENFILE, kLong, 10, 1'100ms},
                         Row{ENOBUFS, kLong, 10, 1'100ms}, Row{ENOMEM, kLong, 10, 1'100ms}}) {
    CAPTURE(row.error);
    CAPTURE(row.times);
    Server server;
    for (std::uint8_t host = 1; host <= 40; ++host) server.kernel->connect(0ms, host).send(question(1));
    server.kernel->at(100ms, [&] { server.kernel->fail_accept(row.error, row.times); });
    Peer& late = server.kernel->connect(100ms, 99);
    late.send(question(2));
    server.run_until(110ms + row.answered);
    CHECK(answers(late) == "2");
    CHECK(server.counters.evicted.value() <= row.evicted);
  }
}

TEST_CASE("TCP worker: listeners without descriptors wait, they do not spin") {
  Server server({}, 3);
  server.kernel->fail_accept(EMFILE);
  for (std::size_t listener = 0; listener < 3; ++listener) server.kernel->connect(0ms, 1, listener).send(question(7));
  server.kernel->at(1s, [&] { server.kernel->fail_accept(0); });
  server.run_until(1'100ms);
  CHECK(server.kernel->accepts() < 3 * 30);
  for (const Peer& peer : server.kernel->peers()) CHECK(answers(peer) == "7");
}

TEST_CASE("TCP worker: at the stop, all that has arrived is answered and read") {
  Server server;
  FakeTcpSockets& kernel = *server.kernel;
  Peer& idle = kernel.connect(0ms, 1);
  Peer& busy = kernel.connect(100ms, 2);
  Peer& waiting = kernel.connect(100ms, 3);
  Peer& slow = kernel.connect(50ms, 4);
  Peer& unread = kernel.connect(50ms, 5);
  Peer& partial = kernel.connect(50ms, 6);
  idle.send(question(1));
  busy.send(questions(1, 3000));
  waiting.send(question(1));
  slow.window = unread.window = 10;
  slow.send(questions(1, 3000));
  unread.send(question(1));
  partial.send(question(1) + "x");
  unread.acknowledges = busy.acknowledges = false;
  kernel.at(300ms, [&] { slow.window = Peer::kUnlimited; });
  kernel.at(400ms, [&] { slow.fin = busy.fin = true; });
  server.run_until(100ms);
  CHECK((idle.end == End::kOrderly && idle.ended_at == 100ms));
  CHECK(answers(busy) == numbers(1, 3000));
  CHECK((busy.finished && busy.ended_at == 400ms));
  CHECK(answers(waiting) == "1");
  CHECK(answers(slow) == numbers(1, 3000));
  CHECK(slow.ended_at == 400ms);
  CHECK(answers(partial) == "1");
  CHECK(unread.received.size() == 10);
  CHECK(kernel.time() <= 100ms + server::TcpWorker::kDrainTime);
}

TEST_CASE("TCP worker: at the stop, a connection that cannot be accepted does not hide those behind it") {
  for (const int error : {ECONNABORTED, EPERM, EPROTO}) {
    Server server;
    Peer& late = server.kernel->connect(100ms);
    late.send(question(1));
    server.kernel->fail_accept(error, 2);
    server.run_until(100ms);
    CHECK(answers(late) == "1");
  }
}

TEST_CASE("TCP worker: at the stop, newcomers cost nobody an answer, and a flood of them does not delay the end") {
  Server server({.connections_max = 8, .connections_per_address = 2});
  Peer* const known[] = {&server.kernel->connect(0ms, 1), &server.kernel->connect(0ms, 1)};
  for (Peer* const peer : known) {
    peer->send(question(1));
    peer->acknowledges = false;
  }
  for (int i = 0; i < 6; ++i) server.kernel->connect(100ms, 1).send(question(2));
  server.run_until(100ms);
  for (const Peer& peer : server.kernel->peers()) CHECK((peer.received.size() != 0 && peer.end != End::kReset));

  for (const std::string& octets : {question(3), std::string(2, '\0')}) {
    Server flooded;
    flooded.kernel->at(100ms, [&] { flooded.kernel->flood(octets); });
    flooded.run_until(100ms);
    CHECK(flooded.kernel->accepts() >= 1000);
    CHECK(flooded.kernel->accepts() < 5000);
    CHECK(flooded.kernel->time() <= 100ms + server::TcpWorker::kDrainTime);
  }
}

TEST_CASE("TCP worker: any allocation fails: one peer is closed, the others are answered, timers and the stop work") {
  for (std::uint64_t nth = 1;; ++nth) {
    CAPTURE(nth);
    Server server;
    FakeTcpSockets& kernel = *server.kernel;
    Peer* const peers[] = {&kernel.connect(0ms, 1), &kernel.connect(10ms, 2), &kernel.connect(20ms, 3)};
    for (Peer* const peer : peers) {
      peer->send(questions(1, 200) + "\1");
      peer->window = 1000;
    }
    kernel.at(50ms, [&] {
      for (Peer* const peer : peers) peer->window = Peer::kUnlimited;
    });
    Peer& silent = kernel.connect(30ms, 4);
    Peer& late = kernel.connect(5s, 5);
    late.send(question(1));
    kernel.at(5s, [&] { server.worker->stop(); });
    const auto last = dns::test::with_shortage(nth, 1, [&] { server.run(); });
    std::size_t answered = 0;
    for (const Peer* const peer : peers) {
      if (answers(*peer) == numbers(1, 200)) ++answered;
      else CHECK((peer->end == End::kReset && peer->ended_at <= 50ms));  // at once
    }
    answered += answers(late) == "1" ? 1U : 0U;
    CHECK(answered >= 3);
    CHECK(server.failures <= 1);
    CHECK(silent.end != End::kOpen);
    CHECK(silent.ended_at <= 2'150ms);
    CHECK(kernel.time() <= 5s + server::TcpWorker::kDrainTime);
    if (last == dns::test::Shortage::kNotReached || !dns::test::kCountsAllocations) break;
    REQUIRE(nth < 1000);
  }
}
