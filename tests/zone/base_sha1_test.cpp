#include <vector>

#include <doctest/doctest.h>

#include "zone/base/sha1.h"

namespace dns {
namespace {

std::string hex(const Sha1Digest& digest) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t octet : digest) text += {kDigits[octet >> 4], kDigits[octet & 15]};
  return text;
}

}  // namespace

TEST_CASE("sha1: matches the examples of FIPS 180") {
  for (const Sha1Code code : {Sha1Code::kPlain, best_sha1_code()}) {
    CHECK(hex(sha1(code, as_bytes("abc"), {})) == "a9993e364706816aba3e25717850c26c9cd0d89d");
    CHECK(hex(sha1(code, as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), {})) ==
          "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    CHECK(hex(sha1(code, {}, {})) == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  }
}

// Each digest is the salt of the next hash. The expected last digest comes from Python's hashlib.
TEST_CASE("sha1: is correct for every length of name and salt") {
  Sha1Digest digest{};
  for (std::size_t size = 0; size + digest.size() <= kMaxSha1Octets; ++size) {
    std::vector<std::uint8_t> octets(size);
    for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<std::uint8_t>(7 * i + size);
    const Sha1Digest plain = sha1(Sha1Code::kPlain, octets, digest);
    digest = sha1(octets, digest);
    CHECK(digest == plain);
  }
  CHECK(hex(digest) == "500a1d6726acd597805705bd085fa6055f1bd545");
}

}  // namespace dns
