// A checksum that detects damaged data, at memory speed.
//
//     stripe i    | word 0 | word 1 | ... | word 7 |     Each word is XORed with a key for its position. The product
//     sums        |   +    |   +    | ... |   +    |     of its halves is added to its own sum, and the word itself
//                                                        is added to the sum of its neighbour.
//
// A change within one word, for example of any single bit, is always detected: the sum of its neighbour differs. Other
// damage is missed with a probability of about 2^-64. It does not protect against forgery. The eight sums do not depend
// on each other; they use registers of 16 octets, or of 32 if the machine has them. The result is the same on all
// machines with the same byte order. Pure; any thread.
#pragma once

#include <cstdint>

#include "zone/base/bytes.h"

namespace dns {

struct Checksum {
  std::uint64_t first = 0, second = 0;

  friend bool operator==(const Checksum&, const Checksum&) = default;
};

Checksum checksum(Bytes octets);

}  // namespace dns
