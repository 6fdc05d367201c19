// Tells octets that are as they were from octets that are not, as fast as memory gives them.
//
//     stripe i    | word 0 | word 1 | ... | word 7 |       each word, with a key that no other place has, is
//     multiplied, its low sums        |   +    |   +    | ... |   +    |       half by its high half, into its own sum,
//     and added as it is to its neighbour's
//
// A change within one word, such as any single bit, is found for certain: its neighbour's sum differs. Other damage
// goes unseen with a chance of about 2^-64. Not against forgery. Eight sums that do not wait for each other, in
// registers of 16 octets, or of 32 where the machine has them. The same on all machines of one byte order. Pure; any
// thread.
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
