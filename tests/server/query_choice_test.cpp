// Per-client answers through the whole query path. EDNS Client Subnet in the query has no effect.
#include <doctest/doctest.h>

#include "server/query/responder.h"
#include "tests/support/choices.h"
#include "tests/support/query_bytes.h"
#include "tests/support/zone_from_text.h"
#include "zone/field/rdata_text.h"
#include "zone/field/text.h"
#include "zone/message/parsed.h"

namespace {

using dns::test::QueryBytes;

constexpr std::string_view kZone = R"(
@ 300 SOA ns hostmaster 1 7200 3600 1209600 60
@ 300 NS ns
ns 300 A 192.0.2.53
www 60 A 192.0.2.1
www 60 RRSIG A 13 2 60 20300101000000 20200101000000 1 example. AAAA
site 60 A 192.0.2.20
)";

server::Endpoint endpoint(std::string_view text, std::uint16_t port = 5353) {
  server::Endpoint endpoint;
  const auto octets = dns::test::address(text);
  std::ranges::copy(octets, endpoint.address.begin());
  endpoint.address_size = static_cast<std::uint8_t>(octets.size());
  endpoint.port = port;
  return endpoint;
}

// www: clients of the view `closed` that query a local address of the view get 10.0.0.1. All others get the zone's
// address. site: each query gets a new choice, by weight.
std::shared_ptr<const dns::Snapshot> chosen_zones() {
  const auto views = std::make_shared<const dns::ViewTable>(
      std::vector{dns::test::view("closed", {"10.0.0.0/8"}, {"10.1.0.53", "fd00::53"})});
  auto zone = dns::test::zone_of("example.", kZone);
  const dns::ClientChoice www{
      .variants = {dns::test::address_set({"10.0.0.1"}), dns::test::address_set({"192.0.2.1"}, 20)},
      .rules = {dns::test::arm_of(0, 0), dns::test::arm_of(dns::kNoView, 1)}};
  dns::ClientChoice site{
      .variants = {dns::test::address_set({"192.0.2.20"}), dns::test::address_set({"192.0.2.21"})},
      .rules = {dns::test::arm_of(
          dns::kNoView, dns::test::dealt(std::vector<std::uint32_t>{70, 30}, std::vector<std::uint64_t>{1, 2}))}};
  site.rules[0].sticky = dns::Sticky::kNone;
  zone = dns::test::with_choice(zone, dns::test::name_of("www.example."), dns::Type::A, www);
  zone = dns::test::with_choice(zone, dns::test::name_of("site.example."), dns::Type::A, site);
  const std::shared_ptr<const dns::Zone> added[] = {zone};
  return dns::Snapshot::of({})->with(added, {}, views);
}

class Querier {
 public:
  // The types and the A RDATA of the answer section.
  std::string ask(const QueryBytes& query, const server::Endpoint& client, const server::Endpoint& local) {
    const auto bytes = dns::test::octets_of(query);
    const server::Inbound inbound{
        .bytes = bytes, .client = client, .local = local, .transport = &server::Transport::kUdp};
    const auto message = dns::read_message(dns::Bytes(buffer_).first(responder_.respond(inbound, *snapshot_, buffer_)));
    REQUIRE(message.has_value());
    std::string text;
    for (const dns::ParsedRecord& record : message->sections[0]) {
      text += (text.empty() ? "" : " ") + dns::to_text(record.type);
      if (record.type != dns::Type::A) continue;
      text += ' ';
      dns::append_rdata(text, record.type, record.rdata);
    }
    return text;
  }

 private:
  server::Counters counters_;
  server::Responder responder_{{}, counters_};
  std::shared_ptr<const dns::Snapshot> snapshot_ = chosen_zones();
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(dns::kMaxMessage);
};

QueryBytes www() { return {.name = "www.example."}; }

// EDNS Client Subnet (RFC 7871) of an IPv4 /24.
QueryBytes with_subnet(std::string_view subnet, std::uint16_t flags = 0) {
  QueryBytes query = www();
  const auto octets = dns::test::address(subnet);
  query.edns = QueryBytes::Edns{.flags = flags, .options = {0, 8, 0, 7, 0, 1, 24, 0, octets[0], octets[1], octets[2]}};
  return query;
}

}  // namespace

TEST_CASE("client choice: the client address and the local address select the answer") {
  Querier querier;
  struct Row {
    std::string_view client, local, answer;
  };
  const Row rows[] = {
      {"10.2.3.4", "10.1.0.53", "A 10.0.0.1"},     {"::ffff:10.2.3.4", "::ffff:10.1.0.53", "A 10.0.0.1"},
      {"10.2.3.4", "fd00::53", "A 10.0.0.1"},      {"10.2.3.4", "192.0.2.53", "A 192.0.2.1"},
      {"192.0.2.200", "10.1.0.53", "A 192.0.2.1"}, {"2001:db8::1", "fd00::53", "A 192.0.2.1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.client);
    CAPTURE(row.local);
    CHECK(querier.ask(www(), endpoint(row.client), endpoint(row.local, 53)) == row.answer);
  }
}

TEST_CASE("client choice: EDNS Client Subnet does not change the view") {
  Querier querier;
  const auto at = endpoint("10.1.0.53", 53);
  CHECK(querier.ask(with_subnet("10.2.3.0"), endpoint("192.0.2.200"), at) == "A 192.0.2.1");
  CHECK(querier.ask(with_subnet("192.0.2.0"), endpoint("10.2.3.4"), at) == "A 10.0.0.1");
}

TEST_CASE("client choice: RRSIG records are sent only with the RRset that they sign") {
  Querier querier;
  QueryBytes query = www();
  query.edns = QueryBytes::Edns{.flags = 0x8000, .options = {}};
  CHECK(querier.ask(query, endpoint("192.0.2.200"), endpoint("10.1.0.53", 53)) == "A 192.0.2.1 RRSIG");
  CHECK(querier.ask(query, endpoint("10.2.3.4"), endpoint("10.1.0.53", 53)) == "A 10.0.0.1");
}

TEST_CASE("client choice: without stickiness, client port and message ID distribute the queries by weight") {
  Querier querier;
  int first = 0;
  for (std::uint16_t i = 0; i < 10000; ++i) {
    QueryBytes query{.name = "site.example.", .id = i};
    first += querier.ask(query, endpoint("192.0.2.200", static_cast<std::uint16_t>(40000 + i % 7)),
                         endpoint("192.0.2.53", 53)) == "A 192.0.2.20"
                 ? 1
                 : 0;
  }
  CHECK(first > 6800);
  CHECK(first < 7200);
}
