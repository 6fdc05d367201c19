// What names look like behind compression (RFC 1035 4.1.4): complete, and in the case of the zone (RFC 4343 4.1).
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "zone/message/parsed.h"
#include "zone/message/writer.h"
#include "zone/name/text.h"

namespace {

// Writes an MX record for each name, and reads them back. "+": pointers have made the message smaller.
std::string written(const char* question, const std::vector<const char*>& hosts) {
  const dns::Name asked = dns::parse_name(question).value();
  std::vector<std::uint8_t> buffer(dns::kMaxMessage);
  const auto compression = std::make_unique<dns::Compression>();
  dns::Writer writer(buffer, *compression);
  REQUIRE(writer.question({asked, dns::Type::MX, dns::Class::IN}));
  std::size_t plain = writer.size();
  for (const char* const host : hosts) {
    const dns::Name target = dns::parse_name(host).value();
    std::vector<std::uint8_t> packed(4);
    dns::store16(packed.data(), static_cast<std::uint16_t>(2 + target.size()));
    packed.insert(packed.end(), target.view().data(), target.view().data() + target.size());
    REQUIRE(writer.rrset(asked, {dns::Type::MX, 1, 60, packed.data()}, 60));
    plain += 2 + 10 + 2 + target.size();
  }
  const std::size_t size = writer.size();
  writer.finish(0, dns::Flag::kQr, {1, static_cast<std::uint16_t>(hosts.size()), 0, 0});
  const auto message = dns::read_message(dns::Bytes(buffer).first(size));
  REQUIRE(message.has_value());
  std::string text;
  for (const dns::ParsedRecord& record : message->section(dns::Section::kAnswer)) {
    const auto name = dns::read_name(dns::Bytes(record.rdata).subspan(2));
    REQUIRE(name.has_value());
    text += dns::to_text(*name) + " ";
  }
  return text + (size < plain ? "+" : "=");
}

}  // namespace

TEST_CASE("writer: names share octets with earlier names of the same case, and with the question in any case") {
  struct Row {
    const char* question;
    std::vector<const char*> hosts;
    const char* read;
  };
  const Row rows[] = {
      {"a.test.", {"mx1.upper.", "mx2.upper."}, "mx1.upper. mx2.upper. +"},
      {"a.test.", {"mx1.UPPER.", "mx2.upper."}, "mx1.UPPER. mx2.upper. ="},
      {"a.test.",
       {"mx1.UPPER.", "mx2.upper.", "mx3.UPPER.", "MX2.upper."},
       "mx1.UPPER. mx2.upper. mx3.UPPER. MX2.upper. +"},
      {"a.test.", {"mx.Sub.upper.", "mx.sub.upper."}, "mx.Sub.upper. mx.sub.upper. +"},
      {"a.TEST.", {"mx1.test.", "mx2.Test."}, "mx1.TEST. mx2.TEST. +"},
      {"a.TEST.", {"mx1.b.test.", "mx2.b.Test.", "mx3.B.test."}, "mx1.b.TEST. mx2.b.TEST. mx3.B.TEST. +"},
      {".", {"MX1.", "mx1.", "MX1."}, "MX1. mx1. MX1. +"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.hosts[0]);
    CHECK(written(row.question, row.hosts) == row.read);
  }
}
