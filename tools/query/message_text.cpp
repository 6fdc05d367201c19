#include "tools/query/message_text.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "zone/field/rdata_text.h"
#include "zone/field/text.h"
#include "zone/name/text.h"

namespace tools {
namespace {

using dns::Section;

struct FlagRow {
  std::uint16_t bit;
  std::string_view name;      // in dig's output
  std::string_view json_key;  // RFC 8427 2.1
};

constexpr FlagRow kFlags[] = {
    {dns::Flag::kQr, "qr", "QR"}, {dns::Flag::kAa, "aa", "AA"}, {dns::Flag::kTc, "tc", "TC"},
    {dns::Flag::kRd, "rd", "RD"}, {dns::Flag::kRa, "ra", "RA"}, {dns::Flag::kAd, "ad", "AD"},
    {dns::Flag::kCd, "cd", "CD"},
};

struct SectionRow {
  Section section;
  std::string_view heading;
  std::string_view json_key;  // RFC 8427 2.1
};

constexpr SectionRow kSections[] = {
    {Section::kAnswer, "ANSWER", "answerRRs"},
    {Section::kAuthority, "AUTHORITY", "authorityRRs"},
    {Section::kAdditional, "ADDITIONAL", "additionalRRs"},
};

constexpr std::string_view kErrorNames[] = {
    // RFC 8914 section 4, indexed by INFO-CODE
    "Other Error",
    "Unsupported DNSKEY Algorithm",
    "Unsupported DS Digest Type",
    "Stale Answer",
    "Forged Answer",
    "DNSSEC Indeterminate",
    "DNSSEC Bogus",
    "Signature Expired",
    "Signature Not Yet Valid",
    "DNSKEY Missing",
    "RRSIGs Missing",
    "No Zone Key Bit Set",
    "NSEC Missing",
    "Cached Error",
    "Not Ready",
    "Blocked",
    "Censored",
    "Filtered",
    "Prohibited",
    "Stale NXDOMAIN Answer",
    "Not Authoritative",
    "Not Supported",
    "No Reachable Authority",
    "Network Error",
    "Invalid Data",
};

// A line in dig's columns. Fields begin at tab stops; a field that is too long moves the fields after it to the right.
class ColumnLine {
 public:
  ColumnLine& to(std::size_t column) {
    column = std::max(column, at_ + 1);
    const std::size_t tabs = column / kTab - at_ / kTab;
    text_.append(tabs, '\t');
    if (tabs > 0) at_ = column / kTab * kTab;
    text_.append(column - at_, ' ');
    at_ = column;
    return *this;
  }
  ColumnLine& put(std::string_view field) {
    text_ += field;
    at_ += field.size();
    return *this;
  }
  std::string text() { return std::move(text_); }

 private:
  static constexpr std::size_t kTab = 8;
  std::string text_;
  std::size_t at_ = 0;
};

constexpr std::size_t kTtlColumn = 24, kClassColumn = 32, kTypeColumn = 40, kDataColumn = 48;

std::string class_text(std::uint16_t klass) { return dns::to_text(static_cast<dns::Class>(klass)); }

std::string rdata_text(const dns::ParsedRecord& record) {
  std::string out;
  dns::append_rdata(out, record.type, record.rdata);
  return out;
}

std::string hex(dns::Bytes bytes) {
  std::string out;
  for (const std::uint8_t octet : bytes) out += fmt::format("{:02x}", octet);
  return out;
}

std::string spaced_hex(dns::Bytes bytes) { return fmt::format("{:02x}", fmt::join(bytes, " ")); }

// Octets as text; an octet that is not printable becomes a dot.
std::string printable(dns::Bytes bytes) {
  std::string out;
  for (const std::uint8_t octet : bytes) out += octet >= 0x20 && octet < 0x7f ? static_cast<char>(octet) : '.';
  return out;
}

std::string option_text(std::uint16_t code, dns::Bytes value) {
  constexpr std::uint16_t kNsid = 3, kCookie = 10, kKeepalive = 11, kExtendedError = 15;
  if (code == kNsid) return fmt::format("; NSID: {} (\"{}\")\n", spaced_hex(value), printable(value));
  if (code == kCookie) return fmt::format("; COOKIE: {}\n", hex(value));
  if (code == kKeepalive && value.size() == 2)
    return fmt::format("; TCP KEEPALIVE: {}.{} secs\n", dns::load16(value.data()) / 10, dns::load16(value.data()) % 10);
  if (code == kExtendedError && value.size() >= 2) {
    const std::uint16_t info = dns::load16(value.data());
    const std::string_view name = info < std::size(kErrorNames) ? kErrorNames[info] : "Unknown";
    const std::string extra = value.size() > 2 ? fmt::format(": ({})", printable(value.subspan(2))) : "";
    return fmt::format("; EDE: {} ({}){}\n", info, name, extra);
  }
  return fmt::format("; OPT={}: {} (\"{}\")\n", code, spaced_hex(value), printable(value));
}

std::string edns_text(const dns::ParsedRecord& opt) {
  constexpr std::uint32_t kDnssecOk = 0x8000;
  std::string out = fmt::format("\n;; OPT PSEUDOSECTION:\n; EDNS: version: {}, flags:{}; udp: {}\n",
                                opt.ttl >> 16 & 0xff, (opt.ttl & kDnssecOk) != 0 ? " do" : "", opt.klass);
  dns::Bytes left = opt.rdata;
  while (left.size() >= 4) {
    const std::size_t size = std::min<std::size_t>(dns::load16(left.data() + 2), left.size() - 4);
    out += option_text(dns::load16(left.data()), left.subspan(4, size));
    left = left.subspan(4 + size);
  }
  return out;
}

std::string header_text(const dns::ParsedMessage& message) {
  const dns::Header& header = message.header;
  std::string flags;
  for (const FlagRow& row : kFlags)
    if ((header.flags & row.bit) != 0) flags += fmt::format(" {}", row.name);
  return fmt::format(
      ";; ->>HEADER<<- opcode: {}, status: {}, id: {}\n;; flags:{}; QUERY: {}, ANSWER: {}, AUTHORITY: {}, ADDITIONAL: "
      "{}\n",
      dns::to_text(header.opcode()), dns::to_text(static_cast<dns::Rcode>(message.rcode())), header.id, flags,
      header.questions, header.answers, header.authorities, header.additionals);
}

void append_json(Json& json, const dns::ParsedRecord& record) {
  const std::string type = dns::to_text(record.type);
  json.begin_object()
      .key("NAME")
      .string(dns::to_text(record.owner.view()))
      .key("TYPE")
      .number(static_cast<std::uint16_t>(record.type))
      .key("TYPEname")
      .string(type)
      .key("CLASS")
      .number(record.klass)
      .key("CLASSname")
      .string(class_text(record.klass))
      .key("TTL")
      .number(record.ttl)
      .key("RDLENGTH")
      .number(record.rdata.size())
      .key("RDATAHEX")
      .string(hex(record.rdata));
  if (record.type != dns::Type::OPT) json.key(fmt::format("rdata{}", type)).string(rdata_text(record));
  json.end_object();
}

void append_header_json(Json& json, const dns::ParsedMessage& message) {
  const dns::Header& header = message.header;
  json.key("ID").number(header.id);
  json.key("Opcode").number(static_cast<std::uint8_t>(header.opcode()));
  for (const FlagRow& row : kFlags) json.key(row.json_key).number((header.flags & row.bit) != 0 ? 1 : 0);
  json.key("RCODE").number(message.rcode());
  json.key("RCODEname").string(dns::to_text(static_cast<dns::Rcode>(message.rcode())));
  json.key("QDCOUNT").number(header.questions).key("ANCOUNT").number(header.answers);
  json.key("NSCOUNT").number(header.authorities).key("ARCOUNT").number(header.additionals);
}

}  // namespace

std::string dig_text(const dns::ParsedMessage& message) {
  std::string out = header_text(message);
  if (const dns::ParsedRecord* opt = message.opt()) out += edns_text(*opt);
  if (message.opt() == nullptr) out += '\n';  // dig prints no empty line between OPT and the question
  if (!message.questions.empty()) out += ";; QUESTION SECTION:\n";
  for (const dns::ParsedQuestion& question : message.questions)
    out += ';' +
           ColumnLine()
               .put(dns::to_text(question.name.view()))
               .to(kClassColumn)
               .put(dns::to_text(question.klass))
               .to(kTypeColumn)
               .put(dns::to_text(question.type))
               .text() +
           '\n';
  for (const SectionRow& row : kSections) {
    std::string lines;
    for (const dns::ParsedRecord& record : message.section(row.section))
      if (record.type != dns::Type::OPT) lines += dig_text(record) + '\n';
    if (!lines.empty()) out += fmt::format("\n;; {} SECTION:\n{}", row.heading, lines);
  }
  return out;
}

std::string dig_text(const dns::ParsedRecord& record) {
  return ColumnLine()
      .put(dns::to_text(record.owner.view()))
      .to(kTtlColumn)
      .put(fmt::format("{}", record.ttl))
      .to(kClassColumn)
      .put(class_text(record.klass))
      .to(kTypeColumn)
      .put(dns::to_text(record.type))
      .to(kDataColumn)
      .put(rdata_text(record))
      .text();
}

std::string short_text(const dns::ParsedMessage& message) {
  std::string out;
  for (const dns::ParsedRecord& record : message.section(Section::kAnswer)) out += rdata_text(record) + '\n';
  return out;
}

void append_json(Json& json, const dns::ParsedMessage& message) {
  json.begin_object();
  append_header_json(json, message);
  for (const dns::ParsedQuestion& question : message.questions) {
    json.key("QNAME").string(dns::to_text(question.name.view()));
    json.key("QTYPE")
        .number(static_cast<std::uint16_t>(question.type))
        .key("QTYPEname")
        .string(dns::to_text(question.type));
    json.key("QCLASS")
        .number(static_cast<std::uint16_t>(question.klass))
        .key("QCLASSname")
        .string(dns::to_text(question.klass));
  }
  for (const SectionRow& row : kSections) {
    json.key(row.json_key).begin_array();
    for (const dns::ParsedRecord& record : message.section(row.section)) append_json(json, record);
    json.end_array();
  }
  json.end_object();
}

}  // namespace tools
