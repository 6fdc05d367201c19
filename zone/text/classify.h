// Classifies the octets of zone text, one bit for each octet. The only step of the parser with code for each CPU type.
//
//     text        www 300 (A)\n       line_end   ...........1      blank   ...1...1....      special   ........1.1.
//
// All levels give the same masks. The levels of the machine are detected at run time: one program runs everywhere and
// uses the fastest level. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>

namespace dns {

inline constexpr std::size_t kBlock = 64;  // octets that one set of masks describes

// Bit i belongs to octet i of the block.
struct Masks {
  std::uint64_t line_end = 0;
  std::uint64_t blank = 0;    // as is_blank()
  std::uint64_t special = 0;  // " ( ) ; \ : octets with a special meaning
};

enum class SimdLevel : std::uint8_t {
  kPlain,  // any machine: eight octets at a time in a register
  kSsse3,  // x86-64 since 2006; the build target requires SSE4.2 anyway
  kAvx2,
  kAvx512,  // F and BW
  kNeon,    // every 64-bit ARM
};

// The levels of this machine, ascending: the last is the fastest. kPlain is always one of them.
std::span<const SimdLevel> simd_levels();

// Writes one set of masks for each of `count` blocks at `text`. `level` is one of `simd_levels()`.
void classify(SimdLevel level, const char* text, std::size_t count, Masks* out);

}  // namespace dns
