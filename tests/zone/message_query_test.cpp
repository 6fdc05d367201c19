#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/rdata.h"
#include "zone/message/query.h"

using dns::QueryVerdict;

namespace {

std::string to_text(QueryVerdict verdict) {
  switch (verdict) {
    case QueryVerdict::kAnswer: return "answer";
    case QueryVerdict::kDrop: return "drop";
    case QueryVerdict::kFormErr: return "FORMERR";
    case QueryVerdict::kNotImp: return "NOTIMP";
    case QueryVerdict::kBadVers: return "BADVERS";
    case QueryVerdict::kSigned: return "signed";
  }
  return "?";
}

const std::string kPlain = "1234 0000 0001 0000 0000 0000 ";
const std::string kOneMore = "1234 0000 0001 0000 0000 0001 ";
const std::string kTwoMore = "1234 0000 0001 0000 0000 0002 ";
const std::string kQuestion = "01 61 00 0001 0001 ";  // a. A IN
const std::string kOpt = "00 0029 04d0 00008000 0000 ";
const std::string kTsig = "01 62 00 00fa 00ff 00000000 0013 01 63 00 000000000001 012c 0000 1234 0000 0000 ";

}  // namespace

TEST_CASE("query: parse_query returns the verdict for each kind of request") {
  struct Row {
    const char* description;
    std::string hex;
    const char* verdict;
  };
  const Row rows[] = {
      {"plain", kPlain + kQuestion, "answer"},
      {"nothing at all", "", "drop"},
      {"shorter than a header", "1234 0000 0001 0000 0000 00", "drop"},
      {"an answer", "1234 8000 0001 0000 0000 0000" + kQuestion, "drop"},
      {"an answer with an odd opcode", "1234 f800 0001 0000 0000 0000" + kQuestion, "drop"},
      {"IQUERY", "1234 0800 0001 0000 0000 0000" + kQuestion, "NOTIMP"},
      {"opcode 15", "1234 7800 0000 0000 0000 0000", "NOTIMP"},
      {"no question", "1234 0000 0000 0000 0000 0000", "FORMERR"},
      {"two questions", "1234 0000 0002 0000 0000 0000" + kQuestion + kQuestion, "FORMERR"},
      {"an answer record", "1234 0000 0001 0001 0000 0000" + kQuestion + kOpt, "FORMERR"},
      {"an authority record", "1234 0000 0001 0000 0001 0000" + kQuestion + "00 0006 0001 00000000 0000", "FORMERR"},
      {"IXFR's authority record", "1234 0000 0001 0000 0001 0000 01 61 00 00fb 0001 00 0006 0001 00000000 0000",
       "answer"},
      {"OPT in the authority section", "1234 0000 0001 0000 0001 0000 01 61 00 00fb 0001" + kOpt, "FORMERR"},
      {"three additional records", "1234 0000 0001 0000 0000 0003" + kQuestion + kOpt, "FORMERR"},
      {"65535 additional records announced", "1234 0000 0001 0000 0000 ffff" + kQuestion, "FORMERR"},
      {"question cut in its name", kPlain + "03 61 62", "FORMERR"},
      {"question cut before its class", kPlain + "01 61 00 0001 00", "FORMERR"},
      {"name that points to itself", kPlain + "c00c 0001 0001", "FORMERR"},
      {"name that points into the header", kPlain + "c000 0001 0001", "FORMERR"},
      {"name that points ahead", kPlain + "01 61 c010 0001 0001 00", "FORMERR"},
      {"label type 0x40", kPlain + "41 61 00 0001 0001", "FORMERR"},
      {"label type 0x80", kPlain + "81 61 00 0001 0001", "FORMERR"},
      {"octets behind the question", kPlain + kQuestion + "dead beef", "answer"},
      {"EDNS", kOneMore + kQuestion + kOpt, "answer"},
      {"EDNS announced, absent", kOneMore + kQuestion, "FORMERR"},
      {"EDNS twice", kTwoMore + kQuestion + kOpt + kOpt, "FORMERR"},
      {"EDNS owner is not the root", kOneMore + kQuestion + "01 61 00 0029 04d0 00000000 0000", "FORMERR"},
      {"EDNS owner is a pointer", kOneMore + kQuestion + "c00e 0029 04d0 00000000 0000", "FORMERR"},
      {"EDNS version 1", kOneMore + kQuestion + "00 0029 04d0 00010000 0000", "BADVERS"},
      {"EDNS version 1, options unreadable", kOneMore + kQuestion + "00 0029 04d0 00010000 0001 ff", "BADVERS"},
      {"EDNS version 1 twice", kTwoMore + kQuestion + "00 0029 04d0 00010000 0000 00 0029 04d0 00010000 0000",
       "FORMERR"},
      {"unknown option", kOneMore + kQuestion + "00 0029 04d0 00000000 0006 fde9 0002 abcd", "answer"},
      {"option cut in its head", kOneMore + kQuestion + "00 0029 04d0 00000000 0003 000300", "FORMERR"},
      {"option longer than the record", kOneMore + kQuestion + "00 0029 04d0 00000000 0004 0003 0001", "FORMERR"},
      {"record longer than the message", kOneMore + kQuestion + "00 0029 04d0 00000000 0004 0003", "FORMERR"},
      {"an unrelated additional record", kTwoMore + kQuestion + "01 62 00 0018 00ff 00000000 0001 00" + kOpt, "answer"},
      {"TSIG", kTwoMore + kQuestion + kOpt + kTsig, "signed"},
      {"TSIG before EDNS", kTwoMore + kQuestion + kTsig + kOpt, "FORMERR"},
      {"TSIG, octets behind it", kOneMore + kQuestion + kTsig + "00", "FORMERR"},
      {"TSIG of another form", kOneMore + kQuestion + "01 62 00 00fa 00ff 00000000 0001 00", "FORMERR"},
      {"TSIG in the authority section", "1234 0000 0001 0000 0001 0000 01 61 00 00fb 0001" + kTsig, "FORMERR"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.description);
    const auto bytes = test::octets_of(row.hex);
    CHECK(to_text(dns::parse_query(bytes).verdict) == row.verdict);
  }
}

TEST_CASE("query: keeps the fields and options of EDNS") {
  const auto bytes = test::octets_of(kOneMore + kQuestion +
                                     "00 0029 0100 00008000 0014 0003 0000 000b 0000 000a 0008 0102030405060708");
  const dns::ParsedQuery parsed = dns::parse_query(bytes);
  const dns::Edns& edns = parsed.query.edns;
  CHECK(edns.present);
  CHECK(edns.dnssec_ok);
  CHECK(edns.nsid);
  CHECK(edns.keepalive);
  CHECK(edns.cookie.size() == 8);
  CHECK(edns.payload == dns::kClassicUdpSize);  // the query offers 256
  CHECK(parsed.query.id == 0x1234);
  CHECK(parsed.query.question_end == bytes.size() - 11 - 20);
}

TEST_CASE("query: parses truncated queries and queries with a changed octet safely") {
  const auto whole = test::octets_of(kTwoMore + "03 777777 07 6578616d706c65 00 0001 0001" + kOpt +
                                     "01 62 c010 0018 00ff 00000000 0001 00");
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::vector<std::uint8_t> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const bool good = dns::parse_query(cut).verdict == QueryVerdict::kAnswer;
    CHECK(good == (size == whole.size()));
  }
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (unsigned value = 0; value < 256; ++value) {
      auto changed = whole;
      changed[at] = static_cast<std::uint8_t>(value);
      const dns::ParsedQuery parsed = dns::parse_query(changed);
      CHECK(parsed.query.question_end <= changed.size());
    }
}
