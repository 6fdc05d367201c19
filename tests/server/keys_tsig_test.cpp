// Signatures of requests, replies and streams: what the server accepts and says, and what a client accepts (RFC 8945).
#include <algorithm>
#include <utility>

#include <doctest/doctest.h>

#include "tests/support/keys.h"
#include "tests/support/query_bytes.h"

using namespace server;
using dns::TsigError;
using test::kNow, test::key_of, test::still_clock;

namespace {

using Octets = std::vector<std::uint8_t>;
using Verdict = TsigSession::Verdict;

Octets question() { return dns::test::octets_of({.name = "www.example."}); }

struct Outcome {
  Verdict verdict;
  TsigError error;
  Octets reply;
};

// What a server with `ring` says about the request. Its reply repeats the question.
Outcome serve(const std::shared_ptr<const KeyRing>& ring, const Octets& request) {
  TsigSession session;
  const dns::TsigSearch search = dns::find_tsig(request);
  REQUIRE(search.presence == dns::TsigPresence::kLast);
  const Verdict verdict = session.verify(ring, request, search.at, still_clock);
  Octets reply(request.begin(), request.begin() + static_cast<std::ptrdiff_t>(search.at));
  reply[2] |= 0x80;
  dns::store16(&reply[10], static_cast<std::uint16_t>(dns::load16(&reply[10]) - 1));
  if (verdict != Verdict::kMalformed) {
    const std::size_t size = reply.size();
    reply.resize(size + session.reserve());
    CHECK(session.sign(reply, size) == reply.size());
  }
  return {verdict, session.error(), reply};
}

// The request with the MAC cut to `size` octets.
Octets with_mac_of(const Octets& request, std::size_t size) {
  const dns::TsigSearch search = dns::find_tsig(request);
  dns::TsigRecord record = *dns::read_tsig(request, search.at);
  record.mac = record.mac.first(size);
  Octets cut(request.begin(), request.begin() + static_cast<std::ptrdiff_t>(search.at));
  dns::store16(&cut[10], static_cast<std::uint16_t>(dns::load16(&cut[10]) - 1));
  cut.resize(search.at + dns::tsig_size(record));
  dns::append_tsig(cut, search.at, record);
  return cut;
}

}  // namespace

TEST_CASE("TSIG: request and reply of each algorithm are verified; a change of any octet is noticed") {
  for (const TsigAlgorithm& algorithm : kTsigAlgorithms) {
    CAPTURE(algorithm.word);
    const auto ring = test::ring_of({key_of("key.example.", algorithm.word)});
    TsigClient client(*ring->find(dns::test::name_of("key.example.")));
    Octets request = question();
    client.sign(request, kNow);
    const Outcome outcome = serve(ring, request);
    CHECK(outcome.verdict == Verdict::kVerified);
    for (std::size_t at = 0; at < outcome.reply.size(); ++at) {
      if (at == 10 || at == 11) continue;  // the number of records: the TSIG record is not found
      Octets changed = outcome.reply;
      changed[at] ^= 1;
      TsigClient other = TsigClient(*ring->find(dns::test::name_of("key.example.")));
      Octets again = question();
      other.sign(again, kNow);
      const bool id = at < 2;  // the original ID is covered in its place
      CHECK((other.verify(changed, kNow) == TsigFault::kNone) == id);
    }
    CHECK(client.verify(outcome.reply, kNow) == TsigFault::kNone);
    CHECK(client.is_complete());
  }
}

TEST_CASE("TSIG: the checks of a request, in their order, and what the client hears of them") {
  const auto ring = test::ring_of({key_of("right."), key_of("other.", "hmac-sha512")});
  const auto foreign =
      test::ring_of({key_of("right.", "hmac-sha256", 9), key_of("unknown."), key_of("other.", "hmac-sha256")});
  const struct {
    const char* what;
    const KeyRing& signer;
    const char* key;
    std::uint64_t time;
    std::size_t mac;  // octets that are sent
    Verdict verdict;
    TsigError error;
    TsigFault heard;
  } rows[] = {
      {"right", *ring, "right.", kNow, 32, Verdict::kVerified, TsigError::kNone, TsigFault::kNone},
      {"300 s early", *ring, "right.", kNow - 300, 32, Verdict::kVerified, TsigError::kNone, TsigFault::kNone},
      {"300 s late", *ring, "right.", kNow + 300, 32, Verdict::kVerified, TsigError::kNone, TsigFault::kNone},
      {"301 s early", *ring, "right.", kNow - 301, 32, Verdict::kRejected, TsigError::kBadTime, TsigFault::kRejected},
      {"301 s late", *ring, "right.", kNow + 301, 32, Verdict::kRejected, TsigError::kBadTime, TsigFault::kRejected},
      {"wrong secret", *foreign, "right.", kNow, 32, Verdict::kRejected, TsigError::kBadSig, TsigFault::kRejected},
      {"wrong secret and time", *foreign, "right.", 5, 32, Verdict::kRejected, TsigError::kBadSig,
       TsigFault::kRejected},
      {"unknown key", *foreign, "unknown.", kNow, 32, Verdict::kRejected, TsigError::kBadKey, TsigFault::kRejected},
      {"unknown key, short", *foreign, "unknown.", kNow, 3, Verdict::kRejected, TsigError::kBadKey,
       TsigFault::kRejected},
      {"other algorithm", *foreign, "other.", kNow, 32, Verdict::kRejected, TsigError::kBadKey, TsigFault::kRejected},
      {"half of the MAC", *ring, "right.", kNow, 16, Verdict::kRejected, TsigError::kBadTrunc, TsigFault::kRejected},
      {"all but one octet", *ring, "right.", kNow, 31, Verdict::kRejected, TsigError::kBadTrunc, TsigFault::kRejected},
      {"half, too early", *ring, "right.", kNow - 301, 16, Verdict::kRejected, TsigError::kBadTime,
       TsigFault::kRejected},
      {"half, wrong secret", *foreign, "right.", kNow, 16, Verdict::kRejected, TsigError::kBadSig,
       TsigFault::kRejected},
      {"less than half", *ring, "right.", kNow, 15, Verdict::kMalformed, TsigError::kBadSig, TsigFault::kUnsigned},
      {"no MAC", *ring, "right.", kNow, 0, Verdict::kMalformed, TsigError::kBadSig, TsigFault::kUnsigned},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    TsigClient client(*row.signer.find(dns::test::name_of(row.key)));
    Octets request = question();
    client.sign(request, row.time);
    const Octets sent = with_mac_of(request, row.mac);
    const Outcome outcome = serve(ring, sent);
    CHECK(outcome.verdict == row.verdict);
    CHECK(outcome.error == row.error);
    const TsigFault heard = client.verify(outcome.reply, kNow);
    // The client has signed with the whole MAC, so it cannot check the signature of BADTRUNC.
    CHECK(heard == (row.mac < 32 && heard == TsigFault::kWrongMac ? TsigFault::kWrongMac : row.heard));
    if (row.verdict == Verdict::kMalformed) continue;
    const auto record = dns::read_tsig(outcome.reply, dns::find_tsig(outcome.reply).at);
    const bool is_signed = row.error != TsigError::kBadKey && row.error != TsigError::kBadSig;
    CHECK(record->error == row.error);
    CHECK(record->mac.size() == (is_signed ? 32 : 0));
    if (row.error == TsigError::kBadTime) {
      CHECK(record->time == row.time);
      CHECK(dns::load32(record->other.data() + 2) == kNow);
      CHECK(client.error() == TsigError::kBadTime);
    } else {
      CHECK(record->time == kNow);
      CHECK(record->other.empty());
    }
  }
}

TEST_CASE("TSIG: a large fudge does not make a request valid for longer, a small one makes it shorter") {
  const auto ring = test::ring_of({key_of("k.")});
  const dns::TsigKey& key = *ring->find(dns::test::name_of("k."));
  const auto verdict = [&](std::uint16_t fudge, std::uint64_t time) {
    dns::TsigRecord record;
    record.key = key.name();
    record.algorithm = key.algorithm();
    record.time = time;
    record.fudge = fudge;
    record.original_id = 0x1234;  // another one than that of the message: a forwarder has changed it
    Octets request = question();
    const std::size_t size = request.size();
    const auto mac = key.start();
    dns::cover_message(*mac, request, size, record.original_id, 0);
    dns::cover_variables(*mac, record);
    KeptMac computed;
    computed.size = mac->finish(computed.octets);
    record.mac = computed.bytes();
    request.resize(size + dns::tsig_size(record));
    dns::append_tsig(request, size, record);
    return serve(ring, request).error;
  };
  CHECK(verdict(65535, kNow - 300) == TsigError::kNone);
  CHECK(verdict(65535, kNow - 301) == TsigError::kBadTime);
  CHECK(verdict(5, kNow - 5) == TsigError::kNone);
  CHECK(verdict(5, kNow + 6) == TsigError::kBadTime);
  CHECK(verdict(0, kNow) == TsigError::kNone);
  CHECK(verdict(300, 0xffff'ffff'ffff) == TsigError::kBadTime);
  CHECK(verdict(300, 0) == TsigError::kBadTime);
}

TEST_CASE("TSIG: without keys, and in a session that is used again") {
  const auto ring = test::ring_of({key_of("k.")});
  const Octets request = test::signed_request(*ring, "k.", question());
  CHECK(serve(nullptr, request).error == TsigError::kBadKey);
  TsigSession session;
  const std::size_t at = dns::find_tsig(request).at;
  CHECK(session.verify(nullptr, request, at, still_clock) == Verdict::kRejected);
  CHECK(session.key() == nullptr);
  CHECK(session.verify(ring, request, at, still_clock) == Verdict::kVerified);
  CHECK(session.key() == ring->find(dns::test::name_of("k.")));
}

namespace {

// A stream of `count` messages. Those whose number `is_signed` accepts are signed as RFC 8945 5.3.1 says.
template <class IsSigned>
std::vector<Octets> stream_of(const std::shared_ptr<const KeyRing>& ring, const Octets& request, int count,
                              IsSigned&& is_signed) {
  const dns::TsigKey& key = *ring->find(dns::test::name_of("k."));
  KeptMac prior;
  const auto sent = dns::read_tsig(request, dns::find_tsig(request).at);
  std::ranges::copy(sent->mac, prior.octets.begin());
  prior.size = sent->mac.size();
  std::unique_ptr<dns::Mac> mac;
  std::vector<Octets> messages;
  for (int i = 0; i < count; ++i) {
    Octets message = question();
    message[2] |= 0x80;
    const std::size_t size = message.size();
    if (mac == nullptr) dns::cover_prior(*(mac = key.start()), prior.bytes());
    dns::cover_message(*mac, message, size, dns::load16(message.data()), 0);
    if (is_signed(i)) {
      dns::TsigRecord record;
      record.key = key.name();
      record.algorithm = key.algorithm();
      record.time = kNow;
      record.original_id = dns::load16(message.data());
      if (i == 0) dns::cover_variables(*mac, record);
      else dns::cover_timers(*mac, record);
      prior.size = std::exchange(mac, nullptr)->finish(prior.octets);
      record.mac = prior.bytes();
      message.resize(size + dns::tsig_size(record));
      dns::append_tsig(message, size, record);
    }
    messages.push_back(message);
  }
  return messages;
}

// The number of messages that the client accepts, and whether the stream is then complete.
std::pair<int, bool> accepted(TsigClient client, const std::vector<Octets>& messages) {
  int count = 0;
  for (const Octets& message : messages) {
    if (client.verify(message, kNow) != TsigFault::kNone) return {count, false};
    ++count;
  }
  return {count, client.is_complete()};
}

}  // namespace

TEST_CASE("TSIG: a stream with up to 99 unsigned messages between two signed ones") {
  const auto ring = test::ring_of({key_of("k.")});
  Octets request = question();
  const auto client = [&] {
    TsigClient signer(*ring->find(dns::test::name_of("k.")));
    request = question();
    signer.sign(request, kNow);
    return signer;
  };
  const auto each = [](int) { return true; };
  const auto each_hundredth = [](int i) { return i % 100 == 0; };
  const auto each_101th = [](int i) { return i % 101 == 0; };
  const auto not_the_first = [](int i) { return i != 0; };
  client();
  CHECK(accepted(client(), stream_of(ring, request, 10, each)) == std::pair(10, true));
  CHECK(accepted(client(), stream_of(ring, request, 201, each_hundredth)) == std::pair(201, true));
  CHECK(accepted(client(), stream_of(ring, request, 200, each_hundredth)) == std::pair(200, false));
  CHECK(accepted(client(), stream_of(ring, request, 102, each_101th)) == std::pair(100, false));
  CHECK(accepted(client(), stream_of(ring, request, 3, not_the_first)) == std::pair(0, false));
  std::vector<Octets> swapped = stream_of(ring, request, 4, each);
  std::swap(swapped[1], swapped[2]);
  CHECK(accepted(client(), swapped).first == 1);
  std::vector<Octets> missing = stream_of(ring, request, 101, each_hundredth);
  missing.erase(missing.begin() + 50);
  CHECK(accepted(client(), missing).first == 99);
  std::vector<Octets> changed = stream_of(ring, request, 101, each_hundredth);
  changed[30][20] ^= 1;
  CHECK(accepted(client(), changed).first == 100);
}
