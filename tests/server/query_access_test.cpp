// Access rules on the query path: every cell of transports x requests x clients x zones, from one table of rules.
#include <optional>

#include <doctest/doctest.h>

#include "server/query/responder.h"
#include "tests/support/choices.h"
#include "tests/support/query_bytes.h"
#include "tests/support/zone_from_text.h"
#include "zone/field/text.h"
#include "zone/message/parsed.h"

using namespace server;

namespace {

using dns::AccessRule;
using dns::Operation;
using dns::test::QueryBytes;

// The rules of one zone, each as "deny 10.9.0.0/16 udp query": action, clients, transport, operation; "-" is all.
struct ZoneRow {
  const char* apex;
  std::vector<std::array<std::string_view, 4>> rules;
};

const ZoneRow kZones[] = {
    {"open.", {}},
    {"office.", {{"deny", "10.9.0.0/16", "-", "query"}, {"allow", "10.0.0.0/8", "-", "query"}}},
    {"v6.", {{"allow", "2001:db8::/32", "-", "query"}}},
    {"stream.", {{"allow", "-", "tcp", "query"}}},
    {"blocked.", {{"deny", "192.0.2.7", "-", "-"}}},
    {"backup.", {{"allow", "192.0.2.7", "tcp", "transfer"}}},
    {"closed.", {{"deny", "-", "-", "-"}}},
};

constexpr std::string_view kClients[] = {"10.8.0.1",  "10.9.0.1",    "::ffff:10.8.0.1", "192.0.2.7",
                                         "192.0.2.8", "2001:db8::1", "2001:db9::1",     "0.0.0.0"};

struct RequestRow {
  const char* what;
  dns::Opcode opcode;
  dns::Type type;
  std::optional<Operation> operation;  // nothing: not implemented for anybody
  dns::Rcode allowed;                  // the answer without a rule against it
};

constexpr RequestRow kRequests[] = {
    {"A", dns::Opcode::QUERY, dns::Type::A, Operation::kQuery, dns::Rcode::NOERROR},
    {"CNAME at A", dns::Opcode::QUERY, dns::Type::CNAME, Operation::kQuery, dns::Rcode::NOERROR},
    {"ANY", dns::Opcode::QUERY, dns::Type::ANY, Operation::kQuery, dns::Rcode::NOERROR},
    {"DS", dns::Opcode::QUERY, dns::Type::DS, Operation::kQuery, dns::Rcode::NOERROR},
    {"AXFR", dns::Opcode::QUERY, dns::Type::AXFR, Operation::kTransfer, dns::Rcode::NOTIMP},
    {"IXFR", dns::Opcode::QUERY, dns::Type::IXFR, Operation::kTransfer, dns::Rcode::NOTIMP},
    {"NOTIFY", dns::Opcode::NOTIFY, dns::Type::SOA, std::nullopt, dns::Rcode::NOTIMP},
    {"UPDATE", dns::Opcode::UPDATE, dns::Type::SOA, std::nullopt, dns::Rcode::NOTIMP},
    {"STATUS", dns::Opcode::STATUS, dns::Type::SOA, std::nullopt, dns::Rcode::NOTIMP},
};

bool listed(std::string_view prefix, dns::Bytes client) {
  return prefix == "-" || dns::contains(*dns::parse_prefix(prefix), client);
}

// The meaning of the rules, from their text.
bool expected(const ZoneRow& zone, std::string_view transport, Operation operation, dns::Bytes client) {
  const std::string_view word = operation == Operation::kQuery ? "query" : "transfer";
  bool otherwise = operation == Operation::kQuery;
  for (const auto& [action, clients, over, what] : zone.rules) {
    if (what != "-" && what != word) continue;
    if (action == "allow") otherwise = false;
    if (listed(clients, client) && (over == "-" || over == transport)) return action == "allow";
  }
  return otherwise;
}

AccessRule rule_of(const std::array<std::string_view, 4>& row) {
  const auto& [action, clients, over, what] = row;
  AccessRule rule;
  rule.action = action == "allow" ? AccessRule::Action::kAllow : AccessRule::Action::kDeny;
  if (clients != "-") rule.clients.push_back(*dns::parse_prefix(clients));
  for (const Transport* transport : kTransports)
    if (over == transport->name) rule.transports = static_cast<std::uint8_t>(1U << transport->number);
  rule.operations = what == "query" ? 0b01 : what == "transfer" ? 0b10 : 0b11;
  return rule;
}

std::shared_ptr<const dns::Snapshot> served_zones_with_rules() {
  std::vector<std::shared_ptr<const dns::Zone>> zones;
  std::vector<std::pair<dns::Name, dns::ZonePolicies::Policy>> policies;
  for (const ZoneRow& zone : kZones) {
    zones.push_back(dns::test::zone_of(zone.apex, "@ SOA ns.open. a. 1 1 1 1 1\n@ NS ns.open.\n@ A 192.0.2.1\n"));
    std::vector<AccessRule> rules;
    for (const auto& row : zone.rules) rules.push_back(rule_of(row));
    if (!rules.empty())
      policies.emplace_back(zones.back()->apex(), std::make_shared<const dns::ZonePolicy>(std::move(rules)));
  }
  return dns::Snapshot::of(std::move(zones))
      ->with({}, {}, nullptr, std::make_shared<const dns::ZonePolicies>(std::move(policies), nullptr));
}

std::vector<std::uint8_t> request_octets(const ZoneRow& zone, const RequestRow& request) {
  return dns::test::octets_of({.name = zone.apex,
                               .type = request.type,
                               .klass = dns::Class::IN,
                               .id = 0x4711,
                               .flags = static_cast<std::uint16_t>(static_cast<unsigned>(request.opcode) << 11),
                               .edns = QueryBytes::Edns{}});
}

// INFO-CODE of the extended error plus one; 0: none.
unsigned extended_error(const dns::ParsedMessage& message) {
  const dns::ParsedRecord* opt = message.opt();
  if (opt == nullptr || opt->rdata.size() < 6 || dns::load16(opt->rdata.data()) != 15) return 0;
  return dns::load16(opt->rdata.data() + 4) + 1U;
}

}  // namespace

TEST_CASE("access: each transport, request, client and zone gets what the rules of the zone say") {
  const auto snapshot = served_zones_with_rules();
  Counters counters;
  Responder responder({}, counters);
  std::vector<std::uint8_t> out(dns::kMaxMessage);
  std::uint64_t refused = 0;
  for (const Transport* transport : kTransports)
    for (const ZoneRow& zone : kZones)
      for (const RequestRow& request : kRequests)
        for (const std::string_view text : kClients) {
          CAPTURE(transport->name);
          CAPTURE(zone.apex);
          CAPTURE(request.what);
          CAPTURE(text);
          const std::vector<std::uint8_t> octets = request_octets(zone, request), client = dns::test::address(text);
          Inbound inbound{.bytes = octets, .client = {}, .local = {}, .transport = transport};
          std::ranges::copy(client, inbound.client.address.begin());
          inbound.client.address_size = static_cast<std::uint8_t>(client.size());
          const std::size_t size = responder.respond(inbound, *snapshot, out);
          const auto message = dns::read_message(dns::Bytes(out).first(size));
          REQUIRE(message.has_value());
          const bool allowed = !request.operation || expected(zone, transport->name, *request.operation, client);
          refused += allowed ? 0 : 1;
          REQUIRE(static_cast<dns::Rcode>(message->rcode()) == (allowed ? request.allowed : dns::Rcode::REFUSED));
          if (!allowed) {
            REQUIRE(extended_error(*message) == 18 + 1);
            REQUIRE(message->section(dns::Section::kAnswer).empty());
          }
          REQUIRE(counters.prohibited.value() == refused);
        }
  CHECK(refused > 100);
}

TEST_CASE("access: in a batch, zones with and without rules get the same replies as alone") {
  const auto snapshot = served_zones_with_rules();
  Counters counters;
  Responder responder({}, counters);
  std::vector<std::vector<std::uint8_t>> requests, rooms;
  for (const ZoneRow& zone : kZones)
    for (const RequestRow& request : kRequests) requests.push_back(request_octets(zone, request));
  rooms.assign(requests.size(), std::vector<std::uint8_t>(dns::kMaxMessage));
  std::vector<Responder::Slot> slots(requests.size());
  const Endpoint client{.address = {10, 9, 0, 1}, .address_size = 4, .port = 53};
  for (std::size_t i = 0; i < requests.size(); ++i)
    slots[i] = {{.bytes = requests[i], .client = client, .local = {}}, rooms[i], 0};
  responder.respond(slots, *snapshot);
  std::vector<std::uint8_t> alone(dns::kMaxMessage);
  for (const Responder::Slot& slot : slots) {
    const std::size_t size = responder.respond(slot.inbound, *snapshot, alone);
    REQUIRE(slot.size == size);
    CHECK(std::equal(alone.begin(), alone.begin() + static_cast<std::ptrdiff_t>(size), slot.out.begin()));
  }
}
