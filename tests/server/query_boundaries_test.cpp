// The places where others extend the query path: an opcode, a filter and a transport, each added by one class and one
// row.
#include <doctest/doctest.h>

#include "server/listen/listeners.h"
#include "server/query/responder.h"
#include "tests/support/all_kinds.h"
#include "tests/support/query_bytes.h"
#include "zone/message/parsed.h"

using namespace server;

namespace {

using dns::test::QueryBytes;

// ---- an opcode: NOTIFY, which echoes the request

class EchoHandler final : public OpcodeHandler {
 public:
  RequestOutcome answer(const RequestView& request) override {
    std::ranges::copy(request.inbound.bytes, request.out.begin());
    request.out[2] |= 0x80;
    return Sent{request.inbound.bytes.size(), dns::Rcode::NOERROR};
  }
};

OpcodeRow echo_row() {
  return {dns::Opcode::NOTIFY, dns::Operation::kTransfer,
          [](const ResponderOptions&, Counters&) { return std::make_unique<EchoHandler>(); }};
}

// ---- a filter: at most `most` replies; it marks those that it lets pass

class LimitFilter final : public Filter {
 public:
  explicit LimitFilter(int most) : left_(most) {}

  std::optional<Disposition> before(RequestView&) override {
    if (left_-- > 0) return std::nullopt;
    return Disposition{Disposition::Kind::kDrop};
  }
  RequestOutcome after(const RequestView& request, RequestOutcome outcome) override {
    if (std::holds_alternative<Sent>(outcome)) request.out[3] |= 0x40;  // the Z bit
    return outcome;
  }

 private:
  int left_;
};

FilterRow limit_row(int most) {
  return {FilterRow::Scope::kAll,
          [most](const ResponderOptions&, Counters&) { return std::make_unique<LimitFilter>(most); }};
}

// ---- a transport: messages from memory, with the limit of a datagram

constexpr Transport kMemory{.name = "memory", .number = 2, .budget = Transport::Budget::kDatagram, .stream = false};

struct Conversation {
  std::vector<std::vector<std::uint8_t>> requests, replies;
};

class MemoryListener final : public Listener {
 public:
  explicit MemoryListener(Conversation& conversation) : conversation_(conversation) {}

  dns::Result<std::uint16_t, SocketError> probe(const ListenAddress& endpoint) override {
    return static_cast<std::uint16_t>(endpoint.port == 0 ? 4711 : endpoint.port);
  }
  dns::Result<void, SocketError> bind(const ListenAddress&) override {
    ++sockets_;
    return {};
  }
  std::size_t sockets() const override { return sockets_; }
  std::size_t readers() const override { return 1; }
  dns::Result<void, std::string> start(const ListenerContext& context) override {
    Counters& counters = context.add_counters();
    return context.add_thread({"memory", std::nullopt, 0}, [this, context, &counters] { serve(context, counters); });
  }
  void stop() override {}

 private:
  void serve(const ListenerContext& context, Counters& counters) {
    Responder responder(context.responder, counters, context.tables);
    for (const std::vector<std::uint8_t>& request : conversation_.requests) {
      std::vector<std::uint8_t> reply(dns::kMaxMessage);
      const PublishedSnapshot::ReadGuard snapshot(context.snapshots, context.first_reader);
      reply.resize(
          responder.respond({.bytes = request, .client = {}, .local = {}, .transport = &kMemory}, *snapshot, reply));
      conversation_.replies.push_back(std::move(reply));
    }
  }

  Conversation& conversation_;
  std::size_t sockets_ = 0;
};

std::vector<std::uint8_t> request_of(dns::Opcode opcode, std::string_view name = "ns.example.") {
  return dns::test::octets_of({.name = name,
                               .type = dns::Type::A,
                               .klass = dns::Class::IN,
                               .id = 1,
                               .flags = static_cast<std::uint16_t>(static_cast<unsigned>(opcode) << 11)});
}

std::shared_ptr<const dns::Snapshot> with_transfers_allowed() {
  dns::AccessRule rule;
  rule.operations = 0b10;
  auto policy = std::make_shared<const dns::ZonePolicy>(std::vector{rule});
  std::vector<std::pair<dns::Name, dns::ZonePolicies::Policy>> none;
  return dns::test::all_kinds()->with({}, {}, nullptr,
                                      std::make_shared<const dns::ZonePolicies>(std::move(none), std::move(policy)));
}

}  // namespace

TEST_CASE("boundaries: an opcode is a handler and a row; the access rules see its zone and its operation") {
  RequestTables tables = standard_tables();
  tables.opcodes.push_back(echo_row());
  Counters counters;
  Responder responder({}, counters, tables);
  std::vector<std::uint8_t> out(dns::kMaxMessage);
  const auto rcode = [&](const std::vector<std::uint8_t>& request, const dns::Snapshot& snapshot) {
    const std::size_t size = responder.respond({.bytes = request, .client = {}, .local = {}}, snapshot, out);
    REQUIRE(size >= dns::kHeaderSize);
    return static_cast<dns::Rcode>(out[3] & 0xf);
  };
  const auto open = with_transfers_allowed(), closed = dns::test::all_kinds();
  CHECK(rcode(request_of(dns::Opcode::NOTIFY), *open) == dns::Rcode::NOERROR);
  CHECK(rcode(request_of(dns::Opcode::NOTIFY), *closed) == dns::Rcode::REFUSED);
  CHECK(rcode(request_of(dns::Opcode::NOTIFY, "com."), *open) == dns::Rcode::REFUSED);
  CHECK(rcode(request_of(dns::Opcode::UPDATE), *open) == dns::Rcode::NOTIMP);
  CHECK(rcode(request_of(dns::Opcode::QUERY), *open) == dns::Rcode::NOERROR);
  std::vector<std::uint8_t> two_zones = request_of(dns::Opcode::NOTIFY);
  two_zones[5] = 2;
  CHECK(rcode(two_zones, *open) == dns::Rcode::FORMERR);
  std::vector<std::uint8_t> cut = request_of(dns::Opcode::NOTIFY);
  cut.resize(cut.size() - 3);
  CHECK(rcode(cut, *open) == dns::Rcode::FORMERR);
}

TEST_CASE("boundaries: a filter is a class and a row; it sees fast answers, errors and other classes") {
  RequestTables tables = standard_tables();
  tables.filters.push_back(limit_row(4));
  Counters counters;
  Responder responder({}, counters, tables);
  const auto snapshot = dns::test::all_kinds();
  std::vector<std::uint8_t> out(dns::kMaxMessage);
  std::vector<std::uint8_t> malformed = request_of(dns::Opcode::QUERY);
  malformed.pop_back();
  for (const std::vector<std::uint8_t>& request :
       {request_of(dns::Opcode::QUERY), request_of(dns::Opcode::QUERY, "no.example."), malformed,
        request_of(dns::Opcode::UPDATE)}) {
    REQUIRE(responder.respond({.bytes = request, .client = {}, .local = {}}, *snapshot, out) > 0);
    CHECK((out[3] & 0x40) != 0);
  }
  const std::vector<std::uint8_t> last = request_of(dns::Opcode::QUERY);
  CHECK(responder.respond({.bytes = last, .client = {}, .local = {}}, *snapshot, out) == 0);
  CHECK(counters.dropped.value() == 1);
  CHECK(counters.answers.value() == 4);
}

TEST_CASE("boundaries: a transport is a listener and a row") {
  Conversation conversation;
  conversation.requests = {request_of(dns::Opcode::QUERY), request_of(dns::Opcode::QUERY, "no.example.")};
  std::vector<std::unique_ptr<Listener>> listeners;
  listeners.push_back(std::make_unique<MemoryListener>(conversation));
  ListenOptions options;
  options.addresses = {ListenAddress{Endpoint{.address = {192, 0, 2, 53}, .address_size = 4, .port = 0}, {}}};
  const ResponderOptions responder;
  Listeners all(options, responder, standard_tables(), nullptr, std::move(listeners));
  REQUIRE(all.bind().has_value());
  REQUIRE(all.addresses().size() == 1);
  CHECK(all.addresses()[0].port == 4711);
  PublishedSnapshot snapshots(dns::test::all_kinds(), all.readers());
  REQUIRE(all.start(snapshots).has_value());
  all.stop();
  REQUIRE(conversation.replies.size() == 2);
  CHECK(dns::read_message(conversation.replies[0])->section(dns::Section::kAnswer).size() == 1);
  CHECK((conversation.replies[1][3] & 0xf) == static_cast<int>(dns::Rcode::NXDOMAIN));
  REQUIRE(all.counters().size() == 1);
  CHECK(all.counters()[0].queries[kMemory.number].value() == 2);
  CHECK(all.counters()[0].queries[Transport::kUdp.number].value() == 0);
}
