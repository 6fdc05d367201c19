// Each finding of `check_denial`, and correctly signed random zones without findings.
#include <map>

#include <doctest/doctest.h>

#include "tests/support/random_signing.h"
#include "tests/support/random_zones.h"
#include "tests/support/repetitions.h"
#include "tests/support/zone_from_text.h"
#include "zone/build/builder.h"
#include "zone/check/denial.h"
#include "zone/field/text.h"
#include "zone/name/text.h"
#include "zone/snapshot/nsec3_chain.h"

namespace dns::test {
namespace {

constexpr const char* kHead = "@ 300 SOA ns h 1 7200 900 2419200 60\n@ 300 NS ns.net.\n";

std::string text_of(const Zone& zone) {
  static constexpr const char* kFaults[] = {"no record", "no name", "types", "next", "algorithm"};
  std::string text;
  check_denial(zone, [&](const DenialFinding& finding) {
    text += std::string(kFaults[static_cast<std::size_t>(finding.fault)]) + " " + to_text(finding.type) + " " +
            to_text(finding.owner);
    if (finding.fault == DenialFinding::Fault::kNext) text += " " + to_text(finding.next);
    for (const Type type : finding.lacks) text += " -" + to_text(type);
    for (const Type type : finding.lists) text += " +" + to_text(type);
    text += "; ";
  });
  return text;
}

std::string findings_of(const std::string& text) { return text_of(*zone_of("example.", kHead + text)); }

std::string hash_of(std::string_view name) {
  const std::uint8_t parameters[] = {1, 0, 0, 0, 0};
  const Nsec3Label label = nsec3_label(Nsec3Parameters(parameters).hash(name_of(name)));
  return {label.begin(), label.end()};
}

// An NSEC3 record for each name, "name types".
std::string nsec3_of(const std::vector<std::pair<std::string, std::string>>& names, const char* flags = "0") {
  std::map<std::string, std::string> types;
  for (const auto& [name, list] : names) types[hash_of(name)] = list;
  std::string text = "@ 300 NSEC3PARAM 1 0 0 -\n";
  for (auto at = types.begin(); at != types.end(); ++at) {
    const auto next = std::next(at) == types.end() ? types.begin() : std::next(at);
    text += at->first + " 300 NSEC3 1 " + flags + " 0 - " + next->first + " " + at->second + "\n";
  }
  return text;
}

const std::pair<std::string, std::string> kApexTypes{"example.", "NS SOA NSEC3PARAM"};

std::shared_ptr<const Zone> built(const ListedZone& listed) {
  ZoneBuilder builder(listed.apex);
  for (const ListedRecord& record : listed.records) builder.add(record.owner, record.type, record.ttl, record.rdata);
  return builder.finish().zone;
}

}  // namespace

TEST_CASE("denial: NSEC records of names, types and the chain") {
  CHECK(findings_of("") == "");
  CHECK(findings_of("@ 300 NSEC @ NS SOA NSEC\n") == "");
  CHECK(findings_of("@ 300 NSEC a NS SOA NSEC\na 300 A 192.0.2.1\na 300 NSEC @ A NSEC\n") == "");
  CHECK(findings_of("@ 300 NSEC @ NS SOA NSEC\na 300 A 192.0.2.1\n") == "no record NSEC a.example.; ");
  CHECK(findings_of("@ 300 NSEC a NS SOA NSEC\na 300 A 192.0.2.1\na 300 NSEC b MX NSEC\n") ==
        "types NSEC a.example. -A +MX; next NSEC a.example. example.; ");
  CHECK(findings_of("@ 300 NSEC b NS SOA NSEC\na 300 A 192.0.2.1\na 300 NSEC b A NSEC\nb 300 A 192.0.2.1\n"
                    "b 300 NSEC @ A NSEC\n") == "next NSEC example. a.example.; ");
  // Glue has no NSEC record, and a delegation lists NS and DS only.
  CHECK(findings_of("@ 300 NSEC a NS SOA NSEC\na 300 NS ns.a\na 300 A 192.0.2.1\na 300 NSEC @ NS NSEC\n"
                    "ns.a 300 A 192.0.2.1\n") == "");
  CHECK(findings_of("@ 300 NSEC a NS SOA NSEC\na 300 NS ns.a\na 300 NSEC @ NS NSEC\nns.a 300 A 192.0.2.1\n"
                    "ns.a 300 NSEC @ A NSEC\n") == "no name NSEC ns.a.example.; ");
}

TEST_CASE("denial: NSEC3 records of names, types and the chain") {
  CHECK(findings_of(nsec3_of({kApexTypes})) == "");
  CHECK(findings_of("a.b 300 A 192.0.2.1\n" + nsec3_of({kApexTypes, {"a.b.example.", "A"}, {"b.example.", ""}})) == "");
  CHECK(findings_of("a.b 300 A 192.0.2.1\n" + nsec3_of({kApexTypes, {"a.b.example.", "A"}})) ==
        "no record NSEC3 b.example.; ");
  CHECK(findings_of("a 300 A 192.0.2.1\n" + nsec3_of({kApexTypes})) == "no record NSEC3 a.example.; ");
  CHECK(findings_of(nsec3_of({kApexTypes, {"gone.example.", "A"}})) ==
        "no name NSEC3 " + hash_of("gone.example.") + ".example.; ");
  CHECK(findings_of("a 300 A 192.0.2.1\n" + nsec3_of({kApexTypes, {"a.example.", "TXT"}})) ==
        "types NSEC3 a.example. -A +TXT; ");
  const std::string apex = hash_of("example.");
  CHECK(findings_of("@ 300 NSEC3PARAM 1 0 0 -\n" + apex + " 300 NSEC3 1 0 0 - " + hash_of("a.example.") +
                    " NS SOA NSEC3PARAM\n") == "next NSEC3 " + apex + ".example. " + apex + ".example.; ");
}

TEST_CASE("denial: NSEC3 with opt-out leaves out delegations without DS and what is only above them") {
  const std::string zone = "d.e 300 NS ns.net.\n";
  CHECK(findings_of(zone + nsec3_of({kApexTypes}, "1")) == "");
  CHECK(findings_of(zone + nsec3_of({kApexTypes})) == "no record NSEC3 e.example.; no record NSEC3 d.e.example.; ");
  const std::string secure = zone + "f.e 300 NS ns.net.\nf.e 300 DS 1 13 2 " + std::string(64, 'a') + "\n";
  CHECK(findings_of(secure + nsec3_of({kApexTypes, {"e.example.", ""}, {"f.e.example.", "NS DS"}}, "1")) == "");
  CHECK(findings_of(secure + nsec3_of({kApexTypes, {"f.e.example.", "NS DS"}}, "1")) == "no record NSEC3 e.example.; ");
  CHECK(findings_of(secure + nsec3_of({kApexTypes, {"e.example.", ""}}, "1")) == "no record NSEC3 f.e.example.; ");
}

TEST_CASE("denial: an unknown hash algorithm") {
  const std::string hash = hash_of("example.");
  CHECK(findings_of("@ 300 NSEC3PARAM 2 0 0 -\n" + hash + " 300 NSEC3 2 0 0 - " + hash + " SOA\n") ==
        "algorithm NSEC3PARAM example.; algorithm NSEC3 " + hash + ".example.; ");
}

TEST_CASE("denial: a correctly signed zone has no findings, and each missing record is one") {
  std::size_t zones = 0;
  for (std::size_t round = 0; round < repetitions(150); ++round) {
    std::mt19937_64 random(50350000 + round);
    for (ListedZone listed : random_zones(random).listed) {
      CAPTURE(round);
      CAPTURE(to_text(listed.apex));
      sign_at_random(random, listed);
      CHECK(text_of(*built(listed)) == "");
      std::vector<std::size_t> proofs;
      for (std::size_t i = 0; i < listed.records.size(); ++i)
        if (listed.records[i].type == Type::NSEC || listed.records[i].type == Type::NSEC3) proofs.push_back(i);
      const auto gone = listed.records.begin() + static_cast<std::ptrdiff_t>(proofs[random() % proofs.size()]);
      listed.records.erase(gone);
      const auto damaged = built(listed);
      const bool without_chain = !damaged->has_nsec3() && damaged->apex_node()->has(Type::NSEC3PARAM);
      CHECK((without_chain || text_of(*damaged) != ""));
      ++zones;
    }
  }
  CHECK(zones > 50);
}

}  // namespace dns::test
