// Sends mutated packets to one server over loopback as fast as the server takes them, and checks every reply.
//
//   packet_storm PORT COUNT SEED SEEDS     SEEDS: a file of packets, each after its length in two octets
//
// Each batch ends with a plain query. Its answer on the same socket shows that the server has processed the whole
// batch, so no lost packet goes unnoticed. A reply must be complete, have the ID of a packet that may get a reply, and
// be within the size limit for UDP. Exits with 0 and a line of figures, or with 1 and the fault.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace {

using Packet = std::vector<std::uint8_t>;
using Octets = std::span<const std::uint8_t>;

constexpr std::size_t kBatch = 120;  // fits the default receive buffer of a socket
constexpr std::size_t kSockets = 4;  // source ports, so that every worker gets some of the packets
constexpr std::size_t kMaxReply = 1232;
constexpr int kPatienceMs = 5000;
constexpr std::size_t kHeader = 12;

std::uint16_t number_at(Octets octets, std::size_t at) {
  return static_cast<std::uint16_t>(octets[at] << 8 | octets[at + 1]);
}

// Offset after the name at `at`, or 0 for a bad name. Pointers must point backwards.
std::size_t skip_name(Octets octets, std::size_t at) {
  std::size_t end = 0, limit = at;
  for (std::size_t steps = 0; at < octets.size() && steps < 256; ++steps) {
    const std::size_t size = octets[at];
    if (size == 0) return end != 0 ? end : at + 1;
    if (size >= 0xc0) {
      if (at + 1 >= octets.size()) return 0;
      if (end == 0) end = at + 2;
      const std::size_t target = number_at(octets, at) & 0x3fffu;
      if (target >= limit) return 0;
      at = limit = target;
    } else if (size > 63) {
      return 0;
    } else {
      at += 1 + size;
    }
  }
  return 0;
}

// The reason why a reply is not a complete message; nullptr if it is complete.
const char* fault_of(Octets reply) {
  if (reply.size() < kHeader) return "shorter than a header";
  if ((reply[2] & 0x80) == 0) return "not marked as a response";
  if (reply.size() > kMaxReply) return "larger than the size limit for UDP";
  std::size_t at = kHeader;
  for (unsigned left = number_at(reply, 4); left > 0; --left) {
    at = skip_name(reply, at);
    if (at == 0 || at + 4 > reply.size()) return "a broken question";
    at += 4;
  }
  for (unsigned left = number_at(reply, 6) + number_at(reply, 8) + number_at(reply, 10); left > 0; --left) {
    at = skip_name(reply, at);
    if (at == 0 || at + 10 > reply.size()) return "a broken record";
    at += 10u + number_at(reply, at + 8);
    if (at > reply.size()) return "rdata after the end";
  }
  return at == reply.size() ? nullptr : "octets after the last record";
}

class Mutator {
 public:
  Mutator(std::vector<Packet> seeds, std::uint64_t seed) : seeds_(std::move(seeds)), random_(seed) {}

  Packet next() {
    Packet packet = below(50) == 0 ? noise() : choose_seed();
    for (std::size_t rounds = 1 + below(4); rounds > 0; --rounds) mutate(packet);
    return packet;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  const Packet& choose_seed() { return seeds_[below(seeds_.size())]; }

  Packet noise() {
    Packet packet(below(600));
    for (auto& octet : packet) octet = static_cast<std::uint8_t>(random_());
    return packet;
  }

  void mutate(Packet& packet) {
    static constexpr std::array<std::uint8_t, 12> telling = {0,    1,    0x3f, 0x40, 0x7f, 0x80,
                                                             0xbf, 0xc0, 0xc1, 0xff, 41,   12};
    if (packet.empty()) packet.push_back(0);
    const std::size_t at = below(packet.size());
    switch (below(8)) {
      case 0: packet[at] = static_cast<std::uint8_t>(packet[at] ^ 1u << below(8)); break;
      case 1: packet[at] = static_cast<std::uint8_t>(random_()); break;
      case 2: packet[at] = telling[below(telling.size())]; break;
      case 3: packet.resize(at); break;
      case 4:
        packet.insert(packet.begin() + static_cast<std::ptrdiff_t>(at), 1 + below(40), telling[below(telling.size())]);
        break;
      case 5: packet.erase(packet.begin() + static_cast<std::ptrdiff_t>(at)); break;
      case 6: {
        const Packet& other = choose_seed();
        packet.resize(at);
        packet.insert(packet.end(), other.begin() + static_cast<std::ptrdiff_t>(below(other.size())), other.end());
        break;
      }
      default:  // the header's counts and flags, which have the most effect
        if (packet.size() >= kHeader) packet[2 + below(10)] = telling[below(telling.size())];
    }
  }

  std::vector<Packet> seeds_;
  std::mt19937_64 random_;
};

// The server may answer the packets of one receive call in any order. Only a query that is sent after the answer to the
// first probe is answered after all others.
constexpr int kProbes = 2;

class Storm {
 public:
  Storm(std::uint16_t port, const Packet& probe) : probe_(probe) {
    sockaddr_in server{};
    server.sin_family = AF_INET;
    server.sin_port = htons(port);
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int& socket : sockets_) {
      socket = ::socket(AF_INET, SOCK_DGRAM, 0);
      if (socket < 0 || ::connect(socket, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0)
        fail("no socket", {});
    }
  }
  ~Storm() {
    for (const int socket : sockets_) ::close(socket);
  }
  Storm(const Storm&) = delete;
  Storm& operator=(const Storm&) = delete;

  void batch(Mutator& mutator, std::size_t count) {
    const int socket = sockets_[batches_++ % kSockets];
    sent_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      sent_.push_back(mutator.next());
      stamp(sent_.back(), i);
      if (::send(socket, sent_.back().data(), sent_.back().size(), 0) < 0)
        fail("send failed: the server is gone", sent_.back());
    }
    stamp(probe_, count);
    packets_ += count;
    for (int time = 0; time < kProbes; ++time) {
      if (::send(socket, probe_.data(), probe_.size(), 0) < 0) fail("send failed: the server is gone", probe_);
      while (take(socket)) {
      }
    }
  }

  void report() const {
    std::printf("%zu packets, %zu replies, rcodes", packets_, replies_);
    for (std::size_t i = 0; i < rcodes_.size(); ++i) {
      if (rcodes_[i] != 0) std::printf(" %zu:%zu", i, rcodes_[i]);
    }
    std::printf("\n");
  }

 private:
  static void stamp(Packet& packet, std::size_t id) {
    if (packet.size() >= 2) packet[0] = static_cast<std::uint8_t>(id >> 8), packet[1] = static_cast<std::uint8_t>(id);
  }

  // Checks one reply. Returns false after the probe's answer.
  bool take(int socket) {
    pollfd waiting{socket, POLLIN, 0};
    std::array<std::uint8_t, 65536> buffer;
    if (::poll(&waiting, 1, kPatienceMs) != 1)
      fail("no answer to the plain query after a batch", sent_.empty() ? probe_ : sent_.back());
    const ssize_t size = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (size < 0) fail("receive failed: the server is gone", sent_.empty() ? probe_ : sent_.back());
    const Octets reply(buffer.data(), static_cast<std::size_t>(size));
    if (reply.size() < kHeader) fail("shorter than a header", {reply.begin(), reply.end()});
    const std::size_t id = number_at(reply, 0);
    if (id > sent_.size()) fail("a reply with an ID that was not sent", {reply.begin(), reply.end()});
    const Packet& request = id == sent_.size() ? probe_ : sent_[id];
    if (const char* why = fault_of(reply)) fail(why, request);
    if (request.size() < kHeader) fail("a reply to a packet shorter than a header", request);
    if ((request[2] & 0x80) != 0) fail("a reply to a response", request);
    ++replies_;
    ++rcodes_[reply[3] & 15u];
    return id != sent_.size();
  }

  [[noreturn]] static void fail(const char* why, const Packet& packet) {
    std::printf("%s, packet ", why);
    for (const std::uint8_t octet : packet) std::printf("%02x", octet);
    std::printf("\n");
    std::exit(1);
  }

  std::array<int, kSockets> sockets_{};
  Packet probe_;
  std::vector<Packet> sent_;
  std::size_t batches_ = 0, packets_ = 0, replies_ = 0;
  std::array<std::size_t, 16> rcodes_{};
};

std::vector<Packet> read_seeds(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<Packet> seeds;
  for (char size[2]; file.read(size, 2);) {
    Packet packet(
        static_cast<std::size_t>(static_cast<std::uint8_t>(size[0]) << 8 | static_cast<std::uint8_t>(size[1])));
    file.read(reinterpret_cast<char*>(packet.data()), static_cast<std::streamsize>(packet.size()));
    seeds.push_back(packet);
  }
  return seeds;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: packet_storm PORT COUNT SEED SEEDS\n");
    return 2;
  }
  std::vector<Packet> seeds = read_seeds(argv[4]);
  if (seeds.empty()) return 2;
  Storm storm(static_cast<std::uint16_t>(std::atoi(argv[1])), seeds.front());
  Mutator mutator(std::move(seeds), std::strtoull(argv[3], nullptr, 10));
  for (std::size_t left = std::strtoull(argv[2], nullptr, 10); left > 0;) {
    const std::size_t count = std::min(left, kBatch);
    storm.batch(mutator, count);
    left -= count;
  }
  storm.report();
  return 0;
}
