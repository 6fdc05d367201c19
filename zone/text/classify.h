// What the octets of zone text are, a bit each: the one step of the parser that is written anew for each kind of
// machine.
//
//     text        www 300 (A)\n       line_end   ...........1      blank   ...1...1....      special   ........1.1.
//
// All levels give the same masks; which of them a machine has is asked at run time, so that one program runs everywhere
// and uses what it finds. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>

namespace dns {

inline constexpr std::size_t kBlock = 64;  // octets that one set of masks describes

// Bit i is of octet i of the block.
struct Masks {
  std::uint64_t line_end = 0;
  std::uint64_t blank = 0;    // as is_blank()
  std::uint64_t special = 0;  // " ( ) ; \ : more than themselves
};

enum class SimdLevel : std::uint8_t {
  kPlain,  // any machine: eight octets at a time in a register
  kSsse3,  // x86-64 since 2006; the build's own target counts on SSE4.2
  kAvx2,
  kAvx512,  // F and BW
  kNeon,    // every 64-bit ARM
};

// Those that this machine has, ascending: the last is the fastest. kPlain is always among them.
std::span<const SimdLevel> simd_levels();

// One set of masks for each of `count` blocks at `text`. `level` is one of `simd_levels()`.
void classify(SimdLevel level, const char* text, std::size_t count, Masks* out);

}  // namespace dns
