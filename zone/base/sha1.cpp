#include "zone/base/sha1.h"

#include <bit>

#include "zone/base/result.h"

namespace dns {
namespace {

constexpr std::size_t kBlock = 64;  // octets of a block
constexpr std::size_t kLength = 8;  // octets of the bit length at the end of the last block
constexpr unsigned kRounds = 80, kRoundsAlike = 20;

using State = std::array<std::uint32_t, 5>;

// FIPS 180-4 6.1.2: one function and one constant for each twenty rounds.
std::uint32_t mixed_in(unsigned round, const State& state) {
  const auto [a, b, c, d, e] = state;
  switch (round / kRoundsAlike) {
    case 0: return (d ^ (b & (c ^ d))) + 0x5a827999;
    case 1: return (b ^ c ^ d) + 0x6ed9eba1;
    case 2: return ((b & c) | (d & (b | c))) + 0x8f1bbcdc;
    default: return (b ^ c ^ d) + 0xca62c1d6;
  }
}

void add_block(State& state, const std::uint8_t* block) {
  std::array<std::uint32_t, kRounds> words;
  for (unsigned i = 0; i < 16; ++i) words[i] = load32(block + 4 * i);
  for (unsigned i = 16; i < kRounds; ++i)
    words[i] = std::rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  State now = state;
  for (unsigned round = 0; round < kRounds; ++round) {
    const std::uint32_t first = std::rotl(now[0], 5) + mixed_in(round, now) + now[4] + words[round];
    now = {first, now[0], std::rotl(now[1], 30), now[2], now[3]};
  }
  for (std::size_t i = 0; i < state.size(); ++i) state[i] += now[i];
}

}  // namespace

Sha1Digest sha1(Bytes octets, Bytes salt) {
  const std::size_t size = octets.size() + salt.size();
  require(size <= kMaxSha1Octets, "SHA-1 input has at most kMaxSha1Octets");
  std::array<std::uint8_t, (kMaxSha1Octets + kLength + kBlock) / kBlock * kBlock> padded;
  const std::size_t whole = (size + 1 + kLength + kBlock - 1) / kBlock * kBlock;
  const auto append = [&](std::size_t at, Bytes some) {
    if (!some.empty()) std::memcpy(padded.data() + at, some.data(), some.size());  // an empty span may be null
  };
  append(0, octets);
  append(octets.size(), salt);
  padded[size] = 0x80;
  std::memset(padded.data() + size + 1, 0, whole - size - 1);
  store64(padded.data() + whole - kLength, 8 * size);

  State state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  for (std::size_t at = 0; at < whole; at += kBlock) add_block(state, padded.data() + at);
  Sha1Digest digest;
  for (std::size_t i = 0; i < state.size(); ++i) store32(digest.data() + 4 * i, state[i]);
  return digest;
}

}  // namespace dns
