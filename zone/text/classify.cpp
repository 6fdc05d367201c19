#include "zone/text/classify.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "zone/base/result.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace dns {
namespace {

constexpr std::string_view kBlanks = " \t\r", kSpecials = "\"();\\";

// A table of one class by the low four bits of its octets, which differ within each class. One lookup gives the only
// candidate, and one comparison decides. An unused place holds an octet that never matches. The table is repeated four
// times, for registers of up to 64 octets.
using ByLowBits = std::array<std::uint8_t, 64>;

constexpr ByLowBits by_low_bits(std::string_view octets) {
  ByLowBits table{};
  for (std::size_t quarter = 0; quarter < table.size(); quarter += 16) {
    table[quarter] = 1;
    for (const char c : octets) table[quarter + (static_cast<std::uint8_t>(c) & 15U)] = static_cast<std::uint8_t>(c);
  }
  return table;
}

constexpr bool all_found(const ByLowBits& table, std::string_view octets) {
  return std::ranges::all_of(
      octets, [&](char c) { return table[static_cast<std::uint8_t>(c) & 15U] == static_cast<std::uint8_t>(c); });
}

constexpr ByLowBits kBlankTable = by_low_bits(kBlanks), kSpecialTable = by_low_bits(kSpecials);
static_assert(all_found(kBlankTable, kBlanks) && all_found(kSpecialTable, kSpecials));

// One bit for each class. `gather` collects that bit from eight octets with one multiplication.
constexpr auto kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  classes['\n'] = 1;
  for (const char c : kBlanks) classes[static_cast<std::uint8_t>(c)] = 2;
  for (const char c : kSpecials) classes[static_cast<std::uint8_t>(c)] = 4;
  return classes;
}();

// The lowest bits of eight octets, side by side.
constexpr std::uint64_t gather(std::uint64_t octets) {
  return (octets & 0x0101010101010101) * 0x0102040810204080 >> 56;
}

void classify_plainly(const char* text, std::size_t count, Masks* out) {
  for (std::size_t block = 0; block < count; ++block, text += kBlock) {
    Masks masks;
    for (std::size_t i = 0; i < kBlock; i += 8) {
      std::uint64_t octets = 0;
      for (std::size_t j = 0; j < 8; ++j)
        octets |= std::uint64_t{kClasses[static_cast<std::uint8_t>(text[i + j])]} << 8 * j;
      masks.line_end |= gather(octets) << i;
      masks.blank |= gather(octets >> 1) << i;
      masks.special |= gather(octets >> 2) << i;
    }
    out[block] = masks;
  }
}

#if defined(__x86_64__)

[[gnu::target("ssse3")]] void classify_ssse3(const char* text, std::size_t count, Masks* out) {
  __m128i blanks, specials;
  std::memcpy(&blanks, kBlankTable.data(), sizeof blanks);
  std::memcpy(&specials, kSpecialTable.data(), sizeof specials);
  for (std::size_t block = 0; block < count; ++block) {
    Masks masks;
    for (std::size_t i = 0; i < kBlock; i += 16, text += 16) {
      __m128i octets;
      std::memcpy(&octets, text, sizeof octets);
      const auto blank = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_shuffle_epi8(blanks, octets), octets));
      const auto special = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_shuffle_epi8(specials, octets), octets));
      const auto line_end = _mm_movemask_epi8(_mm_cmpeq_epi8(octets, _mm_set1_epi8('\n')));
      masks.blank |= std::uint64_t{static_cast<std::uint16_t>(blank)} << i;
      masks.special |= std::uint64_t{static_cast<std::uint16_t>(special)} << i;
      masks.line_end |= std::uint64_t{static_cast<std::uint16_t>(line_end)} << i;
    }
    out[block] = masks;
  }
}

[[gnu::target("avx2")]] void classify_avx2(const char* text, std::size_t count, Masks* out) {
  __m256i blanks, specials;
  std::memcpy(&blanks, kBlankTable.data(), sizeof blanks);
  std::memcpy(&specials, kSpecialTable.data(), sizeof specials);
  for (std::size_t block = 0; block < count; ++block) {
    Masks masks;
    for (std::size_t i = 0; i < kBlock; i += 32, text += 32) {
      __m256i octets;
      std::memcpy(&octets, text, sizeof octets);
      const auto blank = _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_shuffle_epi8(blanks, octets), octets));
      const auto special = _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_shuffle_epi8(specials, octets), octets));
      const auto line_end = _mm256_movemask_epi8(_mm256_cmpeq_epi8(octets, _mm256_set1_epi8('\n')));
      masks.blank |= std::uint64_t{static_cast<std::uint32_t>(blank)} << i;
      masks.special |= std::uint64_t{static_cast<std::uint32_t>(special)} << i;
      masks.line_end |= std::uint64_t{static_cast<std::uint32_t>(line_end)} << i;
    }
    out[block] = masks;
  }
}

[[gnu::target("avx512f,avx512bw")]] void classify_avx512(const char* text, std::size_t count, Masks* out) {
  __m512i blanks, specials;
  std::memcpy(&blanks, kBlankTable.data(), sizeof blanks);
  std::memcpy(&specials, kSpecialTable.data(), sizeof specials);
  for (std::size_t block = 0; block < count; ++block, text += kBlock) {
    const __m512i octets = _mm512_loadu_si512(text);
    out[block] = {.line_end = _mm512_cmpeq_epi8_mask(octets, _mm512_set1_epi8('\n')),
                  .blank = _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(blanks, octets), octets),
                  .special = _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(specials, octets), octets)};
  }
}

#elif defined(__aarch64__)

// Each octet of all ones gives one bit; adjacent pairs are added until each half of the block is eight octets of bits.
std::uint64_t gather(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d) {
  static constexpr std::uint8_t kBits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const uint8x16_t bits = vld1q_u8(kBits);
  const uint8x16_t low = vpaddq_u8(vandq_u8(a, bits), vandq_u8(b, bits)),
                   high = vpaddq_u8(vandq_u8(c, bits), vandq_u8(d, bits));
  const uint8x16_t both = vpaddq_u8(low, high);
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(both, both)), 0);
}

void classify_neon(const char* text, std::size_t count, Masks* out) {
  const uint8x16_t blanks = vld1q_u8(kBlankTable.data()), specials = vld1q_u8(kSpecialTable.data());
  const uint8x16_t low_bits = vdupq_n_u8(15), line_end = vdupq_n_u8('\n');
  for (std::size_t block = 0; block < count; ++block, text += kBlock) {
    uint8x16_t octets[4], blank[4], special[4], end[4];
    for (std::size_t i = 0; i < 4; ++i) {
      std::memcpy(&octets[i], text + 16 * i, sizeof octets[i]);
      const uint8x16_t place = vandq_u8(octets[i], low_bits);
      blank[i] = vceqq_u8(vqtbl1q_u8(blanks, place), octets[i]);
      special[i] = vceqq_u8(vqtbl1q_u8(specials, place), octets[i]);
      end[i] = vceqq_u8(octets[i], line_end);
    }
    out[block] = {.line_end = gather(end[0], end[1], end[2], end[3]),
                  .blank = gather(blank[0], blank[1], blank[2], blank[3]),
                  .special = gather(special[0], special[1], special[2], special[3])};
  }
}

#endif

struct Levels {
  std::array<SimdLevel, 4> have{};
  std::size_t count = 0;
  void add(SimdLevel level) { have[count++] = level; }
};

Levels find_levels() {
  Levels levels;
  levels.add(SimdLevel::kPlain);
#if defined(__x86_64__)
  if (__builtin_cpu_supports("ssse3")) levels.add(SimdLevel::kSsse3);
  if (__builtin_cpu_supports("avx2")) levels.add(SimdLevel::kAvx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")) levels.add(SimdLevel::kAvx512);
#elif defined(__aarch64__)
  levels.add(SimdLevel::kNeon);
#endif
  return levels;
}

}  // namespace

std::span<const SimdLevel> simd_levels() {
  static const Levels levels = find_levels();
  return std::span(levels.have).first(levels.count);
}

void classify(SimdLevel level, const char* text, std::size_t count, Masks* out) {
  switch (level) {
    case SimdLevel::kPlain: return classify_plainly(text, count, out);
#if defined(__x86_64__)
    case SimdLevel::kSsse3: return classify_ssse3(text, count, out);
    case SimdLevel::kAvx2: return classify_avx2(text, count, out);
    case SimdLevel::kAvx512: return classify_avx512(text, count, out);
    case SimdLevel::kNeon: break;
#elif defined(__aarch64__)
    case SimdLevel::kNeon: return classify_neon(text, count, out);
    case SimdLevel::kSsse3:
    case SimdLevel::kAvx2:
    case SimdLevel::kAvx512: break;
#else
    case SimdLevel::kSsse3:
    case SimdLevel::kAvx2:
    case SimdLevel::kAvx512:
    case SimdLevel::kNeon: break;
#endif
  }
  require(false, "the machine supports the SIMD level");
}

}  // namespace dns
