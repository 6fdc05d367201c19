// Replies of many messages and replies of other threads, over UDP and TCP on the loopback interface: a toy stream, a
// toy handler that takes requests, each with its row.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <deque>
#include <optional>
#include <thread>

#include <doctest/doctest.h>

#include "server/listen/listeners.h"
#include "server/listen/standard_listeners.h"
#include "server/runtime/mailbox.h"
#include "tests/support/keys.h"
#include "tests/support/query_bytes.h"

using namespace server;
using namespace std::chrono_literals;

namespace {

using Octets = std::vector<std::uint8_t>;

constexpr std::size_t kMessage = 30'000;  // octets of a message of a stream

// ---- the toys

// As many messages of kMessage octets as the ID of the request says; each has its number at its end. It pins the zone.
class ToyStream final : public ReplyStream {
 public:
  ToyStream(const RequestView& request, int fails_at)
      : head_(request.inbound.bytes.begin(), request.inbound.bytes.begin() + dns::kHeaderSize),
        count_(request.query.id),
        fails_at_(fails_at) {
    head_[2] |= 0x80;
    std::fill(head_.begin() + 4, head_.end(), std::uint8_t{0});
    if (request.lookup->zone != nullptr)
      pin_ = Pin<dns::Zone>(*request.pins, request.lookup->zone->share(), request.lookup->zone->totals().bytes);
  }

  Message next(dns::MutableBytes out) override {
    if (sent_ == fails_at_) return {};
    std::ranges::copy(head_, out.begin());
    std::memset(out.data() + head_.size(), 0, kMessage - head_.size());
    out[7] = 1;  // one record: it fills the message
    std::uint8_t* const record = out.data() + dns::kHeaderSize;
    dns::store16(record + 1, 16);
    dns::store16(record + 9, static_cast<std::uint16_t>(kMessage - dns::kHeaderSize - 11));
    dns::store16(out.data() + kMessage - 2, static_cast<std::uint16_t>(sent_));
    return {++sent_ == count_ ? Message::Kind::kLast : Message::Kind::kMore, kMessage};
  }

 private:
  Octets head_;
  int count_, fails_at_, sent_ = 0;
  Pin<dns::Zone> pin_;
};

class StreamHandler final : public OpcodeHandler {
 public:
  explicit StreamHandler(int fails_at) : fails_at_(fails_at) {}
  RequestOutcome answer(const RequestView& request) override {
    return Stream{std::make_unique<ToyStream>(request, fails_at_)};
  }

 private:
  int fails_at_;
};

OpcodeRow stream_row(int fails_at = -1) {
  return {dns::Opcode::STATUS, dns::Operation::kQuery,
          [fails_at](const ResponderOptions&, Counters&) { return std::make_unique<StreamHandler>(fails_at); }};
}

// What the handler has taken. The test decides when, and in which order, it is answered.
class Taken {
 public:
  void put(LateRequest request) {
    box_.post([&](auto& box) { box.push_back(std::move(request)); });
  }
  LateRequest take() { return std::move(*box_.take()); }
  void drain() { ++drained; }
  std::atomic<int> drained = 0;

 private:
  Mailbox<std::deque<LateRequest>, TakeFirst> box_;
};

class TakingHandler final : public OpcodeHandler {
 public:
  explicit TakingHandler(Taken& taken) : taken_(taken) {}
  RequestOutcome answer(const RequestView& request) override {
    auto mine = take_request(request);
    if (mine) {
      taken_.put(std::move(*mine));
      return Later{};
    }
    return Sent{dns::render_error(request.query, request.inbound.bytes, dns::Rcode::SERVFAIL, {}, request.out),
                dns::Rcode::SERVFAIL};
  }
  void drain() override { taken_.drain(); }

 private:
  Taken& taken_;
};

OpcodeRow taking_row(Taken& taken) {
  return {dns::Opcode::NOTIFY, dns::Operation::kQuery,
          [&taken](const ResponderOptions&, Counters&) { return std::make_unique<TakingHandler>(taken); }};
}

Octets reply_to(dns::Bytes request) {
  Octets reply(request.begin(), request.begin() + dns::kHeaderSize);
  reply[2] |= 0x80;
  std::fill(reply.begin() + 4, reply.end(), std::uint8_t{0});
  return reply;
}

// ---- the server and its clients

const std::shared_ptr<const KeyRing>& ring() {
  static const auto keys = test::ring_of({test::key_of("k.")});
  return keys;
}

std::shared_ptr<const dns::Snapshot> zones() {
  const std::shared_ptr<const dns::Zone> example[] = {
      dns::test::zone_of("example.", "@ SOA ns. a. 1 1 1 1 1\n@ NS ns.\nwww A 192.0.2.1\n")};
  std::vector<std::pair<dns::Name, dns::ZonePolicies::Policy>> none;
  return dns::Snapshot::of({})->with(example, {}, nullptr,
                                     std::make_shared<const dns::ZonePolicies>(std::move(none), nullptr, ring()));
}

class Server {
 public:
  explicit Server(std::vector<OpcodeRow> rows, std::chrono::milliseconds idle = TcpOptions().idle_timeout)
      : options_(options(idle)),
        listeners_(options_, responder_, tables_, make_log({}, std::make_shared<LineWriter>(-1)),
                   standard_listeners(options_, make_log({}, std::make_shared<LineWriter>(-1)))) {
    for (OpcodeRow& row : rows) tables_.opcodes.push_back(std::move(row));
    REQUIRE(listeners_.bind().has_value());
    snapshots_.emplace(zones(), listeners_.readers());
    REQUIRE(listeners_.start(*snapshots_).has_value());
  }
  void stop() { listeners_.stop(); }
  std::uint16_t port() const { return listeners_.addresses().front().port; }
  Pins& pins() { return snapshots_->pins(); }

  std::uint64_t sum(Counter Counters::* counter) const {
    std::uint64_t sum = 0;
    for (const Counters& each : listeners_.counters()) sum += (each.*counter).value();
    return sum;
  }
  std::uint64_t late() const {
    std::uint64_t sum = 0;
    for (const Counters& each : listeners_.counters()) sum += each.late.value();
    return sum;
  }

 private:
  static ListenOptions options(std::chrono::milliseconds idle) {
    ListenOptions options;
    options.tcp.idle_timeout = idle;
    options.addresses = {ListenAddress{Endpoint{.address = {127, 0, 0, 1}, .address_size = 4, .port = 0}, {}}};
    options.workers = 1;
    return options;
  }

  ListenOptions options_;
  ResponderOptions responder_;
  RequestTables tables_ = standard_tables();
  std::optional<PublishedSnapshot> snapshots_;
  Listeners listeners_;
};

enum class Over : std::uint8_t { kUdp, kTcp };

class Client {
 public:
  Client(const Server& server, Over over, int receive_buffer = 0)
      : stream_(over == Over::kTcp),
        socket_(::socket(AF_INET, (stream_ ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0)) {
    const timeval timeout{20, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    if (receive_buffer != 0) ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    ListenAddress address{Endpoint{.address = {127, 0, 0, 1}, .address_size = 4, .port = server.port()}, {}};
    sockaddr_storage to;
    const socklen_t size = to_sockaddr(address, to);
    REQUIRE(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), size) == 0);
  }

  void send(const Octets& message) {
    Octets framed;
    if (stream_) framed = {static_cast<std::uint8_t>(message.size() >> 8), static_cast<std::uint8_t>(message.size())};
    framed.insert(framed.end(), message.begin(), message.end());
    REQUIRE(::send(socket_.get(), framed.data(), framed.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(framed.size()));
  }
  // Empty: the connection has ended, or nothing came.
  Octets receive() {
    Octets message(dns::kMaxMessage);
    if (!stream_) {
      const ssize_t size = ::recv(socket_.get(), message.data(), message.size(), 0);
      message.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
      return message;
    }
    std::array<std::uint8_t, 2> prefix;
    if (!read(prefix)) return {};
    message.resize(dns::load16(prefix.data()));
    return read(message) ? message : Octets();
  }
  void close() { socket_ = FileDescriptor(); }

 private:
  bool read(dns::MutableBytes out) {
    while (!out.empty()) {
      const ssize_t size = ::recv(socket_.get(), out.data(), out.size(), 0);
      if (size <= 0) return false;
      out = out.subspan(static_cast<std::size_t>(size));
    }
    return true;
  }
  bool stream_;
  FileDescriptor socket_;
};

Octets request(dns::Opcode opcode, std::uint16_t id) {
  return dns::test::octets_of(
      {.name = "www.example.", .id = id, .flags = static_cast<std::uint16_t>(static_cast<unsigned>(opcode) << 11)});
}

// Waits until `holds`, for at most 20 seconds.
template <class Condition>
bool eventually(Condition&& holds) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

std::uint16_t number_of(const Octets& message) { return dns::load16(&message[kMessage - 2]); }

}  // namespace

TEST_CASE("outcomes: a stream of many messages, each signed, and the questions behind it") {
  Server server({stream_row()});
  Client client(server, Over::kTcp);
  TsigClient signer(*ring()->find(dns::test::name_of("k.")));
  Octets signed_one = request(dns::Opcode::STATUS, 100);
  signer.sign(signed_one, unix_time());
  client.send(signed_one);
  for (std::uint16_t i = 0; i < 100; ++i) {
    const Octets message = client.receive();
    if (i == 0) {  // read when the stream has ended
      client.send(request(dns::Opcode::STATUS, 3));
      client.send(request(dns::Opcode::QUERY, 7));
    }
    REQUIRE(message.size() > kMessage);
    REQUIRE(number_of(message) == i);
    REQUIRE(signer.verify(message, unix_time()) == TsigFault::kNone);
  }
  CHECK(signer.is_complete());
  // Both were read together: what is ready leaves before the next stream.
  CHECK(dns::load16(client.receive().data()) == 7);
  for (std::uint16_t i = 0; i < 3; ++i) CHECK(number_of(client.receive()) == i);
  CHECK(server.sum(&Counters::streams) == 2);
  CHECK(server.sum(&Counters::stream_messages) == 103);
  CHECK(eventually([&] { return server.pins().held().pins == 0; }));
}

TEST_CASE("outcomes: a client that does not read holds one message; others are answered meanwhile; it is closed") {
  Server server({stream_row()});
  Client slow(server, Over::kTcp, 4096);
  slow.send(request(dns::Opcode::STATUS, 10'000));
  CHECK(eventually([&] { return server.sum(&Counters::stream_messages) > 0 && server.pins().held().pins == 1; }));
  Client other(server, Over::kTcp);
  for (std::uint16_t i = 1; i < 50; ++i) {
    other.send(request(dns::Opcode::QUERY, i));
    REQUIRE(dns::load16(other.receive().data()) == i);
  }
  CHECK(eventually([&] { return server.sum(&Counters::timeouts) == 1; }));
  CHECK(server.sum(&Counters::stream_messages) < 40);  // the kernel's buffers take some
  CHECK(eventually([&] { return server.pins().held().pins == 0; }));
}

TEST_CASE("outcomes: many streams at once all get their messages, and end with their connections") {
  Server server({stream_row()});
  std::deque<Client> clients;
  for (int i = 0; i < 10; ++i) clients.emplace_back(server, Over::kTcp).send(request(dns::Opcode::STATUS, 60'000));
  for (std::uint16_t i = 0; i < 20; ++i)
    for (Client& client : clients) REQUIRE(number_of(client.receive()) == i);
  CHECK(server.pins().held().pins == 10);
  CHECK(server.pins().held().versions == 1);
  clients.clear();
  CHECK(eventually([&] { return server.pins().held().pins == 0; }));
}

TEST_CASE("outcomes: a stream that fails ends the connection; over UDP there is none") {
  Server server({stream_row(2)});
  Client client(server, Over::kTcp), datagrams(server, Over::kUdp);
  client.send(request(dns::Opcode::STATUS, 5));
  CHECK(number_of(client.receive()) == 0);
  CHECK(number_of(client.receive()) == 1);
  CHECK(client.receive().empty());
  datagrams.send(request(dns::Opcode::STATUS, 5));
  datagrams.send(request(dns::Opcode::QUERY, 6));
  CHECK(dns::load16(datagrams.receive().data()) == 6);
  CHECK(server.sum(&Counters::dropped) == 1);
}

TEST_CASE("outcomes: another thread answers, in any order, over UDP and TCP, with and without a signature") {
  for (const Over over : {Over::kUdp, Over::kTcp}) {
    Taken taken;
    Server server({taking_row(taken)});
    Client client(server, over);
    TsigClient signer(*ring()->find(dns::test::name_of("k.")));
    Octets signed_one = request(dns::Opcode::NOTIFY, 1);
    signer.sign(signed_one, unix_time());
    client.send(signed_one);
    LateRequest first = taken.take();
    client.send(request(dns::Opcode::NOTIFY, 2));
    LateRequest second = taken.take();
    CHECK(first.key() == dns::test::name_of("k.").view());
    CHECK(second.key().is_root());
    CHECK(dns::equal(first.octets(), signed_one));
    CHECK(first.transport().stream == (over == Over::kTcp));
    const std::size_t room = over == Over::kTcp ? dns::kMaxMessage : dns::kClassicUdpSize;
    CHECK(first.reply_max() ==
          std::max<std::size_t>(room - (signed_one.size() - request(dns::Opcode::NOTIFY, 1).size()), 482));
    CHECK(second.reply_max() == room);
    client.send(request(dns::Opcode::QUERY, 3));
    CHECK(dns::load16(client.receive().data()) == 3);
    std::jthread([&] { CHECK(second.reply(reply_to(second.octets()))); }).join();
    CHECK(dns::load16(client.receive().data()) == 2);
    std::jthread([&] { CHECK(first.reply(reply_to(first.octets()))); }).join();
    const Octets reply = client.receive();
    CHECK(dns::load16(reply.data()) == 1);
    CHECK(signer.verify(reply, unix_time()) == TsigFault::kNone);
    CHECK(eventually([&] { return server.late() == 2; }));
    CHECK(server.sum(&Counters::taken) == 2);
    CHECK_FALSE(first.reply(reply_to(first.octets())));  // once
  }
}

TEST_CASE("outcomes: a connection has a few places for late replies; a place comes back with or without a reply") {
  Taken taken;
  Server server({taking_row(taken)});
  Client client(server, Over::kTcp);
  std::deque<LateRequest> held;
  for (std::uint16_t i = 0; i < kMaxLateOfClient; ++i) {
    client.send(request(dns::Opcode::NOTIFY, i));
    held.push_back(taken.take());
  }
  client.send(request(dns::Opcode::NOTIFY, 99));
  const Octets refused = client.receive();
  CHECK(dns::load16(refused.data()) == 99);
  CHECK((refused[3] & 0xf) == static_cast<int>(dns::Rcode::SERVFAIL));
  held.pop_front();  // without a reply
  std::uint16_t id = 200;
  CHECK(eventually([&] {  // the place comes back through the worker's loop
    client.send(request(dns::Opcode::NOTIFY, ++id));
    client.send(request(dns::Opcode::QUERY, 300));
    return dns::load16(client.receive().data()) == 300 || (client.receive(), false);
  }));
  held.push_back(taken.take());
  for (LateRequest& each : held) CHECK(each.reply(reply_to(each.octets())));
  for (std::size_t i = 0; i < held.size(); ++i) CHECK(client.receive().size() == dns::kHeaderSize);
}

TEST_CASE("outcomes: a connection that waits for a late reply is not idle") {
  Taken taken;
  Server server({taking_row(taken)}, 100ms);
  Client client(server, Over::kTcp), idle(server, Over::kTcp);
  client.send(request(dns::Opcode::NOTIFY, 5));
  idle.send(request(dns::Opcode::QUERY, 6));
  LateRequest held = taken.take();
  CHECK(idle.receive().size() > 0);
  CHECK(idle.receive().empty());  // closed
  CHECK(server.sum(&Counters::timeouts) == 1);
  CHECK(held.reply(reply_to(held.octets())));
  CHECK(dns::load16(client.receive().data()) == 5);
}

TEST_CASE("outcomes: at the end the handlers are told, and late replies still leave") {
  for (const Over over : {Over::kUdp, Over::kTcp}) {
    Taken taken;
    Server server({taking_row(taken)});
    Client client(server, over);
    client.send(request(dns::Opcode::NOTIFY, 4));
    LateRequest held = taken.take();
    std::jthread stopper([&] { server.stop(); });
    CHECK(eventually([&] { return taken.drained == 2; }));  // one handler in each worker
    CHECK(held.reply(reply_to(held.octets())));
    CHECK(dns::load16(client.receive().data()) == 4);
    if (over == Over::kTcp) CHECK(client.receive().empty());
  }
}

TEST_CASE("outcomes: at the end a stream may go on for a moment; then it is cut, and what it holds is free") {
  Server server({stream_row()});
  Client client(server, Over::kTcp);
  client.send(request(dns::Opcode::STATUS, 60'000));
  CHECK(number_of(client.receive()) == 0);
  std::jthread stopper([&] { server.stop(); });
  for (std::uint16_t number = 1; number < 20; ++number) CHECK(number_of(client.receive()) == number);
  stopper.join();
  CHECK(server.pins().held().pins == 0);
}

TEST_CASE("outcomes: a reply after the client or the server has gone does nothing") {
  Taken taken;
  std::optional<LateRequest> udp, tcp, gone;
  {
    Server server({taking_row(taken)});
    Client datagrams(server, Over::kUdp), connection(server, Over::kTcp), closed(server, Over::kTcp);
    datagrams.send(request(dns::Opcode::NOTIFY, 1));
    udp.emplace(taken.take());
    connection.send(request(dns::Opcode::NOTIFY, 2));
    tcp.emplace(taken.take());
    closed.send(request(dns::Opcode::NOTIFY, 3));
    gone.emplace(taken.take());
    closed.close();
    Client(server, Over::kTcp).send(request(dns::Opcode::QUERY, 1));
    gone->reply(reply_to(gone->octets()));
    server.stop();
  }
  CHECK_FALSE(udp->reply(reply_to(udp->octets())));
  CHECK_FALSE(tcp->reply(reply_to(tcp->octets())));
}
