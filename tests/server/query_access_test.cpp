// Access rules on the query path: every cell of transports x zones x requests x clients x keys, from one table of
// rules.
#include <optional>

#include <doctest/doctest.h>

#include "server/query/responder.h"
#include "tests/support/choices.h"
#include "tests/support/keys.h"
#include "tests/support/query_bytes.h"
#include "tests/support/zone_from_text.h"
#include "zone/field/text.h"
#include "zone/message/parsed.h"

using namespace server;

namespace {

using dns::AccessRule;
using dns::Operation;
using dns::test::QueryBytes;

// The rules of one zone, each as "deny 10.9.0.0/16 udp query key.": action, clients, transport, operation, key; "-" is
// all.
using RuleRow = std::array<std::string_view, 5>;
struct ZoneRow {
  const char* apex;
  std::vector<RuleRow> rules;
};

const ZoneRow kZones[] = {
    {"open.", {}},
    {"office.", {{"deny", "10.9.0.0/16", "-", "query", "-"}, {"allow", "10.0.0.0/8", "-", "query", "-"}}},
    {"v6.", {{"allow", "2001:db8::/32", "-", "query", "-"}}},
    {"stream.", {{"allow", "-", "tcp", "query", "-"}}},
    {"blocked.", {{"deny", "192.0.2.7", "-", "-", "-"}}},
    {"backup.", {{"allow", "192.0.2.7", "tcp", "transfer", "-"}}},
    {"closed.", {{"deny", "-", "-", "-", "-"}}},
    {"keyed.", {{"allow", "-", "-", "transfer", "right."}}},
    {"keyed-address.", {{"allow", "192.0.2.7", "tcp", "-", "right."}, {"allow", "10.0.0.0/8", "-", "query", "-"}}},
    {"not-other.", {{"deny", "-", "-", "-", "other."}, {"allow", "-", "-", "transfer", "-"}}},
};

struct KeyRow {
  const char* what;
  const char* name;  // of the key; empty: not signed
  std::uint64_t time;
  bool same_secret;
  dns::TsigError error;
};

constexpr KeyRow kKeys[] = {
    {"not signed", "", 0, true, dns::TsigError::kNone},
    {"right", "right.", test::kNow, true, dns::TsigError::kNone},
    {"other", "other.", test::kNow, true, dns::TsigError::kNone},
    {"wrong secret", "right.", test::kNow, false, dns::TsigError::kBadSig},
    {"unknown", "unknown.", test::kNow, false, dns::TsigError::kBadKey},
    {"out of time", "right.", test::kNow - 301, true, dns::TsigError::kBadTime},
};

const std::shared_ptr<const KeyRing>& server_ring() {
  static const auto ring = test::ring_of({test::key_of("right."), test::key_of("other.", "hmac-sha512")});
  return ring;
}

const dns::TsigKey& client_key(const KeyRow& row) {
  static const auto wrong = test::ring_of({test::key_of("right.", "hmac-sha256", 9), test::key_of("unknown.")});
  return *(row.same_secret ? *server_ring() : *wrong).find(dns::test::name_of(row.name));
}

// NOTIFY as an operation that access rules know: it is answered with the header.
class HeaderHandler final : public OpcodeHandler {
 public:
  RequestOutcome answer(const RequestView& request) override {
    return Sent{dns::render_error(request.query, request.inbound.bytes, dns::Rcode::NOERROR, {}, request.out),
                dns::Rcode::NOERROR};
  }
};

RequestTables tables() {
  RequestTables tables = standard_tables();
  tables.clock = test::still_clock;
  tables.opcodes.push_back({dns::Opcode::NOTIFY, Operation::kTransfer,
                            [](const ResponderOptions&, Counters&) { return std::make_unique<HeaderHandler>(); }});
  return tables;
}

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
    {"IXFR", dns::Opcode::QUERY, dns::Type::IXFR, Operation::kTransfer, dns::Rcode::FORMERR},
    {"NOTIFY", dns::Opcode::NOTIFY, dns::Type::SOA, Operation::kTransfer, dns::Rcode::NOERROR},
    {"UPDATE", dns::Opcode::UPDATE, dns::Type::SOA, std::nullopt, dns::Rcode::NOTIMP},
    {"STATUS", dns::Opcode::STATUS, dns::Type::SOA, std::nullopt, dns::Rcode::NOTIMP},
};

bool listed(std::string_view prefix, dns::Bytes client) {
  return prefix == "-" || dns::contains(*dns::parse_prefix(prefix), client);
}

// The meaning of the rules, from their text.
bool expected(const ZoneRow& zone, std::string_view transport, Operation operation, dns::Bytes client,
              std::string_view key) {
  const std::string_view word = operation == Operation::kQuery ? "query" : "transfer";
  bool otherwise = operation == Operation::kQuery;
  for (const auto& [action, clients, over, what, signer] : zone.rules) {
    if (what != "-" && what != word) continue;
    if (action == "allow") otherwise = false;
    if (listed(clients, client) && (over == "-" || over == transport) && (signer == "-" || signer == key))
      return action == "allow";
  }
  return otherwise;
}

AccessRule rule_of(const RuleRow& row) {
  const auto& [action, clients, over, what, key] = row;
  AccessRule rule;
  rule.action = action == "allow" ? AccessRule::Action::kAllow : AccessRule::Action::kDeny;
  if (clients != "-") rule.clients.push_back(*dns::parse_prefix(clients));
  for (const Transport* transport : kTransports)
    if (over == transport->name) rule.transports = static_cast<std::uint8_t>(1U << transport->number);
  rule.operations = what == "query" ? 0b01 : what == "transfer" ? 0b10 : 0b11;
  if (key != "-") rule.keys.push_back(server_ring()->find(dns::test::name_of(key))->number());
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
      ->with({}, {}, nullptr, std::make_shared<const dns::ZonePolicies>(std::move(policies), nullptr, server_ring()));
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

namespace {

struct Cell {
  const Transport& transport;
  const ZoneRow& zone;
  const RequestRow& request;
  std::string_view client;
  const KeyRow& key;
};

// The reply of a signed request has a right signature; of one with a wrong signature, an error.
void check_signature(TsigClient& client, const Cell& cell, dns::Bytes reply) {
  const dns::TsigSearch search = dns::find_tsig(reply);
  REQUIRE((search.presence == dns::TsigPresence::kLast) == (*cell.key.name != 0));
  if (*cell.key.name == 0) return;
  REQUIRE(dns::read_tsig(reply, search.at)->error == cell.key.error);
  const bool right = cell.key.error == dns::TsigError::kNone;
  REQUIRE(client.verify(reply, test::kNow) == (right ? TsigFault::kNone : TsigFault::kRejected));
}

// True if the request was refused.
bool check_cell(Responder& responder, const dns::Snapshot& snapshot, const Cell& cell) {
  static std::vector<std::uint8_t> out(dns::kMaxMessage);
  std::vector<std::uint8_t> octets = request_octets(cell.zone, cell.request);
  const std::vector<std::uint8_t> address = dns::test::address(cell.client);
  TsigClient client(*cell.key.name == 0 ? *server_ring()->find(dns::test::name_of("right.")) : client_key(cell.key));
  if (*cell.key.name != 0) client.sign(octets, cell.key.time);
  Inbound inbound{.bytes = octets, .client = {}, .local = {}, .transport = &cell.transport};
  std::ranges::copy(address, inbound.client.address.begin());
  inbound.client.address_size = static_cast<std::uint8_t>(address.size());
  const dns::Bytes reply = dns::Bytes(out).first(responder.respond(inbound, snapshot, out));
  const auto message = dns::read_message(reply);
  REQUIRE(message.has_value());
  check_signature(client, cell, reply);
  const auto rcode = static_cast<dns::Rcode>(message->rcode());
  if (cell.key.error != dns::TsigError::kNone) {
    REQUIRE(rcode == dns::Rcode::NOTAUTH);
    return false;
  }
  const bool allowed = !cell.request.operation ||
                       expected(cell.zone, cell.transport.name, *cell.request.operation, address, cell.key.name);
  REQUIRE(rcode == (allowed ? cell.request.allowed : dns::Rcode::REFUSED));
  if (allowed) return false;
  REQUIRE(extended_error(*message) == 18 + 1);
  REQUIRE(message->section(dns::Section::kAnswer).empty());
  return true;
}

}  // namespace

TEST_CASE("access: each transport, zone, request, client and key gets what the rules of the zone say") {
  const auto snapshot = served_zones_with_rules();
  Counters counters;
  Responder responder({}, counters, tables());
  std::uint64_t refused = 0, cells = 0;
  for (const Transport* transport : kTransports)
    for (const ZoneRow& zone : kZones)
      for (const RequestRow& request : kRequests)
        for (const std::string_view client : kClients)
          for (const KeyRow& key : kKeys) {
            CAPTURE(transport->name);
            CAPTURE(zone.apex);
            CAPTURE(request.what);
            CAPTURE(client);
            CAPTURE(key.what);
            refused += check_cell(responder, *snapshot, {*transport, zone, request, client, key}) ? 1 : 0;
            REQUIRE(counters.prohibited.value() == refused);
            ++cells;
          }
  CHECK(cells ==
        kTransports.size() * std::size(kZones) * std::size(kRequests) * std::size(kClients) * std::size(kKeys));
  CHECK(counters.verified.value() == cells / std::size(kKeys) * 2);
  CHECK(counters.unverified.value() == cells / std::size(kKeys) * 3);
  CHECK(refused > 300);
}

TEST_CASE("access: in a batch, zones with and without rules get the same replies as alone") {
  const auto snapshot = served_zones_with_rules();
  Counters counters;
  Responder responder({}, counters, tables());
  std::vector<std::vector<std::uint8_t>> requests, rooms;
  for (const ZoneRow& zone : kZones)
    for (const RequestRow& request : kRequests) {
      requests.push_back(request_octets(zone, request));
      for (const KeyRow& key : kKeys) {
        if (*key.name == 0) continue;
        requests.push_back(request_octets(zone, request));
        TsigClient(client_key(key)).sign(requests.back(), key.time);
      }
    }
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
