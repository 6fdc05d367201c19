#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "server/vrrp/netlink_sync.h"

using namespace server;

namespace {

namespace ip = boost::asio::ip;

template <class T>
void append(std::vector<std::uint8_t>& bytes, const T& value) {
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(&bytes[at], &value, sizeof value);
}

void append_attribute(std::vector<std::uint8_t>& bytes, int type, const std::vector<std::uint8_t>& value) {
  append(bytes, rtattr{static_cast<unsigned short>(sizeof(rtattr) + value.size()), static_cast<unsigned short>(type)});
  bytes.insert(bytes.end(), value.begin(), value.end());
  bytes.resize((bytes.size() + 3) & ~std::size_t{3});
}

std::vector<std::uint8_t> message(int type, const std::vector<std::uint8_t>& body) {
  nlmsghdr head{};
  head.nlmsg_len = static_cast<std::uint32_t>(sizeof head + body.size());
  head.nlmsg_type = static_cast<std::uint16_t>(type);
  std::vector<std::uint8_t> bytes(sizeof head + body.size());
  std::memcpy(bytes.data(), &head, sizeof head);
  std::ranges::copy(body, bytes.begin() + sizeof head);
  return bytes;
}

enum class Proto : std::uint8_t { kUp, kDown };

std::vector<std::uint8_t> link(int type, int index, unsigned flags, Proto proto = Proto::kUp) {
  std::vector<std::uint8_t> body;
  ifinfomsg head{};
  head.ifi_index = index;
  head.ifi_flags = flags;
  append(body, head);
  append_attribute(body, IFLA_IFNAME, {'e', 't', 'h', '0', 0});
  append_attribute(body, IFLA_PROTO_DOWN, {static_cast<std::uint8_t>(proto == Proto::kDown)});
  return message(type, body);
}

std::vector<std::uint8_t> address(int type, unsigned index, const char* text) {
  std::vector<std::uint8_t> body, octets;
  const auto parsed = ip::make_address(text);
  if (parsed.is_v4()) {
    for (const std::uint8_t octet : parsed.to_v4().to_bytes()) octets.push_back(octet);
  } else {
    for (const std::uint8_t octet : parsed.to_v6().to_bytes()) octets.push_back(octet);
  }
  ifaddrmsg head{};
  head.ifa_family = parsed.is_v4() ? AF_INET : AF_INET6;
  head.ifa_index = index;
  append(body, head);
  append_attribute(body, IFA_ADDRESS, octets);
  if (parsed.is_v4()) append_attribute(body, IFA_LOCAL, octets);
  return message(type, body);
}

constexpr unsigned kRunning = unsigned{IFF_UP} | 0x10000U;  // IFF_LOWER_UP
const std::vector<ip::address> kVips{ip::make_address("192.0.2.1"), ip::make_address("2001:db8::1")};

void apply_all(HostAddresses& host, dns::Bytes datagram) {
  while (const auto one = take_netlink_message(datagram)) host.apply(one->type, one->body);
}

VipState after(const std::vector<std::vector<std::uint8_t>>& messages) {
  HostAddresses host;
  for (const auto& one : messages) apply_all(host, one);
  return host.state_of(kVips);
}

// Links and addresses of this host as a kernel keeps them, with the queue of one netlink socket (netlink(7)):
// notifications that do not fit are dropped with one error, then all others until the queue is empty. A dump is made in
// parts while the reader reads. A change between two parts shifts the position, so that entries are left out.
class FakeKernel : public NetlinkChannel {
 public:
  static constexpr std::size_t kQueueMax = 12, kEntriesOfPart = 4;
  static constexpr std::uint32_t kPort = 4711;

  explicit FakeKernel(std::mt19937_64& random) : random_(random) {
    for (int index = 1; index <= 10; ++index) links_.push_back({index, true});
  }

  void add(unsigned index, const std::string& text) { change(RTM_NEWADDR, index, text); }
  void remove(unsigned index, const std::string& text) { change(RTM_DELADDR, index, text); }
  bool has(unsigned index, const std::string& text) const {
    return std::ranges::find(addresses_, Entry{index, text}) != addresses_.end();
  }
  bool is_running(int index) const { return find_link(index)->running; }
  void set_running(int index, bool running) {
    links_[static_cast<std::size_t>(find_link(index) - links_.begin())].running = running;
    notify(link(RTM_NEWLINK, index, flags_of({index, running})));
  }
  // As `ip link delete` and `ip link add`: the addresses go, and the new interface has a new index.
  int make_link_anew(int index) {
    std::erase_if(addresses_, [&](const Entry& entry) { return entry.index == static_cast<unsigned>(index); });
    links_.erase(find_link(index));
    notify(link(RTM_DELLINK, index, 0));
    links_.push_back({next_index_++, true});
    notify(link(RTM_NEWLINK, links_.back().index, kRunning));
    return links_.back().index;
  }
  int random_link() { return links_[random_() % links_.size()].index; }
  void lose_parts(double probability) { lost_parts_ = probability; }
  void answer(bool answers) { answers_ = answers; }
  void deliver(const std::vector<std::uint8_t>& octets, std::uint32_t sequence, std::uint32_t port) {
    push(octets, sequence, NLM_F_MULTI, port);
  }
  void forget_queue() { queue_.clear(); }
  // Called now and then during a dump.
  std::function<void()> meanwhile;

  dns::Result<std::size_t, int> receive(std::span<std::uint8_t> buffer) override {
    if (error_ != 0) return dns::Failure<int>(std::exchange(error_, 0));
    if (queue_.empty()) return dns::Failure<int>(EAGAIN);
    const std::vector<std::uint8_t> first = queue_.front();
    queue_.pop_front();
    std::ranges::copy(first, buffer.begin());
    if (queue_.empty()) congested_ = false;
    if (dumping_ != 0 && queue_.size() <= kQueueMax / 2) {
      if (meanwhile && chance(0.05)) meanwhile();
      dump_part();
    }
    return first.size();
  }

  dns::Result<void, int> send(dns::Bytes request) override {
    if (!answers_) return {};
    const auto one = take_netlink_message(request);
    REQUIRE(one);
    if (dumping_ != 0) {
      auto busy = message(NLMSG_ERROR, {});
      append(busy, -EBUSY);
      push(busy, one->sequence, 0);
      return {};
    }
    dumping_ = one->type;
    sequence_ = one->sequence;
    position_ = 0;
    seen_changes_ = changes_;
    dump_part();
    return {};
  }

  std::uint32_t port() const override { return kPort; }

 private:
  struct Link {
    int index;
    bool running;
  };
  struct Entry {
    unsigned index;
    std::string text;
    bool operator==(const Entry&) const = default;
  };

  std::vector<Link>::const_iterator find_link(int index) const {
    return std::ranges::find(links_, index, &Link::index);
  }
  static unsigned flags_of(const Link& link) { return link.running ? kRunning : unsigned{IFF_UP}; }

  bool chance(double probability) { return std::uniform_real_distribution<>(0, 1)(random_) < probability; }

  void change(int type, unsigned index, const std::string& text) {
    if (type == RTM_NEWADDR) addresses_.insert(addresses_.begin(), {index, text});
    else std::erase(addresses_, Entry{index, text});
    notify(address(type, index, text.c_str()));
  }

  void notify(std::vector<std::uint8_t> octets) {
    ++changes_;
    if (!congested_ && queue_.size() < kQueueMax) return queue_.push_back(std::move(octets));
    if (!std::exchange(congested_, true)) error_ = ENOBUFS;
  }

  void push(std::vector<std::uint8_t> octets, std::uint32_t sequence, std::uint16_t flags, std::uint32_t port = kPort) {
    nlmsghdr head;
    std::memcpy(&head, octets.data(), sizeof head);
    head.nlmsg_len = static_cast<std::uint32_t>(octets.size());
    head.nlmsg_seq = sequence;
    head.nlmsg_pid = port;
    head.nlmsg_flags = flags;
    std::memcpy(octets.data(), &head, sizeof head);
    queue_.push_back(std::move(octets));
  }

  void dump_part() {
    const auto interrupted = static_cast<std::uint16_t>(std::exchange(seen_changes_, changes_) != changes_
                                                            ? unsigned{NLM_F_MULTI} | unsigned{NLM_F_DUMP_INTR}
                                                            : unsigned{NLM_F_MULTI});
    const std::size_t size = dumping_ == RTM_GETLINK ? links_.size() : addresses_.size();
    const bool lost = chance(lost_parts_);
    if (lost) error_ = ENOBUFS;
    const std::size_t end = std::min(size, position_ + kEntriesOfPart);
    for (; position_ < end; ++position_) {
      if (lost) continue;
      if (dumping_ == RTM_GETLINK)
        push(link(RTM_NEWLINK, links_[position_].index, flags_of(links_[position_])), sequence_, interrupted);
      else
        push(address(RTM_NEWADDR, addresses_[position_].index, addresses_[position_].text.c_str()), sequence_,
             interrupted);
    }
    if (position_ < size) return;
    dumping_ = 0;
    if (!lost) push(message(NLMSG_DONE, {0, 0, 0, 0}), sequence_, interrupted);
  }

  std::mt19937_64& random_;
  std::vector<Link> links_;
  int next_index_ = 11;
  std::vector<Entry> addresses_;
  std::deque<std::vector<std::uint8_t>> queue_;
  std::uint64_t changes_ = 0, seen_changes_ = 0;
  int error_ = 0, dumping_ = 0;
  bool congested_ = false, answers_ = true;
  double lost_parts_ = 0;
  std::uint32_t sequence_ = 0;
  std::size_t position_ = 0;
};

constexpr Instant kNetlinkStart{std::chrono::hours{1}};
const std::vector<ip::address> kVip{ip::make_address("192.0.2.1")};

// Many changes of other addresses and links, so that notifications are lost. `index`: the link of the virtual address.
void churn(FakeKernel& kernel, std::mt19937_64& random, int changes, int index = 2) {
  for (int i = 0; i < changes; ++i) {
    if (const int other = kernel.random_link(); random() % 8 == 0 && other != index) {
      kernel.set_running(other, random() % 4 != 0);
      continue;
    }
    const auto number = random() % 24;
    const std::string text = "10.0.0." + std::to_string(number);
    const auto of = static_cast<unsigned>(3 + number % 8);
    if (kernel.has(of, text)) kernel.remove(of, text);
    else kernel.add(of, text);
  }
}

}  // namespace

TEST_CASE("netlink: virtual addresses are live if all are present on links that are up, with carrier, not protodown") {
  const auto up = link(RTM_NEWLINK, 2, kRunning), v4 = address(RTM_NEWADDR, 2, "192.0.2.1"),
             v6 = address(RTM_NEWADDR, 2, "2001:db8::1");
  CHECK(after({}) == VipState::kAbsent);
  CHECK(after({up, v4}) == VipState::kAbsent);
  CHECK(after({up, v4, v6}) == VipState::kLive);
  CHECK(after({v4, v6}) == VipState::kNotLive);
  CHECK(after({up, v4, v6, link(RTM_NEWLINK, 2, IFF_UP)}) == VipState::kNotLive);
  CHECK(after({up, v4, v6, link(RTM_NEWLINK, 2, kRunning, Proto::kDown)}) == VipState::kNotLive);
  CHECK(after({up, v4, v6, link(RTM_NEWLINK, 2, kRunning, Proto::kDown), up}) == VipState::kLive);
  CHECK(after({up, v4, v6, address(RTM_DELADDR, 2, "192.0.2.1")}) == VipState::kAbsent);
  CHECK(after({up, v4, v6, link(RTM_DELLINK, 2, 0)}) == VipState::kAbsent);
  // On a macvlan that was added later, while the old interface is down.
  CHECK(after({link(RTM_NEWLINK, 2, 0), v4, v6, link(RTM_NEWLINK, 9, kRunning), address(RTM_NEWADDR, 9, "192.0.2.1"),
               address(RTM_NEWADDR, 9, "2001:db8::1")}) == VipState::kLive);
}

TEST_CASE("netlink: reads several messages in a datagram and ignores a truncated message") {
  std::vector<std::uint8_t> datagram = link(RTM_NEWLINK, 2, kRunning);
  for (const auto& part : {address(RTM_NEWADDR, 2, "192.0.2.1"), address(RTM_NEWADDR, 2, "2001:db8::1")})
    datagram.insert(datagram.end(), part.begin(), part.end());
  HostAddresses host;
  apply_all(host, datagram);
  CHECK(host.state_of(kVips) == VipState::kLive);
  CHECK(host.is_usable(2));
  CHECK_FALSE(host.is_usable(3));
  CHECK(host.state_of({}) == VipState::kUnknown);
  for (std::size_t size = 0; size < datagram.size(); ++size) {
    HostAddresses partial;
    apply_all(partial, dns::Bytes(datagram).first(size));
    CHECK(partial.state_of(kVips) == VipState::kAbsent);
  }
}

// What is true of the virtual address, and when each state was true the last time.
class Truth {
 public:
  Truth(FakeKernel& kernel, std::mt19937_64& random) : kernel_(kernel), random_(random) { add(); }

  int index() const { return index_; }
  VipState state() const {
    if (!kernel_.has(static_cast<unsigned>(index_), "192.0.2.1")) return VipState::kAbsent;
    return kernel_.is_running(index_) ? VipState::kLive : VipState::kNotLive;
  }
  void note(Instant now) { last_[state()] = now; }
  Instant last(VipState state) const { return last_.contains(state) ? last_.at(state) : Instant{}; }
  void change() {
    const bool present = state() != VipState::kAbsent;
    switch (random_() % 4) {
      case 0: return present ? remove() : add();
      case 1: return kernel_.set_running(index_, !kernel_.is_running(index_));
      case 2:  // moves, as keepalived moves it from an interface to a macvlan
        if (present) remove();
        kernel_.set_running(index_, true);
        index_ = kernel_.random_link();
        kernel_.set_running(index_, true);
        break;
      default: index_ = kernel_.make_link_anew(index_); break;
    }
    if (present) add();
  }

 private:
  void add() { kernel_.add(static_cast<unsigned>(index_), "192.0.2.1"); }
  void remove() { kernel_.remove(static_cast<unsigned>(index_), "192.0.2.1"); }

  FakeKernel& kernel_;
  std::mt19937_64& random_;
  int index_ = 2;
  std::map<VipState, Instant> last_;
};

// Rounds of lost messages of links, addresses and dumps, while the virtual address moves between interfaces, disappears
// and returns, and its interface loses the carrier or is made anew.
TEST_CASE("netlink: lost messages cause no false failover, and each true one is noticed within two seconds") {
  constexpr std::chrono::seconds kNotice{2};
  std::mt19937_64 random(51);
  FakeKernel kernel(random);
  Truth truth(kernel, random);
  kernel.meanwhile = [&] { churn(kernel, random, 2, truth.index()); };
  Instant now = kNetlinkStart;
  NetlinkSync sync(kernel, now);
  std::map<VipState, int> seen;
  int false_states = 0;
  for (int round = 0; round < 10'000; ++round) {
    kernel.lose_parts(round % 3 == 0 ? 0.3 : 0);
    churn(kernel, random, static_cast<int>(random() % 40), truth.index());
    if (random() % 20 == 0) truth.change();
    churn(kernel, random, static_cast<int>(random() % 40), truth.index());
    truth.note(now);
    // The thread is woken for each answer, unless it is busy.
    for (auto wakes = random() % 12; wakes > 0; --wakes) sync.advance(now);
    if (sync.current() != nullptr) {
      const VipState state = sync.current()->state_of(kVip);
      ++seen[state];
      // What is believed was true not longer ago than kNotice.
      if (now - truth.last(state) > kNotice) ++false_states;
    }
    now += std::chrono::milliseconds{1 + random() % 200};
  }
  CHECK(false_states == 0);
  CHECK(seen[VipState::kLive] + seen[VipState::kNotLive] + seen[VipState::kAbsent] > 9900);
  for (const VipState state : {VipState::kLive, VipState::kNotLive, VipState::kAbsent}) CHECK(seen[state] > 500);
  CHECK(sync.repeated_dumps() > 1000);
  CHECK(sync.fault().empty());
}

TEST_CASE("netlink: parts of an older dump and of other programs do not count") {
  std::mt19937_64 random(52);
  FakeKernel kernel(random);
  NetlinkSync sync(kernel, kNetlinkStart);
  CHECK_FALSE(sync.advance(kNetlinkStart));  // requested
  CHECK(sync.current() == nullptr);
  const auto vip = address(RTM_NEWADDR, 2, "192.0.2.1"), end = message(NLMSG_DONE, {0, 0, 0, 0});
  for (const auto& [sequence, port] :
       {std::pair(0U, FakeKernel::kPort), std::pair(7U, FakeKernel::kPort), std::pair(1U, FakeKernel::kPort + 1)}) {
    kernel.deliver(vip, sequence, port);
    kernel.deliver(end, sequence, port);
  }
  while (sync.current() == nullptr) sync.advance(kNetlinkStart);
  CHECK(sync.current()->state_of(kVip) == VipState::kAbsent);
  CHECK(sync.current()->is_usable(2));
}

TEST_CASE("netlink: a full dump each minute finds what was lost without a report") {
  std::mt19937_64 random(54);
  FakeKernel kernel(random);
  NetlinkSync sync(kernel, kNetlinkStart);
  while (sync.current() == nullptr) sync.advance(kNetlinkStart);
  CHECK(sync.next_deadline() == kNetlinkStart + NetlinkSync::kFullDumpInterval);
  kernel.add(2, "192.0.2.1");
  kernel.forget_queue();
  const Instant later = sync.next_deadline();
  for (int i = 0; i < 3; ++i) sync.advance(later);
  CHECK(sync.current()->state_of(kVip) == VipState::kLive);
  CHECK(sync.repeated_dumps() == 0);
}

// The removal arrives, and the addition is lost.
TEST_CASE("netlink: after a loss the old copy stays until the new one is complete") {
  std::mt19937_64 random(55);
  FakeKernel kernel(random);
  kernel.add(2, "192.0.2.1");
  Instant now = kNetlinkStart;
  NetlinkSync sync(kernel, now);
  while (sync.current() == nullptr) sync.advance(now);
  kernel.lose_parts(1);
  churn(kernel, random, FakeKernel::kQueueMax - 1);
  kernel.remove(2, "192.0.2.1");
  kernel.add(3, "192.0.2.1");
  for (int i = 0; i < 20; ++i) {
    sync.advance(now += std::chrono::milliseconds{50});
    REQUIRE(sync.current() != nullptr);
    CHECK(sync.current()->state_of(kVip) == VipState::kLive);
  }
  kernel.lose_parts(0);
  kernel.remove(3, "192.0.2.1");
  for (int i = 0; i < 20; ++i) sync.advance(now += std::chrono::milliseconds{50});
  CHECK(sync.current()->state_of(kVip) == VipState::kAbsent);
}

TEST_CASE("netlink: after an exception a full dump finds what a failed step has lost") {
  std::mt19937_64 random(56);
  FakeKernel kernel(random);
  kernel.add(2, "192.0.2.1");
  NetlinkSync sync(kernel, kNetlinkStart);
  while (sync.current() == nullptr) sync.advance(kNetlinkStart);
  kernel.remove(2, "192.0.2.1");
  kernel.forget_queue();
  sync.distrust(kNetlinkStart);
  REQUIRE(sync.current() != nullptr);
  CHECK(sync.current()->state_of(kVip) == VipState::kLive);
  CHECK(sync.next_deadline() == kNetlinkStart);
  for (int i = 0; i < 3; ++i) sync.advance(kNetlinkStart);
  CHECK(sync.current()->state_of(kVip) == VipState::kAbsent);
}

TEST_CASE("netlink: without an answer of the kernel the addresses become unknown, with the reason, and return") {
  std::mt19937_64 random(53);
  FakeKernel kernel(random);
  kernel.add(2, "192.0.2.1");
  Instant now = kNetlinkStart;
  NetlinkSync sync(kernel, now);
  while (sync.current() == nullptr) sync.advance(now);
  kernel.answer(false);
  churn(kernel, random, 100);
  for (; now < kNetlinkStart + NetlinkSync::kUncertainAfter; now += std::chrono::milliseconds{100}) {
    sync.advance(now);
    REQUIRE(sync.current() != nullptr);
    CHECK(sync.current()->state_of(kVip) == VipState::kLive);
  }
  CHECK(sync.advance(now));
  CHECK(sync.current() == nullptr);
  CHECK(sync.fault() == "the addresses of this host are unknown: the kernel does not answer");
  kernel.answer(true);
  for (int i = 0; i < 30; ++i) sync.advance(now += std::chrono::milliseconds{100});
  REQUIRE(sync.current() != nullptr);
  CHECK(sync.current()->state_of(kVip) == VipState::kLive);
  CHECK(sync.fault().empty());
}
