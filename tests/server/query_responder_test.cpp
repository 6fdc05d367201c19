#include <string>

#include <doctest/doctest.h>

#include "server/query/responder.h"
#include "tests/support/all_kinds.h"
#include "tests/support/query_bytes.h"
#include "tests/support/zone_from_text.h"
#include "zone/field/text.h"
#include "zone/message/parsed.h"

using dns::test::QueryBytes;

namespace {

class Querier {
 public:
  explicit Querier(server::ResponderOptions options = {},
                   std::shared_ptr<const dns::Snapshot> snapshot = dns::test::all_kinds())
      : responder_(options, counters_), snapshot_(std::move(snapshot)), buffer_(dns::kMaxMessage) {}

  dns::Bytes raw(const std::vector<std::uint8_t>& bytes, const server::Transport& transport = server::Transport::kUdp) {
    server::Inbound inbound;
    inbound.bytes = bytes;
    inbound.transport = &transport;
    return dns::Bytes(buffer_).first(responder_.respond(inbound, *snapshot_, buffer_));
  }
  dns::ParsedMessage ask(const QueryBytes& query, const server::Transport& transport = server::Transport::kUdp) {
    auto message = dns::read_message(raw(dns::test::octets_of(query), transport));
    REQUIRE(message.has_value());
    return *message;
  }
  server::Responder& responder() { return responder_; }
  const server::Counters& counters() const { return counters_; }
  const dns::Snapshot& snapshot() const { return *snapshot_; }

 private:
  server::Counters counters_;
  server::Responder responder_;
  std::shared_ptr<const dns::Snapshot> snapshot_;
  std::vector<std::uint8_t> buffer_;
};

std::string rcode_of(const dns::ParsedMessage& message) {
  return dns::to_text(static_cast<dns::Rcode>(message.rcode()));
}

// The value of an option in the reply's OPT; "-" if there is none.
std::string option(const dns::ParsedMessage& message, unsigned wanted) {
  const dns::ParsedRecord* opt = message.opt();
  if (opt == nullptr) return "-";
  for (std::size_t at = 0; at + 4 <= opt->rdata.size();) {
    const unsigned code = dns::load16(opt->rdata.data() + at), size = dns::load16(opt->rdata.data() + at + 2);
    if (code == wanted)
      return std::string(opt->rdata.begin() + static_cast<std::ptrdiff_t>(at) + 4,
                         opt->rdata.begin() + static_cast<std::ptrdiff_t>(at + 4 + size));
    at += 4 + size;
  }
  return "-";
}

QueryBytes with_edns(std::string_view name, dns::Type type, QueryBytes::Edns edns) {
  QueryBytes query;
  query.name = name;
  query.type = type;
  query.edns = std::move(edns);
  return query;
}

}  // namespace

TEST_CASE("responder: returns the RCODE, flags and answers for each kind of query") {
  struct Row {
    const char* what;
    std::string_view name;
    dns::Type type;
    dns::Class klass;
    std::uint16_t flags;
    const char* rcode;
    std::uint16_t sent;
    std::size_t answers;
  };
  using dns::Class;
  using dns::Flag;
  using dns::Type;
  const std::uint16_t opcode_update = 5 << 11;
  const Row rows[] = {
      {"an address", "ns.example.", Type::A, Class::IN, 0, "NOERROR", Flag::kQr | Flag::kAa, 1},
      {"RD is copied", "ns.example.", Type::A, Class::IN, Flag::kRd, "NOERROR", Flag::kQr | Flag::kAa | Flag::kRd, 1},
      {"AD, CD, Z, RA, AA and TC are not copied", "ns.example.", Type::A, Class::IN, 0x06f0, "NOERROR",
       Flag::kQr | Flag::kAa, 1},
      {"a referral", "www.sub.example.", Type::A, Class::IN, 0, "NOERROR", Flag::kQr, 0},
      {"a name that does not exist", "no.example.", Type::A, Class::IN, 0, "NXDOMAIN", Flag::kQr | Flag::kAa, 0},
      {"a name outside all zones", "com.", Type::A, Class::IN, 0, "REFUSED", Flag::kQr, 0},
      {"a zone that is not loaded", "www.broken.", Type::A, Class::IN, 0, "SERVFAIL", Flag::kQr, 0},
      {"class ANY", "ns.example.", Type::A, Class::ANY, 0, "NOERROR", Flag::kQr, 1},
      {"class HS", "ns.example.", Type::A, Class::HS, 0, "REFUSED", Flag::kQr, 0},
      {"AXFR", "example.", Type::AXFR, Class::IN, 0, "REFUSED", Flag::kQr, 0},
      {"version.bind, not configured", "version.bind.", Type::TXT, Class::CH, 0, "REFUSED", Flag::kQr, 0},
      {"UPDATE", "example.", Type::SOA, Class::IN, opcode_update, "NOTIMP",
       static_cast<std::uint16_t>(Flag::kQr | opcode_update), 0},
  };
  Querier querier;
  for (const Row& row : rows) {
    CAPTURE(row.what);
    QueryBytes query;
    query.name = row.name;
    query.type = row.type;
    query.klass = row.klass;
    query.flags = row.flags;
    const dns::ParsedMessage message = querier.ask(query);
    CHECK(rcode_of(message) == row.rcode);
    CHECK((message.header.flags & 0xfff0) == row.sent);
    CHECK(message.header.id == 0x4711);
    CHECK(message.section(dns::Section::kAnswer).size() == row.answers);
    CHECK(message.opt() == nullptr);
  }
}

TEST_CASE("responder: EDNS replies contain NSID on request, BADVERS for version 1, and extended errors") {
  Querier querier({.udp_size_max = 1232, .version = {}, .identity = {}, .nsid = "ns-1"});
  const auto plain = querier.ask(with_edns("ns.example.", dns::Type::A, {}));
  REQUIRE(plain.opt() != nullptr);
  CHECK(plain.opt()->klass == 1232);
  CHECK(plain.opt()->ttl == 0);
  CHECK(option(plain, 3) == "-");
  const auto with_nsid = querier.ask(with_edns(
      "ns.example.", dns::Type::A, {.payload = 4096, .version = 0, .flags = 0x8000, .options = {0, 3, 0, 0}}));
  CHECK(option(with_nsid, 3) == "ns-1");
  CHECK(with_nsid.opt()->ttl == 0x8000);
  const auto version_1 =
      querier.ask(with_edns("ns.example.", dns::Type::A, {.payload = 4096, .version = 1, .flags = 0, .options = {}}));
  CHECK(rcode_of(version_1) == "BADVERS");
  CHECK((version_1.opt()->ttl >> 16 & 0xff) == 0);
  CHECK(version_1.section(dns::Section::kAnswer).empty());
  CHECK(option(querier.ask(with_edns("com.", dns::Type::A, {})), 15) == std::string("\0\x14", 2));  // Not Authoritative
  CHECK(option(querier.ask(with_edns("www.broken.", dns::Type::A, {})), 15) ==
        std::string("\0\x18", 2));  // Invalid Data
  CHECK(option(querier.ask(with_edns("example.", dns::Type::AXFR, {})), 15) ==
        std::string("\0\x12", 2));  // Not Supported
}

TEST_CASE("responder: CHAOS queries return only the configured version and identity") {
  Querier querier({.udp_size_max = 1232, .version = "waymark", .identity = "", .nsid = ""});
  QueryBytes query;
  query.type = dns::Type::TXT;
  query.klass = dns::Class::CH;
  for (const std::string_view name : {"version.bind.", "VERSION.Server."}) {
    query.name = name;
    const auto message = querier.ask(query);
    CHECK(rcode_of(message) == "NOERROR");
    REQUIRE(message.section(dns::Section::kAnswer).size() == 1);
    CHECK(message.section(dns::Section::kAnswer)[0].klass == 3);
    CHECK(message.section(dns::Section::kAnswer)[0].rdata ==
          std::vector<std::uint8_t>{7, 'w', 'a', 'y', 'm', 'a', 'r', 'k'});
  }
  query.name = "version.bind.";
  query.type = dns::Type::A;
  CHECK(rcode_of(querier.ask(query)) == "NOERROR");
  for (const std::string_view name : {"id.server.", "hostname.bind.", "authors.bind.", "."}) {
    query.name = name;
    query.type = dns::Type::TXT;
    CHECK(rcode_of(querier.ask(query)) == "REFUSED");
  }
}

TEST_CASE("responder: truncates UDP replies at the smaller of the EDNS payload size and udp-size") {
  struct Row {
    std::optional<std::uint16_t> payload;
    std::uint16_t udp_size;
    std::size_t limit;
  };
  const Row rows[] = {{std::nullopt, 1232, 512}, {100, 1232, 512},   {700, 1232, 700},
                      {4096, 1232, 1232},        {4096, 4096, 4096}, {65535, 512, 512}};
  for (const Row& row : rows) {
    Querier querier({.udp_size_max = row.udp_size, .version = {}, .identity = {}, .nsid = {}});
    QueryBytes query;
    query.name = "text.big.";
    query.type = dns::Type::TXT;
    if (row.payload) query.edns = QueryBytes::Edns{*row.payload, 0, 0, {}};
    const dns::Bytes udp = querier.raw(dns::test::octets_of(query));
    CHECK(udp.size() <= row.limit);
    CHECK((dns::load16(udp.data() + 2) & dns::Flag::kTc) != 0);
    CHECK(dns::load16(udp.data() + 6) == 0);
    const auto tcp = querier.ask(query, server::Transport::kTcp);
    CHECK((tcp.header.flags & dns::Flag::kTc) == 0);
    CHECK(tcp.section(dns::Section::kAnswer).size() == 26);
  }
}

TEST_CASE("responder: records that no message can hold are an error with its reason, over UDP as over TCP") {
  struct Row {
    dns::Type type;
    std::size_t count;
    const char* rcode;
  };
  using dns::Type;
  const Row rows[] = {{Type::TXT, 301, "NOERROR"},
                      {Type::TXT, 302, "SERVFAIL"},
                      {Type::MX, 2977, "NOERROR"},  // larger than a message only if it is not compressed
                      {Type::MX, 2978, "SERVFAIL"}};
  for (const Row& row : rows) {
    CAPTURE(dns::to_text(row.type));
    CAPTURE(row.count);
    std::string text = "@ 300 SOA ns h 1 1 1 1 1\n@ 300 NS ns\n";
    for (std::size_t i = 1000; i < 1000 + row.count; ++i)
      text += "a 300 " +
              (row.type == Type::TXT ? "TXT " + std::string(200, 'x') + std::to_string(i)
                                     : "MX 1 m" + std::to_string(i) + ".a") +
              "\n";
    Querier querier({}, dns::Snapshot::of({dns::test::zone_of("example.", text)}));
    const QueryBytes query = with_edns("a.example.", row.type, {});
    const auto udp = querier.ask(query), tcp = querier.ask(query, server::Transport::kTcp);
    const bool fits = std::string_view(row.rcode) == "NOERROR";
    CHECK(rcode_of(udp) == row.rcode);
    CHECK(rcode_of(tcp) == row.rcode);
    CHECK(((udp.header.flags & dns::Flag::kTc) != 0) == fits);
    CHECK(tcp.section(dns::Section::kAnswer).size() == (fits ? row.count : 0));
    const std::string reason = fits ? "-" : std::string("\0\x18", 2);  // Invalid Data
    CHECK(option(udp, 15) == reason);
    CHECK(option(tcp, 15) == reason);
  }
}

TEST_CASE("responder: FORMERR for malformed queries, NOTIMP for other opcodes, no reply to responses") {
  Querier querier;
  const auto whole = dns::test::octets_of({.name = "ns.example."});
  const auto truncated = [&](std::size_t size) {
    return std::vector<std::uint8_t>(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
  };
  CHECK(querier.raw(truncated(11)).empty());
  CHECK(querier.raw(truncated(12)).size() == 12);
  CHECK(rcode_of(*dns::read_message(querier.raw(truncated(whole.size() - 1)))) == "FORMERR");
  auto answer = whole;
  answer[2] |= 0x80;
  CHECK(querier.raw(answer).empty());
  for (unsigned opcode = 1; opcode < 16; ++opcode) {
    auto other_opcode = whole;
    other_opcode[2] = static_cast<std::uint8_t>(opcode << 3);
    const dns::Bytes reply = querier.raw(other_opcode);
    CHECK(rcode_of(*dns::read_message(reply)) == "NOTIMP");
    CHECK(reply.size() == dns::kHeaderSize);
    CHECK((reply[2] >> 3 & 0xfU) == opcode);
  }
  auto two_opts = dns::test::octets_of(with_edns("ns.example.", dns::Type::A, {}));
  const std::vector<std::uint8_t> opt(two_opts.end() - 11, two_opts.end());
  two_opts.insert(two_opts.end(), opt.begin(), opt.end());
  two_opts[11] = 2;
  const auto reply = dns::read_message(querier.raw(two_opts));
  CHECK(rcode_of(*reply) == "FORMERR");
  CHECK(reply->questions.size() == 1);
  CHECK(reply->opt() == nullptr);
}

TEST_CASE("responder: a batch gets the same replies as single requests") {
  Querier querier;
  std::vector<std::vector<std::uint8_t>> requests;
  for (const std::string_view name : dns::test::names_of_all_kinds())
    for (const dns::Type type : {dns::Type::A, dns::Type::DS, dns::Type::MX, dns::Type::ANY}) {
      requests.push_back(dns::test::octets_of(with_edns(name, type, {})));
      requests.push_back(std::vector<std::uint8_t>(requests.back().begin(), requests.back().end() - 1));
    }
  std::vector<std::vector<std::uint8_t>> outs(requests.size(), std::vector<std::uint8_t>(dns::kDefaultUdpSize));
  std::vector<server::Responder::Slot> slots(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    slots[i].inbound.bytes = requests[i];
    slots[i].out = outs[i];
  }
  querier.responder().respond(slots, querier.snapshot());
  REQUIRE(requests.size() > 128);
  for (std::size_t i = 0; i < requests.size(); ++i)
    CHECK(dns::equal(querier.raw(requests[i]), dns::Bytes(outs[i]).first(slots[i].size)));
}

TEST_CASE("responder: counts queries, replies, drops, truncations and RCODEs") {
  Querier querier;
  querier.ask({.name = "ns.example."});
  querier.ask({.name = "no.example."}, server::Transport::kTcp);
  querier.ask({.name = "text.big.", .type = dns::Type::TXT});
  querier.ask(with_edns("ns.example.", dns::Type::A, {.payload = 1232, .version = 7, .flags = 0, .options = {}}));
  querier.raw({1, 2, 3});
  const server::Counters& counters = querier.counters();
  CHECK(counters.queries[server::Transport::kUdp.number].value() == 4);
  CHECK(counters.queries[server::Transport::kTcp.number].value() == 1);
  CHECK(counters.answers.value() == 4);
  CHECK(counters.dropped.value() == 1);
  CHECK(counters.truncated.value() == 1);
  CHECK(counters.rcodes[0].value() == 2);
  CHECK(counters.rcodes[3].value() == 1);
  CHECK(counters.rcodes[16].value() == 1);
}
