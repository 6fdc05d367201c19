// The messages of a zone transfer, compared with the records of the zone.
#include <algorithm>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/query_bytes.h"
#include "tests/support/zone_from_text.h"
#include "zone/answer/transfer.h"
#include "zone/message/parsed.h"
#include "zone/name/text.h"

namespace {

using dns::TransferMessages;
using dns::Type;

struct Record {
  std::string owner;  // with its case
  Type type{};
  std::uint32_t ttl = 0;
  std::vector<std::uint8_t> rdata;

  friend bool operator==(const Record&, const Record&) = default;
};

// The records of the zone in their order, with the SOA at the beginning and at the end.
std::vector<Record> records_of(const dns::Zone& zone) {
  std::vector<Record> records;
  Record soa;
  zone.for_each([&](const dns::NodeView& node) {
    for (std::size_t i = 0; i < node.set_count(); ++i) {
      const dns::RrsetView set = node.set(i);
      for (const dns::Bytes rdata : set) {
        const Record record{dns::to_text(node.owner()), set.type, set.ttl, {rdata.begin(), rdata.end()}};
        (set.type == Type::SOA && node.relative_owner().empty() ? soa : records.emplace_back()) = record;
      }
    }
    return true;
  });
  records.insert(records.begin(), soa);
  records.push_back(soa);
  return records;
}

struct Sent {
  std::vector<Record> records;
  std::vector<dns::ParsedMessage> messages;
  std::vector<std::size_t> sizes;
  bool complete = false;  // else a record did not fit
};

Sent transfer(const dns::Zone& zone, const dns::test::QueryBytes& request, std::size_t room = dns::kMaxMessage,
              TransferMessages::Content content = TransferMessages::Content::kZone) {
  Sent sent;
  std::vector<std::uint8_t> octets = dns::test::octets_of(request), out(room);
  dns::Query query = dns::parse_query(octets).query;
  dns::ResponseEdns edns{.present = query.edns.present};
  TransferMessages messages(zone, query, edns, content);
  std::ranges::fill(octets, std::uint8_t{0xee});  // it borrows nothing of the request
  while (const auto written = messages.next(out)) {
    sent.sizes.push_back(written->size);
    const auto message = dns::read_message(dns::Bytes(out).first(written->size));
    REQUIRE(message.has_value());
    sent.messages.push_back(*message);
    for (const dns::ParsedRecord& record : message->section(dns::Section::kAnswer))
      sent.records.push_back({dns::to_text(record.owner), record.type, record.ttl, record.rdata});
    if (!written->last) continue;
    sent.complete = true;
    break;
  }
  return sent;
}

// All that a zone can hold: glue, data below cuts and below a DNAME, a wildcard, several signatures, mixed case.
constexpr std::string_view kAll =
    "@ 300 SOA Ns.example. host 7 3600 600 86400 60\n"
    "@ NS ns\n@ MX 10 Mail.Example.\n@ RRSIG SOA 13 1 300 20300101000000 20200101000000 1 example. AAAA\n"
    "@ RRSIG NS 13 1 300 20300101000000 20200101000000 1 example. AAAA\n"
    "WwW A 192.0.2.1\nwww A 192.0.2.2\n*.wild TXT w\nns A 192.0.2.53\n"
    "sub NS ns.sub\nns.sub A 192.0.2.54\nhidden.sub A 192.0.2.55\n"
    "other DNAME example.net.\nbelow.other A 192.0.2.56\n"
    "_sip._tcp SRV 1 2 5060 WWW\nalias CNAME www\n\\000\\046\\255 TYPE65400 \\# 3 010203\n";

}  // namespace

TEST_CASE("transfer: the SOA, every record of the zone in its case, and the SOA again") {
  const auto zone = dns::test::zone_of("example.", kAll);
  for (const bool edns : {false, true}) {
    const Sent sent = transfer(*zone, {.name = "EXAMPLE.",
                                       .type = Type::AXFR,
                                       .flags = dns::Flag::kRd,
                                       .edns = edns ? std::optional(dns::test::QueryBytes::Edns()) : std::nullopt});
    REQUIRE(sent.complete);
    CHECK(sent.records == records_of(*zone));
    REQUIRE(sent.messages.size() == 1);
    const dns::ParsedMessage& message = sent.messages.front();
    CHECK(message.header.id == 0x4711);
    CHECK(message.header.flags == (dns::Flag::kQr | dns::Flag::kAa | dns::Flag::kRd));
    REQUIRE(message.questions.size() == 1);
    CHECK(dns::to_text(message.questions.front().name) == "EXAMPLE.");
    CHECK(message.header.additionals == (edns ? 1 : 0));
    CHECK((message.opt() != nullptr) == edns);
  }
}

TEST_CASE("transfer: messages of any size have all records, in their order") {
  std::string text(kAll);
  std::mt19937 random(11);
  for (int i = 0; i < 3000; ++i)
    text += "h" + std::to_string(random() % 2000) + " A 10." + std::to_string(i / 250) + ".1." +
            std::to_string(i % 250) + "\n";
  for (int i = 0; i < 4000; ++i) text += "many TXT \"" + std::string(random() % 40, 'x') + std::to_string(i) + "\"\n";
  const auto zone = dns::test::zone_of("example.", text);
  const std::vector<Record> expected = records_of(*zone);
  for (int round = 0; round < 60; ++round) {
    const std::size_t room = round == 0 ? dns::kMaxMessage : 200 + random() % (round % 2 == 0 ? 1000 : 30'000);
    CAPTURE(room);
    const Sent sent = transfer(*zone, {.type = Type::AXFR, .edns = dns::test::QueryBytes::Edns()}, room);
    REQUIRE(sent.complete);
    REQUIRE(sent.records == expected);
    for (std::size_t i = 0; i < sent.messages.size(); ++i) {
      REQUIRE(sent.sizes[i] <= std::min(room, dns::kTransferFill + dns::kOptSize));
      REQUIRE(sent.messages[i].header.questions == (i == 0 ? 1 : 0));
      REQUIRE(sent.messages[i].header.additionals == (i == 0 ? 1 : 0));
      REQUIRE(sent.messages[i].header.id == 0x4711);
    }
    // A message ends only because the next record does not fit.
    if (round == 0) CHECK(*std::ranges::min_element(sent.sizes.begin(), sent.sizes.end() - 1) > 16'000);
  }
}

TEST_CASE("transfer: a large record makes a large message; one that does not fit ends the transfer") {
  std::string strings;
  for (int i = 0; i < 235; ++i) strings += " \"" + std::string(254, 'a') + "\"";
  const auto zone = dns::test::zone_of(
      "example.", "@ SOA ns. a. 1 1 1 1 1\n@ NS ns.\nbig TXT" + strings + "\nbig TXT small\nwww A 192.0.2.1\n");
  const Sent sent = transfer(*zone, {.type = Type::AXFR});
  CHECK(sent.complete);
  CHECK(sent.records == records_of(*zone));
  CHECK(std::ranges::count_if(sent.sizes, [](std::size_t size) { return size > 59'000; }) == 1);
  const Sent cut = transfer(*zone, {.type = Type::AXFR}, 50'000);
  CHECK_FALSE(cut.complete);
  CHECK(cut.records.size() < sent.records.size());
  CHECK_FALSE(transfer(*zone, {.type = Type::AXFR}, dns::kHeaderSize).complete);
}

TEST_CASE("transfer: one SOA, for a client that has this version") {
  const auto zone = dns::test::zone_of("example.", kAll);
  const Sent sent = transfer(*zone, {.type = Type::IXFR}, dns::kClassicUdpSize, TransferMessages::Content::kSoa);
  CHECK(sent.complete);
  REQUIRE(sent.records.size() == 1);
  CHECK(sent.records.front() == records_of(*zone).front());
}
