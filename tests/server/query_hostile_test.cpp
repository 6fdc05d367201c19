// The responder with malformed and random requests: replies are valid and within the size limit, and nothing is
// allocated.
//
// WAYMARK_MUTATIONS sets the number of mutated requests. The seed is fixed, so a failure can be reproduced.
#include <cstdlib>
#include <exception>
#include <new>
#include <random>

#include <doctest/doctest.h>

#include "server/query/responder.h"
#include "tests/support/all_kinds.h"
#include "tests/support/allocations.h"
#include "tests/support/query_bytes.h"
#include "tests/support/repetitions.h"
#include "zone/message/parsed.h"

// Counts every allocation of this program: the query path makes none.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
void* operator new(std::size_t size) {
  dns::test::Allocations& all = dns::test::allocations;
  ++all.count;
  const bool fails = all.count >= all.first_failing && all.count < all.first_well;
  const bool must_not_throw = std::uncaught_exceptions() > 0 || std::current_exception() != nullptr;
  if (fails && !must_not_throw) throw std::bad_alloc();  // as the server's memory reserve does
  void* at = std::malloc(size == 0 ? 1 : size);
  if (at == nullptr) std::abort();
  return at;
}
void operator delete(void* at) noexcept { std::free(at); }
void operator delete(void* at, std::size_t) noexcept { std::free(at); }
#endif

namespace dns::test {
namespace {

constexpr std::uint64_t kSeed = 20261122;

std::size_t mutations() { return repetitions(200'000, "WAYMARK_MUTATIONS"); }

std::vector<std::vector<std::uint8_t>> good_requests() {
  std::vector<std::vector<std::uint8_t>> requests;
  for (const std::string_view name : names_of_all_kinds())
    for (const Type type : {Type::A, Type::DS, Type::ANY, Type::TXT}) {
      QueryBytes query;
      query.name = name;
      query.type = type;
      query.klass = name.ends_with("bind.") || name.ends_with("server.") ? Class::CH : Class::IN;
      requests.push_back(octets_of(query));
      query.edns = QueryBytes::Edns{1232, 0, 0x8000, {0, 3, 0, 0, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8}};
      requests.push_back(octets_of(query));
    }
  return requests;
}

void mutate(std::vector<std::uint8_t>& bytes, std::mt19937_64& random) {
  for (std::size_t count = 1 + random() % 4; count > 0 && !bytes.empty(); --count) {
    const std::size_t at = random() % bytes.size();
    switch (random() % 6) {
      case 0: bytes[at] = static_cast<std::uint8_t>(random()); break;
      case 1: bytes[at] ^= static_cast<std::uint8_t>(1U << random() % 8); break;
      case 2: bytes.resize(at); break;
      case 3: bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), static_cast<std::uint8_t>(random())); break;
      case 4: bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at)); break;
      default:
        bytes[std::min<std::size_t>(bytes.size() - 1, 2 + random() % 10)] = static_cast<std::uint8_t>(random() % 3);
        break;
    }
  }
}

// The first rule that the reply violates, or null. The rules apply to any request.
const char* fault_of(Bytes request, Bytes reply, std::size_t limit) {
  if (reply.empty())
    return request.size() >= kHeaderSize && (request[2] & 0x80) == 0 ? "no reply to a request" : nullptr;
  if (request.size() < kHeaderSize || (request[2] & 0x80) != 0) return "a reply to a message that is not a request";
  if (reply.size() > limit) return "larger than the size limit";
  if (reply.size() < kHeaderSize || load16(reply.data()) != load16(request.data())) return "different ID";
  if ((reply[2] & 0x80) == 0) return "QR is clear";
  if ((reply[2] & 0x78) != (request[2] & 0x78)) return "different opcode";
  const auto message = read_message(reply);
  if (!message) return "malformed";
  return message->trailing == 0 ? nullptr : "octets after the last record";
}

class Target {
 public:
  Target()
      : responder_({.udp_size_max = 1232, .version = "v", .identity = "i", .nsid = "n"}, counters_),
        buffer_(kMaxMessage, 0xa5) {}

  void send(const std::vector<std::uint8_t>& request, const server::Transport& transport) {
    server::Inbound inbound;
    inbound.bytes = request;
    inbound.transport = &transport;
    const std::uint64_t before = allocations.count;
    const std::size_t size = responder_.respond(inbound, *snapshot_, buffer_);
    allocated_ += allocations.count - before;
    const char* fault =
        fault_of(request, Bytes(buffer_).first(size), &transport == &server::Transport::kTcp ? kMaxMessage : 1232);
    if (fault != nullptr) FAIL_CHECK(fault << ", size of request " << request.size());
  }
  std::uint64_t allocated() const { return allocated_; }

 private:
  server::Counters counters_;
  server::Responder responder_;
  std::shared_ptr<const Snapshot> snapshot_ = all_kinds();
  std::vector<std::uint8_t> buffer_;
  std::uint64_t allocated_ = 0;
};

const server::Transport& transport_of(std::size_t round) {
  return round % 8 == 0 ? server::Transport::kTcp : server::Transport::kUdp;
}

}  // namespace

TEST_CASE("hostile: mutated requests get valid replies within the size limit, without allocation") {
  Target target;
  std::mt19937_64 random(kSeed);
  const auto good = good_requests();
  std::vector<std::uint8_t> request;
  for (std::size_t round = 0; round < mutations(); ++round) {
    request = good[random() % good.size()];
    mutate(request, random);
    target.send(request, transport_of(round));
  }
  CHECK(target.allocated() == 0);
}

TEST_CASE("hostile: queries for all kinds of names, types and classes get valid replies, with and without DO") {
  Target target;
  const std::size_t step = std::getenv("WAYMARK_MUTATIONS") == nullptr ? 7 : 1;
  for (const std::string_view name : names_of_all_kinds())
    for (const Class klass :
         {Class::IN, Class::CH, Class::ANY, Class::NONE, static_cast<Class>(0), static_cast<Class>(65535)}) {
      QueryBytes query;
      query.name = name;
      query.klass = klass;
      query.edns = QueryBytes::Edns{1232, 0, 0, {}};
      auto request = octets_of(query);
      const std::size_t type_at = request.size() - 15, flags_at = request.size() - 4;
      const std::size_t types = klass == Class::IN ? 65536 : 300;
      for (std::size_t type = 0; type < types; type += type < 300 ? 1 : 97 * step) {
        store16(request.data() + type_at, static_cast<std::uint16_t>(type));
        request[flags_at] ^= 0x80;
        target.send(request, server::Transport::kUdp);
      }
    }
  CHECK(target.allocated() == 0);
}

TEST_CASE("hostile: messages of zeros, ones and random octets, and all header flags, get valid replies or none") {
  Target target;
  std::mt19937_64 random(kSeed);
  for (std::size_t size = 0; size < 65536; size += size < 1500 ? 1 : 4099) {
    std::vector<std::uint8_t> request(size, 0);
    target.send(request, server::Transport::kTcp);
    request.assign(size, 0xff);
    target.send(request, server::Transport::kTcp);
    for (std::uint8_t& octet : request) octet = static_cast<std::uint8_t>(random());
    target.send(request, server::Transport::kUdp);
  }
  auto request = octets_of({.name = "ns.example."});
  for (unsigned flags = 0; flags < 65536; ++flags) {
    store16(request.data() + 2, static_cast<std::uint16_t>(flags));
    target.send(request, server::Transport::kUdp);
  }
  CHECK(target.allocated() == 0);
}

TEST_CASE("hostile: the allocation counter counts each allocation") {
  const std::uint64_t before = allocations.count;
  const auto something = std::make_unique<std::vector<int>>(3);
  CHECK(allocations.count == before + (kCountsAllocations ? 2 : 0));
}

}  // namespace dns::test
