#include <doctest/doctest.h>

#include "server/steering/check.h"
#include "tests/support/steering.h"
#include "tests/support/zone_from_text.h"

using namespace steered;
using server::SteeringError;

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
