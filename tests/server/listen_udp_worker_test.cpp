// The UDP worker on a socket whose kernel is the test: it delivers batches, and takes or refuses what is sent.
#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "server/listen/udp.h"
#include "tests/support/all_kinds.h"
#include "tests/support/query_bytes.h"

using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t kPortBase = 1000;   // client "a" has port 1000 + 'a'
constexpr std::uint32_t kNet = 0x0a000000;  // 10.0.0.'a'

// A datagram, or several of one client that the kernel delivers together.
struct Arrival {
  char client = 'a';
  std::vector<std::uint8_t> octets = {};
  std::uint16_t segment = 0;  // UDP_GRO; 0: none
  std::string local = {};     // the octets of the destination, 4 or 16; empty: not told
};
struct Batch {
  int error = 0;
  std::vector<Arrival> arrivals = {};
};

std::vector<std::uint8_t> question(std::uint16_t id, std::string_view name = "mail.example.") {
  return dns::test::octets_of({.name = name, .id = id});
}
Arrival from(char client, std::uint16_t id, std::string_view name = "mail.example.") {
  return {.client = client, .octets = question(id, name)};
}

// The kernel. What it was given to send is text: "a1 b2", and "a[3 4]" for answers in one send.
class FakeUdpSocket final : public server::UdpSocket {
 public:
  std::deque<Batch> batches;         // for receive(); then `when_empty`
  std::function<void()> when_empty;  // stops the worker
  std::function<int(char client, std::size_t parts)> refuse = [](char, std::size_t) { return 0; };  // errno
  std::size_t takes_at_most = 1024;  // messages of one send
  int interrupted = 0;               // this many sends get EINTR first
  std::string sent, sources;
  std::vector<int> gro;
  std::chrono::milliseconds paused{};
  bool shut = false;

  int receive(std::span<mmsghdr> messages, int flags) override {
    if (batches.empty()) {
      if (!shut) when_empty();
      if ((flags & MSG_DONTWAIT) != 0) return fail(EAGAIN);
      messages[0].msg_len = messages[0].msg_hdr.msg_namelen = 0;  // as Linux ends a wait after shutdown(2)
      messages[0].msg_hdr.msg_controllen = 0;
      return 1;
    }
    const Batch batch = std::move(batches.front());
    batches.pop_front();
    if (batch.error != 0) return fail(batch.error);
    REQUIRE(batch.arrivals.size() <= messages.size());
    for (std::size_t i = 0; i < batch.arrivals.size(); ++i) deliver(batch.arrivals[i], messages[i]);
    return static_cast<int>(batch.arrivals.size());
  }
  int send(std::span<mmsghdr> messages) override {
    REQUIRE(!messages.empty());
    if (interrupted > 0) return --interrupted, fail(EINTR);
    std::size_t taken = 0;
    for (; taken < messages.size() && taken < takes_at_most; ++taken) {
      const msghdr& header = messages[taken].msg_hdr;
      if (const int error = refuse(client_of(header), header.msg_iovlen); error != 0)
        return taken != 0 ? static_cast<int>(taken) : fail(error);
      record(header);
    }
    return static_cast<int>(taken);
  }
  void set_gro(int enabled) override { gro.push_back(enabled); }
  void shut_down() override { shut = true; }
  void pause(std::chrono::milliseconds time) override { paused += time; }

 private:
  static int fail(int error) {
    errno = error;
    return -1;
  }
  static char client_of(const msghdr& header) {
    return static_cast<char>(ntohs(static_cast<const sockaddr_in*>(header.msg_name)->sin_port) - kPortBase);
  }
  static void deliver(const Arrival& arrival, mmsghdr& message) {
    msghdr& header = message.msg_hdr;
    REQUIRE(header.msg_iov->iov_len == 65536);
    REQUIRE(header.msg_namelen >= sizeof(sockaddr_in));
    sockaddr_in client{};
    client.sin_family = AF_INET;
    client.sin_port = htons(static_cast<std::uint16_t>(kPortBase + arrival.client));
    client.sin_addr.s_addr = htonl(kNet + static_cast<unsigned char>(arrival.client));
    std::memcpy(header.msg_name, &client, sizeof client);
    header.msg_namelen = sizeof client;
    std::ranges::copy(arrival.octets, static_cast<std::uint8_t*>(header.msg_iov->iov_base));
    message.msg_len = static_cast<unsigned>(arrival.octets.size());
    header.msg_controllen = put_control(arrival, header);
  }
  static std::size_t put_control(const Arrival& arrival, const msghdr& header) {
    std::size_t size = 0;
    const auto put = [&](int level, int type, const auto& value) {
      REQUIRE(size + CMSG_SPACE(sizeof value) <= header.msg_controllen);
      auto* const part = reinterpret_cast<cmsghdr*>(static_cast<std::uint8_t*>(header.msg_control) + size);
      part->cmsg_len = CMSG_LEN(sizeof value);
      part->cmsg_level = level;
      part->cmsg_type = type;
      std::memcpy(CMSG_DATA(part), &value, sizeof value);
      size += CMSG_SPACE(sizeof value);
    };
    if (arrival.local.size() == 4) {
      in_pktinfo info{};
      info.ipi_ifindex = 7;
      std::memcpy(&info.ipi_addr, arrival.local.data(), 4);
      put(IPPROTO_IP, IP_PKTINFO, info);
    } else if (arrival.local.size() == 16) {
      in6_pktinfo info{};
      info.ipi6_ifindex = 7;
      std::memcpy(&info.ipi6_addr, arrival.local.data(), 16);
      put(IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
    if (arrival.segment != 0) put(SOL_UDP, UDP_GRO, int{arrival.segment});
    return size;
  }
  // As the kernel: cuts a group into datagrams of equal size, and checks that only the last is shorter.
  void record(const msghdr& header) {
    std::size_t segment = 0;
    for (const cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
         part = CMSG_NXTHDR(const_cast<msghdr*>(&header), const_cast<cmsghdr*>(part))) {
      if (part->cmsg_level != SOL_UDP || part->cmsg_type != UDP_SEGMENT) {
        sources += source_of(*part);
        continue;
      }
      std::uint16_t size = 0;
      std::memcpy(&size, CMSG_DATA(part), sizeof size);
      segment = size;
    }
    CHECK((segment != 0) == (header.msg_iovlen > 1));
    std::string ids;
    for (std::size_t i = 0; i < header.msg_iovlen; ++i) {
      const iovec& part = header.msg_iov[i];
      if (segment != 0) CHECK((i + 1 < header.msg_iovlen ? part.iov_len == segment : part.iov_len <= segment));
      ids += (i == 0 ? "" : " ") + std::to_string(dns::load16(static_cast<const std::uint8_t*>(part.iov_base)));
    }
    sent +=
        (sent.empty() ? "" : " ") + std::string(1, client_of(header)) + (header.msg_iovlen > 1 ? "[" + ids + "]" : ids);
  }
  // "192.0.2.1%0 ": the source address and its interface.
  static std::string source_of(const cmsghdr& part) {
    std::string text;
    std::uint32_t interface = 0;
    if (part.cmsg_level == IPPROTO_IP) {
      in_pktinfo info;
      std::memcpy(&info, CMSG_DATA(&part), sizeof info);
      text.assign(reinterpret_cast<const char*>(&info.ipi_addr), 4);
      interface = static_cast<std::uint32_t>(info.ipi_ifindex);
    } else {
      in6_pktinfo info;
      std::memcpy(&info, CMSG_DATA(&part), sizeof info);
      text.assign(reinterpret_cast<const char*>(&info.ipi6_addr), 16);
      interface = info.ipi6_ifindex;
    }
    return text + "%" + std::to_string(interface) + " ";
  }
};

// A worker that serves the batches of its socket, and then stops.
class Served {
 public:
  explicit Served(
      std::vector<Batch> batches, const std::function<void(FakeUdpSocket&)>& set_up = [](auto&) {},
      server::Endpoint endpoint = {.address = {192, 0, 2, 1}, .address_size = 4, .port = 53}) {
    auto socket = std::make_unique<FakeUdpSocket>();
    kernel = socket.get();
    kernel->batches.assign(batches.begin(), batches.end());
    worker = std::make_unique<server::UdpWorker>(server::UdpWorker::Dependencies{.socket = std::move(socket),
                                                                                 .endpoint = endpoint,
                                                                                 .responder = options,
                                                                                 .tables = server::standard_tables(),
                                                                                 .counters = counters,
                                                                                 .snapshots = snapshots,
                                                                                 .reader = 0});
    kernel->when_empty = [this] { worker->stop(); };
    set_up(*kernel);
    worker->run();
  }
  std::string sent() const { return kernel->sent; }
  std::uint64_t unsent() const { return counters.unsent.value(); }

  server::ResponderOptions options;
  server::Counters counters;
  server::PublishedSnapshot snapshots{dns::test::all_kinds(), 1};
  std::unique_ptr<server::UdpWorker> worker;
  FakeUdpSocket* kernel = nullptr;
};

std::size_t count_of(const std::string& text, char wanted) {
  return static_cast<std::size_t>(std::ranges::count(text, wanted));
}

// Questions of one client with the numbers from 1 on that the kernel delivers together.
Arrival together(char client, std::uint16_t count) {
  Arrival all{.client = client, .segment = static_cast<std::uint16_t>(question(1).size())};
  for (std::uint16_t id = 1; id <= count; ++id) {
    const auto one = question(id);
    all.octets.insert(all.octets.end(), one.begin(), one.end());
  }
  return all;
}

}  // namespace

TEST_CASE("UDP worker: what the kernel does not take is counted, and the other answers leave") {
  struct Row {
    const char* what;
    std::function<void(FakeUdpSocket&)> set_up;
    std::string sent;
    std::uint64_t unsent;
  };
  const auto refusing = [](char client, int error) {
    return [=](FakeUdpSocket& kernel) {
      kernel.refuse = [=](char one, std::size_t) { return client == '*' || client == one ? error : 0; };
    };
  };
  const Row rows[] = {
      {"all is taken", [](auto&) {}, "a1 b2 c3", 0},
      {"a signal", [](FakeUdpSocket& kernel) { kernel.interrupted = 3; }, "a1 b2 c3", 0},
      {"one message in each send", [](FakeUdpSocket& kernel) { kernel.takes_at_most = 1; }, "a1 b2 c3", 0},
      {"two messages in each send", [](FakeUdpSocket& kernel) { kernel.takes_at_most = 2; }, "a1 b2 c3", 0},
      {"the first: a firewall", refusing('a', EPERM), "b2 c3", 1},
      {"the second: no buffer", refusing('b', ENOBUFS), "a1 c3", 1},
      {"the last: no memory", refusing('c', ENOMEM), "a1 b2", 1},
      {"one: an ICMP error", refusing('b', ECONNREFUSED), "a1 c3", 1},
      {"one: no route", refusing('b', ENETUNREACH), "a1 c3", 1},
      {"one: too large", refusing('b', EMSGSIZE), "a1 c3", 1},
      {"all: a full queue", refusing('*', EAGAIN), "", 3},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Served served({{.arrivals = {from('a', 1), from('b', 2), from('c', 3)}}}, row.set_up);
    CHECK(served.sent() == row.sent);
    CHECK(served.unsent() == row.unsent);
    CHECK(served.kernel->paused == 0ms);
  }
}

TEST_CASE("UDP worker: a receive that fails is repeated, after a pause where it may fail for long") {
  struct Row {
    int error;
    std::chrono::milliseconds paused;
  };
  for (const Row& row : {Row{EAGAIN, 0ms}, Row{EINTR, 0ms}, Row{ENOMEM, 10ms}, Row{ENOBUFS, 10ms}, Row{EPERM, 10ms},
                         Row{ECONNREFUSED, 10ms}, Row{ENETDOWN, 10ms}}) {
    CAPTURE(row.error);
    const Served served({{.arrivals = {from('a', 1)}}, {.error = row.error}, {.arrivals = {from('b', 2)}}});
    CHECK(served.sent() == "a1 b2");
    CHECK(served.kernel->paused == row.paused);
  }
}

TEST_CASE("UDP worker: answers to one port leave in one send, until the kernel refuses that") {
  struct Row {
    const char* what;
    int error;  // of a send of several answers
    std::string first, next;
  };
  const std::string group = "a[1 2] b3", apart = "a1 a2 b3";
  for (const Row& row : {Row{"a new kernel", 0, group, group}, Row{"no checksum offload", EIO, apart, apart},
                         Row{"an old kernel", EINVAL, apart, apart}, Row{"a small path MTU", EMSGSIZE, apart, apart},
                         Row{"a device without it", EOPNOTSUPP, apart, apart},
                         Row{"a full queue says nothing about groups", ENOBUFS, apart, group}}) {
    CAPTURE(row.what);
    const Batch batch{.arrivals = {from('a', 1), from('b', 3), from('a', 2)}};
    int refused = 0;
    const Served served({batch, batch}, [&](FakeUdpSocket& kernel) {
      kernel.refuse = [&](char, std::size_t parts) { return parts > 1 && refused++ == 0 ? row.error : 0; };
    });
    CHECK(served.sent().starts_with(row.first + " "));
    CHECK((served.sent() == row.first + " " + row.next || served.sent() == row.first + " a1 b3 a2"));
    CHECK(count_of(served.sent(), '[') == count_of(row.first + row.next, '['));
    CHECK(served.unsent() == 0);
  }
}

TEST_CASE("UDP worker: groups are tried again after 4096 batches") {
  const Batch batch{.arrivals = {from('a', 1), from('a', 2)}};
  bool first = true;
  const Served served(std::vector<Batch>(4098, batch), [&](FakeUdpSocket& kernel) {
    kernel.refuse = [&](char, std::size_t parts) { return parts > 1 && std::exchange(first, false) ? EIO : 0; };
  });
  CHECK(count_of(served.sent(), '[') == 2);
  CHECK(served.sent().ends_with("a1 a2 a[1 2] a[1 2]"));
}

TEST_CASE("UDP worker: a refused group whose answers are refused as well counts each answer") {
  const Served served({{.arrivals = {from('a', 1), from('a', 2), from('b', 3)}}}, [](FakeUdpSocket& kernel) {
    kernel.refuse = [](char client, std::size_t) { return client == 'a' ? EMSGSIZE : 0; };
  });
  CHECK(served.sent() == "b3");
  CHECK(served.unsent() == 2);
}

TEST_CASE("UDP worker: datagrams that the kernel delivers together are answered one by one") {
  Arrival shorter_last = together('a', 3);
  const auto last = question(4, "ns.example.");
  shorter_last.octets.insert(shorter_last.octets.end(), last.begin(), last.end());
  const Served few({{.arrivals = {shorter_last, from('b', 9)}}});
  CHECK(few.sent() == "a[1 2 3 4] b9");
  const Served many({{.arrivals = {together('a', 100), from('b', 200)}}});
  CHECK(count_of(many.sent(), '[') == 4);  // as many as fit a batch, each
  CHECK(count_of(many.sent(), ' ') == 100);
  CHECK(many.sent().ends_with("b200"));
}

TEST_CASE("UDP worker: the kernel delivers together only while many questions come from one port") {
  std::vector<Batch> batches(256, {.arrivals = {from('a', 1), from('a', 2)}});
  CHECK(Served(batches).kernel->gro == std::vector<int>{1});
  CHECK(Served({batches.begin() + 1, batches.end()}).kernel->gro.empty());
  batches.resize(512, {.arrivals = {from('a', 1), from('b', 2)}});
  CHECK(Served(batches).kernel->gro == std::vector<int>{1, 0});
}

TEST_CASE("UDP worker: the answer leaves from the address that was asked, over any interface") {
  const std::string here("\xc0\x00\x02\x01", 4), there("\xc0\x00\x02\x02", 4);
  const Batch batch{
      .arrivals = {{'a', question(1), 0, here}, {'a', question(2), 0, there}, {'a', question(3), 0, here}}};
  const Served ipv4({batch}, [](auto&) {}, {.address = {}, .address_size = 4, .port = 53});
  CHECK(ipv4.sent() == "a[1 3] a2");
  CHECK(ipv4.kernel->sources == here + "%0 " + there + "%0 ");
  const std::string global = "\x20\x01" + std::string(14, '\x01'), link = "\xfe\x80" + std::string(14, '\x01');
  const Served ipv6({{.arrivals = {{'a', question(1), 0, global}, {'b', question(2), 0, link}}}}, [](auto&) {},
                    {.address = {}, .address_size = 16, .port = 53});
  CHECK(ipv6.kernel->sources == global + "%0 " + link + "%7 ");
}

TEST_CASE("UDP worker: datagrams that are no questions get no answer") {
  std::vector<std::uint8_t> response = question(3);
  response[2] |= 0x80;
  const Served served({{.arrivals = {{.client = 'a', .octets = {}},
                                     {.client = 'b', .octets = {0, 2}},
                                     {.client = 'c', .octets = response},
                                     from('d', 4)}}});
  CHECK(served.sent() == "d4");
  CHECK(served.unsent() == 0);
}

TEST_CASE("UDP worker: after the stop, what has arrived is answered, but a flood does not delay the end") {
  const auto stopped = [](FakeUdpSocket& kernel) { kernel.when_empty(); };
  CHECK(Served({{.arrivals = {from('a', 1)}}, {.arrivals = {from('b', 2)}}}, stopped).sent() == "a1 b2");
  CHECK(count_of(Served(std::vector<Batch>(300, {.arrivals = {from('a', 1)}}), stopped).sent(), 'a') == 256);
}

TEST_CASE("UDP worker: each question is answered or counted, whatever the kernel loses, repeats or refuses") {
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    std::vector<Batch> batches(1 + random() % 4);
    std::size_t questions = 0;
    std::map<std::string, int> expected;
    for (Batch& batch : batches) {
      if (random() % 8 == 0) batch.error = random() % 2 == 0 ? EINTR : ENOMEM;
      else batch.arrivals.resize(1 + random() % 32);
      for (Arrival& arrival : batch.arrivals) {
        const auto id = static_cast<std::uint16_t>(random() % 500);
        const auto client = static_cast<char>('a' + random() % 6);
        arrival = from(client, id, random() % 2 == 0 ? "mail.example." : "a.n.t.example.");
        ++expected[client + std::to_string(id)];
        ++questions;
      }
    }
    const Served served(batches, [&](FakeUdpSocket& kernel) {
      kernel.takes_at_most = 1 + random() % 5;
      kernel.interrupted = static_cast<int>(random() % 3);
      kernel.refuse = [&](char, std::size_t parts) {
        const int errors[] = {ENOBUFS, EPERM, EAGAIN, EINTR, parts > 1 ? EIO : ECONNREFUSED};
        return random() % 6 == 0 ? errors[random() % std::size(errors)] : 0;
      };
    });
    std::size_t answers = 0;
    char client = 0;
    std::string text = served.sent() + " ", number;
    for (const char c : text) {
      if (c >= 'a' && c <= 'z') client = c;
      else if (c >= '0' && c <= '9') number += c;
      if (c != ' ' || number.empty()) continue;
      CHECK(--expected[client + number] >= 0);
      number.clear();
      ++answers;
    }
    CHECK(answers + served.unsent() == questions);
  }
}
