// The algorithms of TSIG keys (RFC 8945 6): one row each. Constants; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "zone/message/tsig.h"

namespace server {

enum class Strength : std::uint8_t {
  kGood,
  kOld,   // HMAC with SHA-1: not broken, but not recommended for new keys
  kWeak,  // HMAC with MD5: only if the operator says so
};

struct TsigAlgorithm {
  std::string_view word;  // in the configuration, and as dig writes it
  std::string_view wire;  // its name in messages; the end of the literal is the octet of the root
  const char* digest;     // its name in OpenSSL
  std::size_t mac_size;   // octets
  Strength strength;

  dns::NameView name() const { return dns::NameView::trusted(dns::as_bytes(wire).data(), wire.size() + 1); }
};

// The first one is the default.
inline constexpr auto kTsigAlgorithms = std::to_array<TsigAlgorithm>({
    {"hmac-sha256", "\13hmac-sha256", "SHA256", 32, Strength::kGood},
    {"hmac-sha384", "\13hmac-sha384", "SHA384", 48, Strength::kGood},
    {"hmac-sha512", "\13hmac-sha512", "SHA512", 64, Strength::kGood},
    {"hmac-sha224", "\13hmac-sha224", "SHA224", 28, Strength::kGood},
    {"hmac-sha1", "\11hmac-sha1", "SHA1", 20, Strength::kOld},
    {"hmac-md5", "\10hmac-md5\7sig-alg\3reg\3int", "MD5", 16, Strength::kWeak},
});

// Null: no algorithm has this word.
inline const TsigAlgorithm* find_algorithm(std::string_view word) {
  for (const TsigAlgorithm& algorithm : kTsigAlgorithms)
    if (algorithm.word == word) return &algorithm;
  return nullptr;
}

}  // namespace server
