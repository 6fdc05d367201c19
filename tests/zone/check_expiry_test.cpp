#include <initializer_list>

#include <doctest/doctest.h>

#include "zone/build/builder.h"
#include "zone/check/expiry.h"
#include "zone/name/text.h"

namespace dns {
namespace {

struct Signature {
  const char* owner;
  Type covered;
  std::uint32_t end;
};

std::shared_ptr<const Zone> zone_of(std::initializer_list<Signature> signatures) {
  const Name apex = *parse_name("z.");
  ZoneBuilder builder(apex);
  const std::vector<std::uint8_t> soa(22);  // two root names and five numbers
  REQUIRE((builder.add(apex, Type::SOA, 60, soa) == AddOutcome::kAdded));
  std::uint8_t tag = 0;
  for (const Signature& signature : signatures) {
    std::vector<std::uint8_t> rdata(20);  // the root as signer, one octet of a signature
    store16(rdata.data(), static_cast<std::uint16_t>(signature.covered));
    store32(rdata.data() + 8, signature.end);
    rdata.back() = ++tag;
    REQUIRE((builder.add(*parse_name(signature.owner, apex), Type::RRSIG, 60, rdata) == AddOutcome::kAdded));
  }
  return builder.finish().zone;
}

// Gives "www.z. 1 300" or "none".
std::string text(const std::optional<Expiry>& expiry) {
  if (!expiry) return "none";
  return to_text(expiry->owner) + " " + std::to_string(static_cast<int>(expiry->covered)) + " " +
         std::to_string(expiry->at.value);
}

}  // namespace

TEST_CASE("expiry: returns the RRset whose latest signature expires first, in serial arithmetic") {
  CHECK(text(first_expiry(*zone_of({}))) == "none");
  CHECK(text(soa_expiry(*zone_of({{"www", Type::A, 300}}))) == "none");
  const auto zone = zone_of({{"z.", Type::SOA, 900},
                             {"z.", Type::SOA, 400},
                             {"www", Type::A, 500},
                             {"www", Type::A, 700},
                             {"mail", Type::A, 800}});
  CHECK(text(first_expiry(*zone)) == "www.z. 1 700");
  CHECK(text(soa_expiry(*zone)) == "z. 6 900");
  CHECK(text(first_expiry(*zone_of({{"a", Type::A, 5}, {"b", Type::A, 0xffff'fff0}}))) == "b.z. 1 4294967280");
}

}  // namespace dns
