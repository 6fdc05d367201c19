// Signed requests on the query path: what they get when replies are large, malformed or of other kinds.
#include <doctest/doctest.h>

#include "server/query/responder.h"
#include "tests/support/all_kinds.h"
#include "tests/support/keys.h"
#include "tests/support/query_bytes.h"
#include "zone/message/parsed.h"

using namespace server;

namespace {

using Octets = std::vector<std::uint8_t>;
using dns::test::QueryBytes;

// 127 octets with the root.
std::string longest_name() {
  std::string name;
  for (int i = 0; i < 2; ++i) name += std::string(61, 'k') + ".";
  return name + "k.";
}

const std::shared_ptr<const KeyRing>& ring() {
  static const auto keys = test::ring_of({test::key_of("k."), test::key_of(longest_name(), "hmac-sha512")});
  return keys;
}

// Zones of every kind and one with a set of 600 octets and one of 40,000.
std::shared_ptr<const dns::Snapshot> zones() {
  std::string text = "@ SOA ns. a. 1 1 1 1 1\n@ NS ns.\n";
  for (int i = 0; i < 6; ++i) text += "big TXT \"" + std::to_string(i) + std::string(99, 'x') + "\"\n";
  for (int i = 0; i < 250; ++i) text += "huge TXT \"" + std::to_string(1000 + i) + std::string(200, 'x') + "\"\n";
  std::vector<std::pair<dns::Name, dns::ZonePolicies::Policy>> none;
  const std::shared_ptr<const dns::Zone> large[] = {dns::test::zone_of("large.", text)};
  return dns::test::all_kinds()->with(large, {}, nullptr,
                                      std::make_shared<const dns::ZonePolicies>(std::move(none), nullptr, ring()));
}

struct Exchange {
  Octets reply;
  TsigFault fault;
  dns::ParsedMessage message;
};

// Asks with a signature by `key`.
Exchange ask(Responder& responder, const dns::Snapshot& snapshot, Octets request, std::string_view key = "k.",
             const Transport& transport = Transport::kUdp) {
  TsigClient client(*ring()->find(dns::test::name_of(key)));
  client.sign(request, test::kNow);
  Octets out(dns::kMaxMessage);
  out.resize(responder.respond({.bytes = request, .client = {}, .local = {}, .transport = &transport}, snapshot, out));
  const auto message = dns::read_message(out);
  REQUIRE(message.has_value());
  return {out, client.verify(out, test::kNow), *message};
}

RequestTables tables() {
  RequestTables tables = standard_tables();
  tables.clock = test::still_clock;
  return tables;
}

bool is_truncated(const Exchange& exchange) { return (exchange.message.header.flags & dns::Flag::kTc) != 0; }

}  // namespace

TEST_CASE("signed: replies of all kinds are signed: fast, general, errors, other classes and opcodes") {
  Counters counters;
  Responder responder({.version = "1", .identity = "", .nsid = "n"}, counters, tables());
  const auto snapshot = zones();
  const struct {
    QueryBytes query;
    dns::Rcode rcode;
  } rows[] = {
      {{.name = "ns.example."}, dns::Rcode::NOERROR},
      {{.name = "ns.example.", .edns = QueryBytes::Edns{.options = {0, 3, 0, 0}}}, dns::Rcode::NOERROR},
      {{.name = "no.example."}, dns::Rcode::NXDOMAIN},
      {{.name = "elsewhere."}, dns::Rcode::REFUSED},
      {{.name = "version.bind.", .type = dns::Type::TXT, .klass = dns::Class::CH}, dns::Rcode::NOERROR},
      {{.name = "example.", .type = dns::Type::AXFR}, dns::Rcode::REFUSED},
      {{.name = "example.", .flags = 0x2800}, dns::Rcode::NOTIMP},
      {{.name = "example.", .edns = QueryBytes::Edns{.version = 1, .options = {}}}, dns::Rcode::BADVERS},
  };
  for (const auto& row : rows) {
    CAPTURE(row.query.name);
    const Exchange exchange = ask(responder, *snapshot, dns::test::octets_of(row.query));
    CHECK(static_cast<dns::Rcode>(exchange.message.rcode()) == row.rcode);
    CHECK(exchange.fault == TsigFault::kNone);
    CHECK((exchange.message.opt() != nullptr) == row.query.edns.has_value());
    CHECK(exchange.message.trailing == 0);
  }
  CHECK(counters.verified.value() == std::size(rows));
}

TEST_CASE("signed: a reply and its signature fit the size limit together; else the reply is truncated") {
  Counters counters;
  Responder responder({}, counters, tables());
  const auto snapshot = zones();
  const auto of_size = [&](std::uint16_t payload, const Transport& transport, std::string_view key) {
    return ask(responder, *snapshot,
               dns::test::octets_of({.name = "big.large.",
                                     .type = dns::Type::TXT,
                                     .edns = QueryBytes::Edns{.payload = payload, .options = {}}}),
               key, transport);
  };
  const std::size_t whole = of_size(1232, Transport::kUdp, "k.").reply.size();
  CHECK(whole > 600);
  for (std::size_t payload = 512; payload <= 1232; ++payload) {
    const Exchange exchange = of_size(static_cast<std::uint16_t>(payload), Transport::kUdp, "k.");
    CAPTURE(payload);
    REQUIRE(exchange.fault == TsigFault::kNone);
    REQUIRE(exchange.reply.size() <= payload);
    REQUIRE(is_truncated(exchange) == (payload < whole));
  }
  CHECK_FALSE(is_truncated(of_size(512, Transport::kTcp, "k.")));
  const auto huge = dns::test::octets_of({.name = "huge.large.", .type = dns::Type::TXT});
  CHECK(ask(responder, *snapshot, huge, "k.", Transport::kTcp).message.section(dns::Section::kAnswer).size() == 250);
}

TEST_CASE("signed: with the longest name and the longest key, 512 octets have the question and the signature") {
  Counters counters;
  Responder responder({.version = "", .identity = "", .nsid = std::string(kMaxNsid, 'n')}, counters, tables());
  const auto snapshot = zones();
  const std::string label = std::string(62, 'a') + ".",
                    longest = label + label + label + std::string(56, 'a') + ".large.";
  for (const bool edns : {false, true}) {
    QueryBytes query{.name = longest};
    if (edns) query.edns = QueryBytes::Edns{.payload = 512, .options = {0, 3, 0, 0}};
    const Exchange exchange = ask(responder, *snapshot, dns::test::octets_of(query), longest_name());
    CHECK(exchange.fault == TsigFault::kNone);
    CHECK(exchange.reply.size() <= 512);
    CHECK(exchange.message.questions.size() == 1);
    CHECK(is_truncated(exchange));
    CHECK(exchange.message.rcode() == 0);
  }
  CHECK(counters.truncated.value() == 2);
}

TEST_CASE("signed: unknown keys with names of any length get NOTAUTH, with the error if it fits") {
  Counters counters;
  Responder responder({}, counters, tables());
  const auto snapshot = zones();
  for (std::size_t labels = 1; labels < 120; ++labels) {
    std::string name;
    for (std::size_t i = 0; i < labels; ++i) name += "a.";
    dns::TsigRecord record;
    record.key = dns::test::name_of(name);
    record.algorithm = dns::test::name_of(name);
    record.original_id = 0x4711;
    Octets request = dns::test::octets_of({.name = name});
    const std::size_t size = request.size();
    request.resize(size + dns::tsig_size(record));
    dns::append_tsig(request, size, record);
    Octets out(dns::kMaxMessage);
    out.resize(responder.respond({.bytes = request, .client = {}, .local = {}}, *snapshot, out));
    REQUIRE(out.size() <= 512);
    REQUIRE((out[3] & 0xf) == static_cast<int>(dns::Rcode::NOTAUTH));
    const dns::TsigSearch search = dns::find_tsig(out);
    if (search.presence == dns::TsigPresence::kLast)
      CHECK(dns::read_tsig(out, search.at)->error == dns::TsigError::kBadKey);
    else CHECK(size + dns::tsig_size(record) > 512);
  }
  CHECK(counters.unverified.value() == 119);
}

TEST_CASE("signed: malformed signatures, and signatures of requests that nobody would answer") {
  Counters counters;
  Responder responder({}, counters, tables());
  const auto snapshot = zones();
  const Octets good = test::signed_request(*ring(), "k.", dns::test::octets_of({.name = "ns.example."}));
  Octets behind = good;
  behind.push_back(0);
  Octets response = good;
  response[2] |= 0x80;
  Octets out(dns::kMaxMessage);
  const auto size = [&](const Octets& request) {
    return responder.respond({.bytes = request, .client = {}, .local = {}}, *snapshot, out);
  };
  REQUIRE(size(behind) > 0);
  CHECK((out[3] & 0xf) == static_cast<int>(dns::Rcode::FORMERR));
  CHECK(dns::find_tsig(dns::Bytes(out).first(size(behind))).presence == dns::TsigPresence::kNone);
  CHECK(size(response) == 0);
  CHECK(counters.verified.value() + counters.unverified.value() == 0);
}
