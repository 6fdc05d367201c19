// Zone transfers as clients ask for them: what they get over each transport, and whom it is refused. The records of a
// transfer are compared in tests/zone/answer_transfer_test.cpp.
#include <array>

#include <doctest/doctest.h>

#include "server/query/responder.h"
#include "server/runtime/pin.h"
#include "tests/support/query_bytes.h"
#include "tests/support/zone_from_text.h"
#include "zone/field/text.h"
#include "zone/message/parsed.h"

using namespace server;

namespace {

using dns::Type;
using dns::test::QueryBytes;
using Octets = std::vector<std::uint8_t>;

constexpr std::uint32_t kSerial = 4'000'000'000;

std::string zone_text(std::uint32_t serial) {
  return "@ SOA ns.open. a. " + std::to_string(serial) + " 1 1 1 1\n@ NS ns.open.\nwww A 192.0.2.1\n";
}

// open. may be transferred, closed. has no rules.
std::shared_ptr<const dns::Snapshot> zones() {
  std::vector<std::shared_ptr<const dns::Zone>> zones;
  for (const char* apex : {"open.", "closed.", "sub.open."})
    zones.push_back(dns::test::zone_of(apex, zone_text(kSerial)));
  zones.push_back(dns::test::zone_of("broken.", ""));  // as one that could not be loaded
  dns::AccessRule rule;
  rule.operations = 0b11;
  const auto policy = std::make_shared<const dns::ZonePolicy>(std::vector{rule});
  std::vector<std::pair<dns::Name, dns::ZonePolicies::Policy>> policies;
  for (const char* apex : {"open.", "broken."}) policies.emplace_back(dns::test::name_of(apex), policy);
  return dns::Snapshot::of(std::move(zones))
      ->with({}, {}, nullptr, std::make_shared<const dns::ZonePolicies>(std::move(policies), nullptr));
}

// An IXFR request for `name`. `soa` are the octets of the RDATA behind two root names; nothing: no record.
Octets ixfr(std::string_view name, std::optional<Octets> soa, std::string_view owner, Type type = Type::SOA) {
  Octets octets = dns::test::octets_of({.name = name, .type = Type::IXFR});
  if (!soa) return octets;
  octets[9] = 1;
  const dns::Name of = dns::test::name_of(owner);
  octets.insert(octets.end(), of.view().bytes().begin(), of.view().bytes().end());
  std::array<std::uint8_t, 12> fixed{};  // type, class, TTL, length, and two root names
  dns::store16(fixed.data(), static_cast<std::uint16_t>(type));
  dns::store16(&fixed[2], static_cast<std::uint16_t>(dns::Class::IN));
  dns::store16(&fixed[8], static_cast<std::uint16_t>(soa->size() + 2));
  octets.insert(octets.end(), fixed.begin(), fixed.end());
  octets.insert(octets.end(), soa->begin(), soa->end());
  return octets;
}

Octets soa_of(std::uint32_t serial, std::size_t size = 20) {
  Octets octets(20);
  dns::store32(octets.data(), serial);
  octets.resize(size);
  return octets;
}

class Asker {
 public:
  // The RCODE and the types of the answers of all messages, as "NOERROR SOA NS A SOA"; "stream failed".
  std::string ask(const Octets& request, const Transport& transport) {
    Responder::Slot slot{{.bytes = request,
                          .client = {.address = {127, 0, 0, 1}, .address_size = 4},
                          .local = {},
                          .transport = &transport},
                         out_};
    responder_.respond({&slot, 1}, *snapshot_);
    stream_ = std::move(slot.stream);
    return stream_ == nullptr ? describe(slot.size) : read_stream();
  }
  std::string read_stream() {
    std::string text;
    while (true) {
      const ReplyStream::Message message = stream_->next(out_);
      if (message.kind == ReplyStream::Message::Kind::kFailed) return "stream failed";
      text += describe(message.size);
      if (message.kind == ReplyStream::Message::Kind::kLast) break;
    }
    stream_.reset();
    return text;
  }
  // Leaves the stream where it begins.
  void begin(const Octets& request) {
    Responder::Slot slot{{.bytes = request, .client = {}, .local = {}, .transport = &Transport::kTcp}, out_};
    responder_.respond({&slot, 1}, *snapshot_);
    stream_ = std::move(slot.stream);
    REQUIRE(stream_ != nullptr);
  }
  void publish(std::shared_ptr<const dns::Snapshot> snapshot) { snapshot_ = std::move(snapshot); }
  const dns::Snapshot& snapshot() const { return *snapshot_; }
  Pins& pins() { return pins_; }

 private:
  std::string describe(std::size_t size) const {
    const auto message = dns::read_message(dns::Bytes(out_).first(size));
    REQUIRE(message.has_value());
    std::string text = dns::to_text(static_cast<dns::Rcode>(message->rcode()));
    for (const dns::ParsedRecord& record : message->section(dns::Section::kAnswer)) {
      text += " " + dns::to_text(record.type);
      if (record.type == Type::A) text += ":" + std::to_string(record.rdata[3]);
    }
    return text;
  }

  Pins pins_;
  Counters counters_;
  Responder responder_{{}, counters_, standard_tables(), {.port = nullptr, .pins = &pins_}};
  std::shared_ptr<const dns::Snapshot> snapshot_ = zones();
  Octets out_ = Octets(dns::kMaxMessage);
  std::unique_ptr<ReplyStream> stream_;
};

}  // namespace

TEST_CASE("transfer: each request and transport gets what RFC 5936 and RFC 1995 say") {
  struct Row {
    const char* what;
    Octets request;
    const char* udp;
    const char* tcp;
  };
  const auto axfr = [](std::string_view name, dns::Class klass = dns::Class::IN) {
    return dns::test::octets_of({.name = name, .type = Type::AXFR, .klass = klass});
  };
  const Row rows[] = {
      {"AXFR", axfr("open."), "NOTIMP", "NOERROR SOA NS A:1 SOA"},
      {"in another case", axfr("OPEN."), "NOTIMP", "NOERROR SOA NS A:1 SOA"},
      {"without a rule", axfr("closed."), "REFUSED", "REFUSED"},
      {"of a zone below, without a rule", axfr("sub.open."), "REFUSED", "REFUSED"},
      {"below an apex", axfr("www.open."), "NOTAUTH", "NOTAUTH"},
      {"of no zone of this server", axfr("com."), "REFUSED", "REFUSED"},
      {"of a zone that could not be loaded", axfr("broken."), "SERVFAIL", "SERVFAIL"},
      {"class ANY", axfr("open.", dns::Class::ANY), "REFUSED", "REFUSED"},
      {"class CH", axfr("open.", dns::Class::CH), "REFUSED", "REFUSED"},
      {"class HS", axfr("open.", static_cast<dns::Class>(4)), "REFUSED", "REFUSED"},
      {"IXFR, an older version", ixfr("open.", soa_of(kSerial - 1), "open."), "NOERROR SOA", "NOERROR SOA NS A:1 SOA"},
      {"IXFR, this version", ixfr("open.", soa_of(kSerial), "Open."), "NOERROR SOA", "NOERROR SOA"},
      {"IXFR, a later version", ixfr("open.", soa_of(5), "open."), "NOERROR SOA", "NOERROR SOA"},
      {"IXFR, half the circle away", ixfr("open.", soa_of(kSerial + 0x8000'0000), "open."), "NOERROR SOA",
       "NOERROR SOA"},
      {"IXFR without a version", ixfr("open.", std::nullopt, ""), "FORMERR", "FORMERR"},
      {"IXFR, the SOA of another name", ixfr("open.", soa_of(1), "sub.open."), "FORMERR", "FORMERR"},
      {"IXFR, no SOA", ixfr("open.", soa_of(1), "open.", Type::MX), "FORMERR", "FORMERR"},
      {"IXFR, half an SOA", ixfr("open.", soa_of(1, 12), "open."), "FORMERR", "FORMERR"},
      {"IXFR, no serial", ixfr("open.", soa_of(1, 3), "open."), "FORMERR", "FORMERR"},
      {"IXFR, more than an SOA", ixfr("open.", soa_of(1, 24), "open."), "FORMERR", "FORMERR"},
      {"IXFR without a rule", ixfr("closed.", soa_of(kSerial), "closed."), "REFUSED", "REFUSED"},
      {"IXFR of a zone that could not be loaded", ixfr("broken.", soa_of(1), "broken."), "SERVFAIL", "SERVFAIL"},
  };
  Asker asker;
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(asker.ask(row.request, Transport::kUdp) == row.udp);
    CHECK(asker.ask(row.request, Transport::kTcp) == row.tcp);
    CHECK(asker.pins().held().pins == 0);
  }
}

TEST_CASE("transfer: what is published meanwhile does not alter it") {
  Asker asker;
  const Octets request = dns::test::octets_of({.name = "open.", .type = Type::AXFR});
  asker.begin(request);
  CHECK(asker.pins().held().pins == 1);
  const std::shared_ptr<const dns::Zone> next[] = {
      dns::test::zone_of("open.", zone_text(kSerial + 1) + "www A 192.0.2.2\nnew A 192.0.2.3\n")};
  asker.publish(asker.snapshot().with(next, {}));
  CHECK(asker.read_stream() == "NOERROR SOA NS A:1 SOA");
  CHECK(asker.ask(request, Transport::kTcp) == "NOERROR SOA NS A:3 A:1 A:2 SOA");
  CHECK(asker.pins().held().pins == 0);
}

TEST_CASE("transfer: it ends where too much memory is held") {
  Asker asker;
  asker.begin(dns::test::octets_of({.name = "open.", .type = Type::AXFR}));
  CHECK(asker.pins().end_oldest());
  CHECK(asker.read_stream() == "stream failed");
}
