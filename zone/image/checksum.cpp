#include "zone/image/checksum.h"

#include <array>
#include <cstddef>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace dns {
namespace {

constexpr std::size_t kPairs = 4, kPairOctets = 16, kStripe = kPairs * kPairOctets;
// 2^64 divided by the golden ratio, made odd: keys repeat only after 2^64 stripes.
constexpr std::uint64_t kStep = 0x9e37'79b9'7f4a'7c15;
constexpr std::uint64_t kMultiplier = 0xd6e8'feb8'6659'fd93;  // odd, with well-mixed bits

// Two words side by side.
#if defined(__x86_64__)
class Pair {
 public:
  Pair(std::uint64_t low, std::uint64_t high)
      : words_(_mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low))) {}
  static Pair load(const std::uint8_t* octets) {
    Pair pair;
    std::memcpy(&pair.words_, octets, kPairOctets);
    return pair;
  }
  Pair operator+(Pair other) const { return Pair(_mm_add_epi64(words_, other.words_)); }
  Pair operator^(Pair other) const { return Pair(_mm_xor_si128(words_, other.words_)); }
  // The low half of each word times its high half.
  Pair product() const { return Pair(_mm_mul_epu32(words_, _mm_srli_epi64(words_, 32))); }
  Pair swapped() const { return Pair(_mm_shuffle_epi32(words_, _MM_SHUFFLE(1, 0, 3, 2))); }
  void store(std::uint64_t* words) const { std::memcpy(words, &words_, kPairOctets); }

 private:
  Pair() = default;
  explicit Pair(__m128i words) : words_(words) {}
  __m128i words_;
};
#elif defined(__aarch64__)
class Pair {
 public:
  Pair(std::uint64_t low, std::uint64_t high) : words_(vcombine_u64(vcreate_u64(low), vcreate_u64(high))) {}
  static Pair load(const std::uint8_t* octets) { return Pair(vreinterpretq_u64_u8(vld1q_u8(octets))); }
  Pair operator+(Pair other) const { return Pair(vaddq_u64(words_, other.words_)); }
  Pair operator^(Pair other) const { return Pair(veorq_u64(words_, other.words_)); }
  Pair product() const { return Pair(vmull_u32(vmovn_u64(words_), vshrn_n_u64(words_, 32))); }
  Pair swapped() const { return Pair(vextq_u64(words_, words_, 1)); }
  void store(std::uint64_t* words) const { vst1q_u64(words, words_); }

 private:
  explicit Pair(uint64x2_t words) : words_(words) {}
  uint64x2_t words_;
};
#else
class Pair {
 public:
  Pair(std::uint64_t low, std::uint64_t high) : low_(low), high_(high) {}
  static Pair load(const std::uint8_t* octets) {
    std::uint64_t low = 0, high = 0;
    std::memcpy(&low, octets, sizeof low);
    std::memcpy(&high, octets + sizeof low, sizeof high);
    return {low, high};
  }
  Pair operator+(Pair other) const { return {low_ + other.low_, high_ + other.high_}; }
  Pair operator^(Pair other) const { return {low_ ^ other.low_, high_ ^ other.high_}; }
  Pair product() const { return {(low_ & 0xffff'ffff) * (low_ >> 32), (high_ & 0xffff'ffff) * (high_ >> 32)}; }
  Pair swapped() const { return {high_, low_}; }
  void store(std::uint64_t* words) const {
    words[0] = low_;
    words[1] = high_;
  }

 private:
  std::uint64_t low_, high_;
};
#endif

// The sums of all stripes so far. Each word of each stripe has another key.
class Sums {
 public:
#if defined(__x86_64__)
  // `add` for `count` stripes, two pairs at a time. One thread then reads as fast as memory delivers.
  [[gnu::target("avx2")]] void add_wide(const std::uint8_t* stripe, std::size_t count) {
    __m256i sums[kPairs / 2], keys[kPairs / 2];
    std::memcpy(sums, sums_.data(), sizeof sums);
    std::memcpy(keys, keys_.data(), sizeof keys);
    const __m256i step = _mm256_set1_epi64x(static_cast<long long>(kStep));
    for (; count > 0; --count, stripe += kStripe) {
      for (std::size_t half = 0; half < kPairs / 2; ++half) {
        __m256i data;
        std::memcpy(&data, stripe + half * sizeof data, sizeof data);
        const __m256i mixed = _mm256_xor_si256(data, keys[half]);
        const __m256i product = _mm256_mul_epu32(mixed, _mm256_srli_epi64(mixed, 32));
        const __m256i swapped = _mm256_shuffle_epi32(data, _MM_SHUFFLE(1, 0, 3, 2));
        sums[half] = _mm256_add_epi64(sums[half], _mm256_add_epi64(product, swapped));
        keys[half] = _mm256_add_epi64(keys[half], step);
      }
    }
    std::memcpy(sums_.data(), sums, sizeof sums);
    std::memcpy(keys_.data(), keys, sizeof keys);
  }
#endif

  void add(const std::uint8_t* stripe) {
    const Pair step(kStep, kStep);
    for (std::size_t pair = 0; pair < kPairs; ++pair) {
      const Pair data = Pair::load(stripe + pair * kPairOctets);
      sums_[pair] = sums_[pair] + (data ^ keys_[pair]).product() + data.swapped();
      keys_[pair] = keys_[pair] + step;
    }
  }

  Checksum finish(std::uint64_t size) const {
    std::array<std::uint64_t, 2 * kPairs> words{};
    for (std::size_t pair = 0; pair < kPairs; ++pair) sums_[pair].store(&words[2 * pair]);
    // A changed word may change its own sum, and certainly changes the sum of its neighbour. The two sums go into
    // different halves of the result in reversible steps; therefore the half of the neighbour always differs in the
    // end.
    Checksum checksum{size, ~size};
    for (std::size_t pair = 0; pair < kPairs; ++pair) {
      checksum.first = mix(checksum.first, words[2 * pair]);
      checksum.second = mix(checksum.second, words[2 * pair + 1]);
    }
    return checksum;
  }

 private:
  static std::uint64_t mix(std::uint64_t state, std::uint64_t word) {
    state = (state ^ word) * kMultiplier;
    return state ^ state >> 32;
  }

  std::array<Pair, kPairs> sums_{Pair(0, 0), Pair(0, 0), Pair(0, 0), Pair(0, 0)};
  std::array<Pair, kPairs> keys_{
      Pair(0x243f'6a88'85a3'08d3, 0x1319'8a2e'0370'7344), Pair(0xa409'3822'299f'31d0, 0x082e'fa98'ec4e'6c89),
      Pair(0x4528'21e6'38d0'1377, 0xbe54'66cf'34e9'0c6c), Pair(0xc0ac'29b7'c97c'50dd, 0x3f84'd5b5'b547'0917)};  // of pi
};

}  // namespace

Checksum checksum(Bytes octets) {
  Sums sums;
  std::size_t at = 0;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    at = octets.size() / kStripe * kStripe;
    sums.add_wide(octets.data(), at / kStripe);
  }
#endif
  for (; at + kStripe <= octets.size(); at += kStripe) sums.add(octets.data() + at);
  if (at < octets.size()) {
    std::array<std::uint8_t, kStripe> last{};
    std::memcpy(last.data(), octets.data() + at, octets.size() - at);
    sums.add(last.data());
  }
  return sums.finish(octets.size());
}

}  // namespace dns
