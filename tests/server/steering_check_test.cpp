#include <doctest/doctest.h>

#include "server/steering/check.h"
#include "tests/support/steering.h"
#include "tests/support/zone_from_text.h"

using namespace steered;
using server::LinkClass;
using server::Policy;
using server::SteeringError;

namespace {

constexpr std::chrono::year_month_day kToday{std::chrono::year{2026}, std::chrono::month{11}, std::chrono::day{22}};

std::vector<SteeringError> findings(const server::SteeringOptions& options) {
  std::vector<SteeringError> found;
  for (const server::SteeringFinding& finding : server::check_options(options, kToday)) found.push_back(finding.error);
  return found;
}

dns::View view(const char* name, const char* prefix) {
  dns::View made;
  made.name = name;
  if (prefix != nullptr) made.clients = {*dns::parse_prefix(prefix)};
  return made;
}

}  // namespace

TEST_CASE("steering check: valid options have no findings") {
  CHECK(findings(router_pair()).empty());
  CHECK(findings(three_links(Policy::kLowestCostSla)).empty());
}

TEST_CASE("steering check: reports members whose link class is not in min-class") {
  server::SteeringOptions options = three_links(Policy::kFailover);
  options.records[0].allowed_classes = {LinkClass::kMpls, LinkClass::kInternetVpn};
  CHECK(findings(options) == std::vector{SteeringError::kNeverAllowed});
  options.records[0].allowed_classes = {LinkClass::kAtm};
  CHECK(findings(options).back() == SteeringError::kNothingAllowed);
}

TEST_CASE("steering check: reports a duplicate record, a wrong address family and an SLA without measurements") {
  server::SteeringOptions options = router_pair();
  options.records.push_back(options.records[0]);
  CHECK(findings(options) == std::vector{SteeringError::kManagedTwice});
  options.records.pop_back();
  options.records[0].members[0].addresses = {address("2001:db8::1")};
  CHECK(findings(options) == std::vector{SteeringError::kWrongFamily});
  options = router_pair();
  options.sla_classes = {{"voice", {}, {}, {}, 3, 5}};
  options.records[0].sla = 0;
  CHECK(findings(options) == std::vector{SteeringError::kNothingMeasured, SteeringError::kNothingMeasured});
}

TEST_CASE("steering check: a deprecated link is a warning before its date and an error after it") {
  using namespace std::chrono;
  server::SteeringOptions options = three_links(Policy::kFailover);
  options.links[0].deprecated = year_month_day{year{2027}, month{3}, day{31}};
  REQUIRE(findings(options) == std::vector{SteeringError::kLinkDeprecatedSoon});
  CHECK(server::severity(SteeringError::kLinkDeprecatedSoon) == server::Severity::kWarning);
  options.links[0].deprecated = year_month_day{year{2026}, month{3}, day{31}};
  REQUIRE(findings(options) == std::vector{SteeringError::kLinkDeprecated});
  CHECK(server::describe(options, server::check_options(options, kToday)[0]) ==
        "link mpls: in use after its deprecated date: 2026-03-31");
}

TEST_CASE("steering check: reports a view whose clients are covered by an earlier view") {
  struct Row {
    const char *first, *second;
    bool overlap;
  };
  static constexpr Row rows[] = {{"10.0.0.0/8", "10.0.0.0/8", true},   {"10.0.0.0/8", "10.1.0.0/16", true},
                                 {"10.1.0.0/16", "10.0.0.0/8", false}, {nullptr, "10.0.0.0/8", true},
                                 {"10.0.0.0/8", nullptr, false},       {"10.0.0.0/8", "2001:db8::/32", false}};
  for (const Row& row : rows) {
    server::SteeringOptions options = router_pair();
    options.views = {view("one", row.first), view("two", row.second)};
    options.records.push_back(options.records[0]);
    options.records[0].view = 0;
    options.records[1].view = 1;
    CHECK((findings(options) == std::vector{SteeringError::kViewsOverlap}) == row.overlap);
  }
}

TEST_CASE("steering check: reports a name in a signed zone") {
  const std::string plain =
      "@ 300 SOA ns hostmaster 1 3600 600 604800 60\n NS ns\nns 300 A 192.0.2.53\nwww 300 A 192.0.2.1\n";
  const std::string signature = "@ 300 RRSIG SOA 13 2 300 20301231000000 20250101000000 12345 example.com. AAAA\n";
  const auto errors = [](const std::string& text) {
    const auto snapshot = dns::Snapshot::of({dns::test::zone_of("example.com.", text)});
    std::vector<SteeringError> found;
    for (const server::SteeringFinding& finding : server::check_zones(router_pair(), *snapshot))
      found.push_back(finding.error);
    return found;
  };
  CHECK(errors(plain).empty());
  CHECK(errors(plain + signature) == std::vector{SteeringError::kSignedZone});
}
