#include "zone/message/query.h"

#include <algorithm>
#include <optional>

#include "zone/message/reader.h"

namespace dns {
namespace {

// A query has one question. It may also have EDNS and a signature (TSIG or SIG(0)), and the SOA of IXFR.
constexpr std::uint16_t kMaxAdditionals = 2;
constexpr std::uint16_t kMaxAuthorities = 1;

enum OptionCode : std::uint16_t { kNsid = 3, kCookie = 10, kKeepalive = 11 };

bool counts_are_plain(const Header& header) {
  return header.questions == 1 && header.answers == 0 && header.authorities <= kMaxAuthorities &&
         header.additionals <= kMaxAdditionals;
}

// A pointer leads backward, and nothing precedes the first name of a message: only labels are possible here.
bool read_question(Bytes message, Query& query) {
  const auto name = read_name(message.subspan(kHeaderSize));
  if (!name) return false;
  const std::size_t at = kHeaderSize + name->size();
  if (message.size() - at < 4) return false;
  query.question = {*name, static_cast<Type>(load16(message.data() + at)),
                    static_cast<Class>(load16(message.data() + at + 2))};
  query.question_end = at + 4;
  return true;
}

bool read_options(Bytes options, Edns& edns) {
  while (!options.empty()) {
    if (options.size() < 4) return false;
    const std::uint16_t code = load16(options.data()), length = load16(options.data() + 2);
    if (options.size() - 4U < length) return false;
    const Bytes value = options.subspan(4, length);
    if (code == kNsid) edns.nsid = true;
    if (code == kKeepalive) edns.keepalive = true;
    if (code == kCookie && edns.cookie.empty()) edns.cookie = value;
    options = options.subspan(4U + length);
  }
  return true;
}

struct RawRecord {
  const std::uint8_t* fixed;  // type, class, TTL, length
  Bytes rdata;
  bool at_root;
};

// Skips the owner of a record and returns its RDATA. Names in a request are not expanded.
std::optional<RawRecord> skip_record(Reader& reader, Bytes message) {
  const std::size_t start = reader.at();
  if (!reader.skip_name()) return std::nullopt;
  const bool at_root = message[start] == 0;
  const auto fixed = reader.octets(10);
  if (!fixed) return std::nullopt;
  const auto rdata = reader.octets(load16(fixed->data() + 8));
  if (!rdata) return std::nullopt;
  return RawRecord{fixed->data(), *rdata, at_root};
}

// RFC 6891 6.1.2 and 6.1.3. The version is checked before the options, because it defines their form.
QueryVerdict read_opt(const RawRecord& record, Edns& edns) {
  if (!record.at_root || edns.present) return QueryVerdict::kFormErr;
  edns.present = true;
  edns.payload = std::max<std::uint16_t>(load16(record.fixed + 2), kClassicUdpSize);
  edns.version = record.fixed[5];
  edns.dnssec_ok = (record.fixed[6] & 0x80) != 0;
  if (edns.version > 0) return QueryVerdict::kBadVers;
  return read_options(record.rdata, edns) ? QueryVerdict::kAnswer : QueryVerdict::kFormErr;
}

// A TSIG record is the last one, and no octets are behind it (RFC 8945 5.2).
QueryVerdict read_records(Bytes message, const Header& header, Query& query, TsigSearch& tsig) {
  if (header.authorities > 0 && query.question.type != Type::IXFR) return QueryVerdict::kFormErr;
  Reader reader(message, query.question_end);
  QueryVerdict verdict = QueryVerdict::kAnswer;
  const unsigned records = unsigned{header.authorities} + header.additionals;
  for (unsigned i = 0; i < records; ++i) {
    const std::size_t at = reader.at();
    const auto record = skip_record(reader, message);
    if (!record) return QueryVerdict::kFormErr;
    const Type type = static_cast<Type>(load16(record->fixed));
    if (type == Type::TSIG) {
      if (i + 1 != records || i < header.authorities || reader.left() != 0 || !read_tsig(message, at))
        return QueryVerdict::kFormErr;
      tsig = {TsigPresence::kLast, at};
    }
    if (type != Type::OPT) continue;
    if (i < header.authorities) return QueryVerdict::kFormErr;  // OPT belongs in the additional section only
    const QueryVerdict opt = read_opt(*record, query.edns);
    if (opt == QueryVerdict::kFormErr) return opt;
    if (opt == QueryVerdict::kBadVers) verdict = opt;
  }
  return verdict;  // octets behind a last record of another type are ignored, as other servers do
}

// Parses the most common form in one pass: one question, and at most an OPT record without options. False for any other
// form; `parsed` then holds nothing of use.
bool read_plain(Bytes bytes, ParsedQuery& parsed) {
  constexpr std::uint64_t kQuestion = std::uint64_t{1} << 48;  // counts: one question; bit 0: one additional record
  constexpr std::size_t kTail = 4, kOpt = 11;
  if (bytes.size() < kHeaderSize + 1 + kTail) return false;
  const std::uint8_t* const data = bytes.data();
  const std::uint64_t counts = load64(data + 4);
  const std::uint16_t flags = load16(data + 2);
  if ((flags & (Flag::kQr | 0x7800)) != 0 || counts >> 1 != kQuestion >> 1) return false;
  const std::size_t last = std::min(bytes.size() - kTail, kHeaderSize + kMaxName) - 1;  // last possible root label
  std::size_t at = kHeaderSize;
  while (data[at] != 0) {
    if (data[at] > kMaxLabel) return false;
    at += 1U + data[at];
    if (at > last) return false;
  }
  Query& query = parsed.query;
  query.question = {NameView::trusted(data + kHeaderSize, at + 1 - kHeaderSize),
                    static_cast<Type>(load16(data + at + 1)), static_cast<Class>(load16(data + at + 3))};
  query.question_end = at + 1 + kTail;
  query.edns = {};
  if ((counts & 1) != 0) {
    const std::uint8_t* const opt = data + query.question_end;
    if (bytes.size() - query.question_end < kOpt || opt[0] != 0 ||
        load16(opt + 1) != static_cast<std::uint16_t>(Type::OPT) || opt[6] != 0 || load16(opt + 9) != 0 || opt[5] != 0)
      return false;
    query.edns.present = true;
    query.edns.payload = std::max<std::uint16_t>(load16(opt + 3), kClassicUdpSize);
    query.edns.dnssec_ok = (opt[7] & 0x80) != 0;
  }
  query.id = load16(data);
  query.flags = flags;
  query.opcode = Opcode::QUERY;
  parsed.verdict = QueryVerdict::kAnswer;
  return true;
}

}  // namespace

QueryVerdict read_zone_section(Bytes message, Query& query) {
  const auto header = Reader(message).header();
  if (!header || header->questions != 1 || !read_question(message, query)) return QueryVerdict::kFormErr;
  Reader reader(message, query.question_end);
  QueryVerdict verdict = QueryVerdict::kAnswer;
  const unsigned before = unsigned{header->answers} + header->authorities, records = before + header->additionals;
  for (unsigned i = 0; i < records && verdict != QueryVerdict::kFormErr; ++i) {
    const auto record = skip_record(reader, message);
    if (!record) verdict = QueryVerdict::kFormErr;
    else if (static_cast<Type>(load16(record->fixed)) == Type::OPT)  // a second one is malformed
      verdict = i < before ? QueryVerdict::kFormErr : read_opt(*record, query.edns);
  }
  if (verdict == QueryVerdict::kFormErr) query.edns = {};
  return verdict;
}

void parse_query(Bytes bytes, ParsedQuery& parsed) {
  if (read_plain(bytes, parsed)) return;
  parsed = {};
  Query& query = parsed.query;
  const auto header = Reader(bytes).header();
  if (!header || (header->flags & Flag::kQr) != 0) return;
  query.id = header->id;
  query.flags = header->flags;
  query.opcode = header->opcode();
  if (query.opcode != Opcode::QUERY) {
    parsed.verdict = QueryVerdict::kNotImp;
    parsed.tsig = find_tsig(bytes);
  } else {
    parsed.verdict = counts_are_plain(*header) && read_question(bytes, query)
                         ? read_records(bytes, *header, query, parsed.tsig)
                         : QueryVerdict::kFormErr;
    // If EDNS cannot be parsed, the response carries none, as with other servers.
    if (parsed.verdict == QueryVerdict::kFormErr) query.edns = {};
  }
  if (parsed.tsig.presence != TsigPresence::kLast || parsed.verdict == QueryVerdict::kFormErr) return;
  parsed.signed_verdict = parsed.verdict;
  parsed.verdict = QueryVerdict::kSigned;
}

}  // namespace dns
