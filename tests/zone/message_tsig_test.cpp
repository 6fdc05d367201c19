// The TSIG record of a message: where it may stand, its form, and the octets that its MAC covers (RFC 8945 4, 5.1).
#include <doctest/doctest.h>

#include "tests/support/query_bytes.h"
#include "tests/support/zone_from_text.h"
#include "zone/message/query.h"

using namespace dns;

namespace {

using Octets = std::vector<std::uint8_t>;

// Keeps what it is given.
class CopyMac final : public Mac {
 public:
  void add(Bytes octets) override { covered.insert(covered.end(), octets.begin(), octets.end()); }
  std::size_t finish(std::span<std::uint8_t, kMaxMac>) override { return 0; }
  Octets covered;
};

const std::uint8_t kMac[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
const std::uint8_t kOther[] = {0, 0, 0x61, 0x62, 0x63, 0x64};

TsigRecord example_record() {
  TsigRecord record;
  record.key = test::name_of("Key.Example.");
  record.algorithm = test::name_of("hmac-sha256.");
  record.time = 0x0123456789ab;
  record.fudge = 300;
  record.mac = kMac;
  record.original_id = 0x4712;
  record.error = TsigError::kBadTime;
  record.other = kOther;
  return record;
}

Octets with_tsig(Octets message, const TsigRecord& record = example_record()) {
  const std::size_t size = message.size();
  message.resize(size + tsig_size(record));
  REQUIRE(append_tsig(message, size, record) == message.size());
  return message;
}

Octets plain() { return test::octets_of({.name = "www.example.", .edns = test::QueryBytes::Edns{}}); }
constexpr std::size_t kAdditionalsAt = 10;

}  // namespace

TEST_CASE("TSIG: an appended record is found as the last one, with all its fields") {
  const Octets message = with_tsig(plain());
  CHECK(load16(&message[kAdditionalsAt]) == 2);
  const TsigSearch search = find_tsig(message);
  REQUIRE(search.presence == TsigPresence::kLast);
  CHECK(search.at == plain().size());
  const auto record = read_tsig(message, search.at);
  REQUIRE(record.has_value());
  CHECK(record->key == test::name_of("key.example."));
  CHECK(record->algorithm == test::name_of("hmac-sha256."));
  CHECK(record->time == 0x0123456789ab);
  CHECK(record->fudge == 300);
  CHECK(equal(record->mac, kMac));
  CHECK(record->original_id == 0x4712);
  CHECK(record->error == TsigError::kBadTime);
  CHECK(equal(record->other, kOther));
  CHECK(find_tsig(plain()).presence == TsigPresence::kNone);
}

TEST_CASE("TSIG: the MAC covers the message as it was, and the fields with names in lower case") {
  const Octets message = with_tsig(plain());
  const TsigRecord record = example_record();
  CopyMac mac;
  cover_message(mac, message, plain().size(), record.original_id, 1);
  Octets original = plain();
  store16(original.data(), 0x4712);
  CHECK(mac.covered == original);
  CopyMac variables;
  cover_variables(variables, record);
  const std::string_view expected(
      "\3key\7example\0\0\xff\0\0\0\0\13hmac-sha256\0\x01\x23\x45\x67\x89\xab\1\x2c\0\22\0\6\0\0abcd", 50);
  CHECK(as_text(variables.covered) == expected);
  CopyMac timers;
  cover_timers(timers, record);
  CHECK(as_text(timers.covered) == std::string_view("\x01\x23\x45\x67\x89\xab\1\x2c", 8));
  CopyMac prior;
  cover_prior(prior, record.mac);
  CHECK(prior.covered == Octets{0, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
}

TEST_CASE("TSIG: a record at another place, twice, or of another form makes the message malformed") {
  const Octets good = with_tsig(plain());
  const std::size_t at = plain().size(), fixed = at + 13;
  const auto changed = [&](std::size_t where, std::uint8_t value) {
    Octets octets = good;
    octets[where] = value;
    return octets;
  };
  Octets in_authority = with_tsig(test::octets_of({.name = "a."}));
  in_authority[9] = 1;
  in_authority[11] = 0;
  Octets before_another = with_tsig(test::octets_of({.name = "a."}));
  for (const int octet : {0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 0}) before_another.push_back(static_cast<std::uint8_t>(octet));
  before_another[11] = 2;
  const struct {
    const char* what;
    Octets octets;
  } rows[] = {
      {"octets behind it",
       [&] {
         Octets o = good;
         o.push_back(0);
         return o;
       }()},
      {"twice", with_tsig(good)},
      {"in the authority section", in_authority},
      {"before another record", before_another},
      {"class IN", changed(fixed + 3, 1)},
      {"a TTL", changed(fixed + 7, 1)},
      {"RDATA too short", changed(fixed + 9, static_cast<std::uint8_t>(good[fixed + 9] - 1))},
      {"RDATA too long", changed(fixed + 9, static_cast<std::uint8_t>(good[fixed + 9] + 1))},
      {"MAC too long", changed(fixed + 10 + 13 + 9, 0xff)},
      {"other data too long", changed(good.size() - 7, 7)},
      {"cut", Octets(good.begin(), good.end() - 1)},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    CHECK(find_tsig(row.octets).presence == TsigPresence::kMalformed);
    CHECK(parse_query(row.octets).verdict == QueryVerdict::kFormErr);
  }
}

TEST_CASE("TSIG: a query with one is parsed as signed, with the verdict that it has without") {
  const struct {
    test::QueryBytes query;
    QueryVerdict verdict;
  } rows[] = {
      {{.name = "a.", .edns = test::QueryBytes::Edns{}}, QueryVerdict::kAnswer},
      {{.name = "a."}, QueryVerdict::kAnswer},
      {{.name = "a.", .edns = test::QueryBytes::Edns{.version = 1, .options = {}}}, QueryVerdict::kBadVers},
      {{.name = "a.", .flags = 0x2800}, QueryVerdict::kNotImp},
  };
  for (const auto& row : rows) {
    const Octets octets = with_tsig(test::octets_of(row.query));
    const ParsedQuery parsed = parse_query(octets);
    CHECK(parsed.verdict == QueryVerdict::kSigned);
    CHECK(parsed.signed_verdict == row.verdict);
    CHECK(parsed.tsig.at == test::octets_of(row.query).size());
    CHECK(parsed.query.edns.present == row.query.edns.has_value());
  }
  Octets response = with_tsig(plain());
  response[2] |= 0x80;
  CHECK(parse_query(response).verdict == QueryVerdict::kDrop);
}
