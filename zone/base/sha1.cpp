#include "zone/base/sha1.h"

#include <bit>

#include "zone/base/result.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

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

void add_blocks_plainly(State& state, const std::uint8_t* blocks, std::size_t count) {
  for (; count > 0; --count, blocks += kBlock) add_block(state, blocks);
}

#if defined(__x86_64__)

constexpr int kReversed = 0x1b;  // a shuffle: the instructions have the first word of a vector on top

// Four rounds each with the instructions of the processor. A vector holds four words; `before` is `abcd` of four rounds
// ago, from which the instruction takes e.
struct ShaState {
  __m128i abcd, before;
};

template <int kFunction>
[[gnu::target("sha,sse4.1"), gnu::always_inline]] inline void four_rounds(ShaState& state, __m128i e) {
  state.before = state.abcd;
  state.abcd = _mm_sha1rnds4_epu32(state.abcd, e, kFunction);
}

// Rounds 4 * kGroup and the three behind it; `words` are the four vectors of words before them.
template <int kGroup>
[[gnu::target("sha,sse4.1"), gnu::always_inline]] inline void extended_rounds(ShaState& state, __m128i* words) {
  __m128i& next = words[kGroup % 4];
  next = _mm_sha1msg1_epu32(next, words[(kGroup + 1) % 4]);
  next = _mm_sha1msg2_epu32(_mm_xor_si128(next, words[(kGroup + 2) % 4]), words[(kGroup + 3) % 4]);
  four_rounds<kGroup / 5>(state, _mm_sha1nexte_epu32(state.before, next));
  if constexpr (kGroup < 19) extended_rounds<kGroup + 1>(state, words);
}

[[gnu::target("sha,sse4.1")]] void add_blocks_by_instructions(State& sums, const std::uint8_t* blocks,
                                                              std::size_t count) {
  const __m128i big_endian = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
  __m128i abcd;
  std::memcpy(&abcd, sums.data(), sizeof abcd);
  abcd = _mm_shuffle_epi32(abcd, kReversed);
  __m128i e = _mm_set_epi32(static_cast<int>(sums[4]), 0, 0, 0);
  for (; count > 0; --count, blocks += kBlock) {
    __m128i words[4];
    for (std::size_t i = 0; i < 4; ++i) {
      std::memcpy(&words[i], blocks + i * sizeof words[i], sizeof words[i]);
      words[i] = _mm_shuffle_epi8(words[i], big_endian);
    }
    ShaState state{abcd, abcd};
    four_rounds<0>(state, _mm_add_epi32(e, words[0]));
    for (std::size_t i = 1; i < 4; ++i) four_rounds<0>(state, _mm_sha1nexte_epu32(state.before, words[i]));
    extended_rounds<4>(state, words);
    e = _mm_sha1nexte_epu32(state.before, e);
    abcd = _mm_add_epi32(abcd, state.abcd);
  }
  abcd = _mm_shuffle_epi32(abcd, kReversed);
  std::memcpy(sums.data(), &abcd, sizeof abcd);
  sums[4] = static_cast<std::uint32_t>(_mm_extract_epi32(e, 3));
}

bool has_instructions() { return __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("sha"); }

#endif

void add_blocks(Sha1Code code, State& state, const std::uint8_t* blocks, std::size_t count) {
#if defined(__x86_64__)
  if (code == Sha1Code::kInstructions) return add_blocks_by_instructions(state, blocks, count);
#endif
  require(code == Sha1Code::kPlain, "the processor has instructions for SHA-1");
  add_blocks_plainly(state, blocks, count);
}

}  // namespace

Sha1Code best_sha1_code() {
#if defined(__x86_64__)
  static const Sha1Code best = has_instructions() ? Sha1Code::kInstructions : Sha1Code::kPlain;
  return best;
#else
  return Sha1Code::kPlain;
#endif
}

Sha1Digest sha1(Sha1Code code, Bytes octets, Bytes salt) {
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
  add_blocks(code, state, padded.data(), whole / kBlock);
  Sha1Digest digest;
  for (std::size_t i = 0; i < state.size(); ++i) store32(digest.data() + 4 * i, state[i]);
  return digest;
}

}  // namespace dns
