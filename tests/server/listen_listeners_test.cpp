// All listeners together, with transports that the test plays: ports, addresses, the order of the start and the stop.
#include <cerrno>
#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "server/listen/listeners.h"
#include "tests/support/all_kinds.h"

namespace {

using server::ListenAddress;
using server::SocketError;

// What all transports were asked for, as text.
struct Trace {
  std::string text;
  void add(const std::string& what) { text += (text.empty() ? "" : " ") + what; }
};

class FakeListener final : public server::Listener {
 public:
  FakeListener(std::string name, Trace& trace) : name_(std::move(name)), trace_(trace) {}

  std::function<int(const ListenAddress&)> taken = [](const ListenAddress&) { return 0; };  // errno
  std::uint16_t next_port = 40000;                                                          // for port 0
  std::size_t reader_count = 2;
  std::string start_error;
  std::size_t descriptors_left = 0;

  dns::Result<std::uint16_t, SocketError> probe(const ListenAddress& endpoint) override {
    ListenAddress chosen = endpoint;
    if (chosen.port == 0) chosen.port = next_port++;
    if (const int error = taken(chosen); error != 0)
      return dns::Failure<SocketError>(SocketError{chosen, &server::Transport::kUdp, "bind", error});
    return chosen.port;
  }
  dns::Result<void, SocketError> bind(const ListenAddress& endpoint) override {
    trace_.add(name_ + ":" + server::to_text(endpoint));
    ++sockets_;
    return {};
  }
  std::size_t sockets() const override { return sockets_; }
  void limit_descriptors(std::size_t left) override { descriptors_left = left; }
  std::size_t readers() const override { return reader_count; }
  dns::Result<void, std::string> start(const server::ListenerContext& context) override {
    trace_.add(name_ + ":start" + std::to_string(context.first_reader));
    if (!start_error.empty()) return dns::Failure<std::string>(start_error);
    context.add_counters();
    return context.add_thread({name_, std::nullopt, 0}, [] {});
  }
  void stop() override { trace_.add(name_ + ":stop"); }

 private:
  std::string name_;
  Trace& trace_;
  std::size_t sockets_ = 0;
};

struct Two {
  explicit Two(std::string_view text, std::size_t times = 1) {
    const std::vector<ListenAddress> parsed = server::parse_endpoints(text).value();
    for (std::size_t i = 0; i < times; ++i)
      options.addresses.insert(options.addresses.end(), parsed.begin(), parsed.end());
    std::vector<std::unique_ptr<server::Listener>> all;
    for (FakeListener** one : {&udp, &tcp}) {
      all.push_back(std::make_unique<FakeListener>(one == &udp ? "udp" : "tcp", trace));
      *one = static_cast<FakeListener*>(all.back().get());
    }
    listeners =
        std::make_unique<server::Listeners>(options, responder, server::standard_tables(),
                                            std::make_shared<server::Log::element_type>("test"), std::move(all));
  }

  Trace trace;
  server::ListenOptions options;
  server::ResponderOptions responder;
  FakeListener* udp = nullptr;
  FakeListener* tcp = nullptr;
  server::PublishedSnapshot snapshots{dns::test::all_kinds(), 4};
  std::unique_ptr<server::Listeners> listeners;
};

}  // namespace

TEST_CASE("listeners: a port that the kernel chooses is free for all transports") {
  Two two("192.0.2.1:0");
  int attempts = 0;
  two.tcp->taken = [&](const ListenAddress&) { return ++attempts < 5 ? EADDRINUSE : 0; };
  REQUIRE(two.listeners->bind());
  CHECK(two.trace.text == "udp:192.0.2.1:40004 tcp:192.0.2.1:40004");
  CHECK(two.listeners->addresses().at(0).port == 40004);

  Two never("192.0.2.1:0");
  never.tcp->taken = [&](const ListenAddress&) { return EADDRINUSE; };
  const auto bound = never.listeners->bind();
  REQUIRE_FALSE(bound);
  CHECK(bound.error().code == EADDRINUSE);
  CHECK(never.udp->next_port == 40016);
}

TEST_CASE("listeners: a fixed port that one transport cannot have is an error") {
  for (const bool first : {true, false}) {
    Two two("192.0.2.1:53");
    (first ? two.udp : two.tcp)->taken = [](const ListenAddress&) { return EACCES; };
    const auto bound = two.listeners->bind();
    REQUIRE_FALSE(bound);
    CHECK(bound.error().code == EACCES);
    CHECK(two.trace.text.empty());
  }
}

TEST_CASE("listeners: a machine without IPv6 serves the IPv4 half of *, and nothing else is optional") {
  const auto without_ipv6 = [](const ListenAddress& endpoint) {
    return endpoint.address_size == 16 ? EAFNOSUPPORT : 0;
  };
  struct Row {
    const char* listen;
    bool bound;
  };
  for (const Row& row : {Row{"*:53", true}, Row{"[2001:db8::1]:53", false}, Row{"[::]:53", false}}) {
    CAPTURE(row.listen);
    Two two(row.listen);
    two.udp->taken = without_ipv6;
    CHECK(two.listeners->bind().has_value() == row.bound);
  }
}

TEST_CASE("listeners: an address that is named twice is bound once, and descriptors are counted") {
  Two two("192.0.2.1:53", 2);
  REQUIRE(two.listeners->bind());
  CHECK(two.trace.text == "udp:192.0.2.1:53 tcp:192.0.2.1:53");
  CHECK(two.udp->descriptors_left == two.tcp->descriptors_left);
  CHECK(two.udp->descriptors_left > 0);
}

TEST_CASE("listeners: each transport has readers of its own, and all are stopped") {
  Two two("192.0.2.1:53");
  two.udp->reader_count = 3;
  CHECK(two.listeners->readers() == 5);
  REQUIRE(two.listeners->start(two.snapshots));
  CHECK(two.listeners->counters().size() == 2);
  two.listeners->stop();
  CHECK(two.trace.text == "udp:start0 tcp:start3 udp:stop tcp:stop");
  two.listeners->stop();  // again: the threads have ended
}

TEST_CASE("listeners: a start that fails tells why, and a start after the stop does nothing") {
  Two two("192.0.2.1:53");
  two.tcp->start_error = "Resource temporarily unavailable";
  const auto started = two.listeners->start(two.snapshots);
  REQUIRE_FALSE(started);
  CHECK(started.error() == "Resource temporarily unavailable");
  two.listeners->stop();
  CHECK(two.trace.text == "udp:start0 tcp:start2 udp:stop tcp:stop");

  Two stopped("192.0.2.1:53");
  stopped.listeners->stop();
  CHECK(stopped.listeners->start(stopped.snapshots).has_value());
  CHECK(stopped.trace.text == "udp:stop tcp:stop");
}
