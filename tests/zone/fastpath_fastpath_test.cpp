// The fast path writes the same octets as the general path on random zones. It must answer a minimum share of the
// queries.
#include "zone/fastpath/fastpath.h"

#include <doctest/doctest.h>

#include "tests/support/query_bytes.h"
#include "tests/support/random_zones.h"
#include "tests/support/repetitions.h"
#include "tests/support/zone_from_text.h"
#include "zone/field/text.h"
#include "zone/name/text.h"

namespace dns::test {
namespace {

std::size_t rounds() { return repetitions(1500, "WAYMARK_ANSWER_ROUNDS"); }

// The responses of both paths to one query.
struct Responses {
  std::vector<std::uint8_t> general, fast;
  FastPlan::Kind kind{};
};

class BothPaths {
 public:
  Responses ask(const Snapshot& snapshot, Bytes request, const ClientInfo& client_info, std::size_t budget) {
    const ParsedQuery parsed = parse_query(request);
    REQUIRE(parsed.verdict == QueryVerdict::kAnswer);
    const Query& query = parsed.query;
    ResponseEdns edns;
    edns.present = query.edns.present;
    edns.dnssec_ok = query.edns.dnssec_ok;
    std::array<std::uint8_t, kOptSize> opt;
    if (edns.present) write_opt(edns, Rcode::NOERROR, opt.data());

    const Key key(query.question.name);
    const ZoneLookup lookup = look_up_name(snapshot, key, query.question.type);
    Responses responses;
    responses.general.assign(budget, 0xa5);
    solve(snapshot, query.question, lookup, {.dnssec_ok = edns.dnssec_ok, .client = &client_info}, *answer_);
    responses.general.resize(render(query, *answer_, edns, *compression_, responses.general));

    responses.fast.assign(budget, 0x5a);
    const FastQuery fast_query{query, key, lookup};
    const FastPlan planned = plan_fast(fast_query);
    responses.kind = planned.kind;
    responses.fast.resize(write_fast(fast_query, planned, request, client_info,
                                     Bytes(opt).first(edns.present ? kOptSize : 0), responses.fast));
    return responses;
  }

 private:
  std::unique_ptr<Answer> answer_ = std::make_unique<Answer>();
  std::unique_ptr<Compression> compression_ = std::make_unique<Compression>();
};

// The octets of a query. In two of three, the letters of its name have random case.
std::vector<std::uint8_t> request_of(std::mt19937_64& random, NameView name, Type type) {
  QueryBytes query{.name = "x.",
                   .type = type,
                   .id = static_cast<std::uint16_t>(random()),
                   .flags = static_cast<std::uint16_t>(random() % 2 * Flag::kRd)};
  if (random() % 4 != 0) {
    query.edns = QueryBytes::Edns{};
    query.edns->flags = static_cast<std::uint16_t>(random() % 2 * 0x8000);
  }
  std::vector<std::uint8_t> octets = octets_of(query);
  octets.erase(octets.begin() + 12, octets.begin() + 15);
  octets.insert(octets.begin() + 12, name.data(), name.data() + name.size());
  const bool keeps_case = random() % 3 == 0;
  for (std::size_t at = 12; octets[at] != 0 && !keeps_case; at += 1U + octets[at])
    for (std::size_t i = 1; i <= octets[at]; ++i)
      if (octets[at + i] >= 'a' && octets[at + i] <= 'z' && random() % 2 == 0) octets[at + i] ^= 0x20;
  return octets;
}

struct Tally {
  std::size_t queries = 0, fast = 0, with_do = 0, fast_with_do = 0;
  std::array<std::size_t, 4> kinds{};
};

void compare(BothPaths& paths, const Snapshot& snapshot, Bytes request, const ClientInfo& client_info,
             std::size_t budget, Tally& tally) {
  const Responses responses = paths.ask(snapshot, request, client_info, budget);
  ++tally.queries;
  const bool with_do = parse_query(request).query.edns.dnssec_ok;
  tally.with_do += with_do ? 1 : 0;
  ++tally.kinds[static_cast<std::size_t>(responses.kind)];
  if (responses.fast.empty()) return;
  ++tally.fast;
  tally.fast_with_do += with_do ? 1 : 0;
  REQUIRE(responses.fast == responses.general);
}

// Asks questions of random zones, which `make_zones` makes. One seed per round: a failure can be reproduced.
template <class MakeZones, class QuestionType>
Tally compare_on_random_zones(std::uint64_t first_seed, const MakeZones& make_zones,
                              const QuestionType& question_type) {
  BothPaths paths;
  Tally tally;
  for (std::size_t round = 0; round < rounds(); ++round) {
    std::mt19937_64 random(first_seed + round);
    const RandomZones zones = make_zones(random);
    for (int i = 0; i < 40; ++i) {
      const Name name = random_question_name(random, zones);
      const Type type = question_type(random);
      CAPTURE(round);
      CAPTURE(to_text(name));
      CAPTURE(to_text(type));
      const ListedAsker client = random_asker(random, zones);
      const ClientInfo client_info{
          .address = client.client, .local = client.local, .salt = client.salt, .views = zones.snapshot->views().get()};
      const std::vector<std::uint8_t> request = request_of(random, name, type);
      compare(paths, *zones.snapshot, request, client_info, random() % 2 == 0 ? 1232 : 512 + random() % 300, tally);
    }
  }
  return tally;
}

}  // namespace

TEST_CASE("fastpath: equals the general path on random zones") {
  const Tally tally = compare_on_random_zones(20261123, random_zones, random_question_type);
  MESSAGE("the fast path answered " << tally.fast << " of " << tally.queries << " queries");
  CHECK(tally.fast * 4 > tally.queries);
  for (const std::size_t count : tally.kinds) CHECK(count * 50 > tally.queries);
}

TEST_CASE("fastpath: equals the general path on random signed zones") {
  const auto type_of = [](std::mt19937_64& random) {
    return random() % 8 == 0 ? Type::NSEC3PARAM : random_question_type(random);
  };
  const Tally tally = compare_on_random_zones(40350000, random_signed_zones, type_of);
  MESSAGE("the fast path answered " << tally.fast << " of " << tally.queries << " queries for signed zones, "
                                    << tally.fast_with_do << " of " << tally.with_do << " with DO");
  CHECK(tally.fast * 4 > tally.queries);
  CHECK(tally.fast_with_do * 6 > tally.with_do);
  for (const std::size_t count : tally.kinds) CHECK(count * 50 > tally.queries);
}

TEST_CASE("fastpath: equals the general path if RDATA names share labels with the question") {
  const auto snapshot = Snapshot::of({zone_of(
      "tld.",
      "@ 300 SOA ns1 ns1.admin 1 7200 900 2419200 60\n@ 300 NS ns1\n@ 300 NS ns2.net.\nns1 300 A 192.0.2.1\n"
      "a 300 NS ns1.a\na 300 NS NS2.A\nns1.a 300 A 192.0.2.3\nns2.a 300 AAAA 2001:db8::3\n"
      "b 300 NS b\nb 300 A 192.0.2.4\nc 300 NS ns1.a\nc 300 NS ns1.deep.c\nns1.deep.c 300 A 192.0.2.5\n"
      "d 300 NS ns.d.net.\nd 300 NS ns.e.net.\nd 300 NS net.\n"
      "f 300 NS ns1\nf 300 NS ns1.f\nm 300 MX 10 m\nm 300 MX 20 m\nm 300 MX 20 n.m\nm 300 A 192.0.2.6\nn.m "
      "300 A 192.0.2.7\n"
      "p 300 PTR x.ns1.a\nq 300 MX 5 ns1\nq 300 MX 6 NS1\nq 300 MX 7 Ns1.A\nq 300 MX 8 ns1.a\nq 300 MX 9 q\n*.w "
      "300 MX 5 ns1\n*.w 300 TXT wild\n")});
  BothPaths paths;
  Tally tally;
  std::mt19937_64 random(1);
  for (const char* const name :
       {"a.tld.",      "www.a.tld.",      "ns1.a.tld.",  "x.ns1.a.tld.",   "ns2.a.tld.",   "b.tld.",    "b.b.tld.",
        "c.tld.",      "ns1.deep.c.tld.", "deep.c.tld.", "d.tld.",         "ns.d.tld.",    "f.tld.",    "ns1.f.tld.",
        "q.tld.",      "m.tld.",          "n.m.tld.",    "p.tld.",         "x.w.tld.",     "w.tld.",    "tld.",
        "ns1.tld.",    "x.ns1.tld.",      "admin.tld.",  "ns1.admin.tld.", "x.admin.tld.", "none.tld.", "ns2.tld.",
        "y.ns1.p.tld."}) {
    for (const Type type : {Type::A, Type::AAAA, Type::NS, Type::MX, Type::TXT, Type::SOA, Type::PTR, Type::SRV}) {
      CAPTURE(name);
      CAPTURE(to_text(type));
      compare(paths, *snapshot, request_of(random, name_of(name), type), {}, 1232, tally);
    }
  }
  CHECK(tally.fast * 3 > tally.queries * 2);
}

TEST_CASE("fastpath: equals the general path in a zone with NSEC3") {
  static constexpr const char* kHash =
      "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom";  // the hash of example. in RFC 5155 appendix A
  const std::string text =
      "@ 300 SOA ns1 h 1 7200 900 2419200 60\n@ 300 NS ns1\n@ 300 NSEC3PARAM 1 0 12 aabbccdd\n@ 300 RRSIG SOA 13 1 300 "
      "20300101000000 20260101000000 1 @ AA==\n"
      "ns1 300 A 192.0.2.1\nplain 300 NS ns.plain\nns.plain 300 A 192.0.2.2\n" +
      std::string(kHash) + " 300 NSEC3 1 0 12 aabbccdd " + kHash + " SOA\n" + kHash +
      " 300 RRSIG NSEC3 13 2 300 20300101000000 20260101000000 1 @ AA==\n";
  BothPaths paths;
  Tally tally;
  std::mt19937_64 random(5155);
  for (const std::string& wildcard :
       {std::string(), std::string("* 300 TXT wild\n"), std::string("x.* 300 TXT wild\n")}) {
    const auto snapshot = Snapshot::of({zone_of("example.", text + wildcard)});
    for (const std::string& name :
         {std::string(kHash), "x." + std::string(kHash), std::string("35mthgpgcu1qg68fab165klnsnk3dpvl"),
          std::string("plain"), std::string("www.plain"), std::string("none"), std::string("x.none"),
          std::string("ns1")})
      for (const Type type : {Type::A, Type::TXT, Type::NSEC3, Type::DS})
        for (int i = 0; i < 8; ++i) {
          CAPTURE(name);
          CAPTURE(to_text(type));
          CAPTURE(wildcard);
          compare(paths, *snapshot, request_of(random, name_of(name + ".example."), type), {}, 1232, tally);
        }
  }
  CHECK(tally.fast * 8 > tally.queries);
}

TEST_CASE("fastpath: equals the general path if name servers share labels with each other and the question") {
  static constexpr std::array kLabels = {"a",   "A",   "b",   "ns1", "Ns1",
                                         "ns2", "net", "tld", "n+s", "n+t"};  // a Key encodes a plus as two symbols
  static constexpr std::array kEnds = {"",          "",      "",        ".net.",       ".a.net.",
                                       ".ns1.net.", ".tld.", ".b.tld.", ".ns1.b.tld.", ".",
                                       ".a.",       ".bet."};  // "": below the zone cut
  BothPaths paths;
  Tally tally;
  for (std::size_t round = 0; round < rounds(); ++round) {
    std::mt19937_64 random(772001 + round);
    const auto one_of = [&](const auto& all) { return std::string(all[random() % all.size()]); };
    const std::string apex = round % 8 == 0 ? "." : "tld.", above = apex == "." ? "." : "." + apex;
    const std::string cut = one_of(kLabels) + (random() % 3 == 0 ? "." + one_of(kLabels) : "") + above;
    std::string text = "@ 300 SOA ns1 h 1 7200 900 2419200 60\n@ 300 NS ns1.net.\n";
    for (std::size_t servers = 1 + random() % 4; servers > 0; --servers) {
      const std::string end = one_of(kEnds), host = (random() % 4 == 0 ? one_of(kLabels) + "." : "") + one_of(kLabels) +
                                                    (end.empty() ? "." + cut : end);
      text += cut + " 300 NS " + host + "\n";
      if (host.ends_with(above) && random() % 2 == 0) text += host + " 300 A 192.0.2.7\n";
    }
    const auto snapshot = Snapshot::of({zone_of(apex, text)});
    for (int i = 0; i < 6; ++i) {
      const std::string name =
          (random() % 3 == 0 ? "" : one_of(kLabels) + ".") + (random() % 4 == 0 ? one_of(kLabels) + "." : "") + cut;
      CAPTURE(text);
      CAPTURE(name);
      compare(paths, *snapshot, request_of(random, name_of(name), random() % 8 == 0 ? Type::NS : Type::A), {}, 1232,
              tally);
    }
  }
  CHECK(tally.fast * 3 > tally.queries * 2);
}

}  // namespace dns::test
