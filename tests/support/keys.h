// TSIG keys, and a clock that stands still, for tests.
#pragma once

#include <string_view>

#include "server/keys/key_ring.h"
#include "server/keys/tsig_client.h"
#include "tests/support/zone_from_text.h"

namespace server::test {

inline constexpr std::uint64_t kNow = 1'800'000'000;  // seconds since 1970
inline std::uint64_t still_clock() { return kNow; }

// A key with as many octets of secret as its MAC has, all equal to `octet`.
inline KeyOptions key_of(std::string_view name, std::string_view algorithm = "hmac-sha256", std::uint8_t octet = 7) {
  const TsigAlgorithm* const found = find_algorithm(algorithm);
  return {.name = dns::test::name_of(name),
          .algorithm = found,
          .secret = Secret(std::vector<std::uint8_t>(found->mac_size, octet))};
}

inline std::shared_ptr<const KeyRing> ring_of(std::vector<KeyOptions> keys) {
  return std::make_shared<const KeyRing>(std::move(keys));
}

// The request with a signature by `key`, which is one of `ring`, made at `time`.
inline std::vector<std::uint8_t> signed_request(const KeyRing& ring, std::string_view key,
                                                std::vector<std::uint8_t> request, std::uint64_t time = kNow) {
  TsigClient client(*ring.find(dns::test::name_of(key)));
  client.sign(request, time);
  return request;
}

}  // namespace server::test
