// Signs the listed zones of random_zones.h: a chain of NSEC or NSEC3 records and signatures whose octets mean nothing.
#pragma once

#include <random>

#include "tests/support/reference_answer.h"

namespace dns::test {

// Half of the zones get NSEC, the others NSEC3, with or without opt-out.
void sign_at_random(std::mt19937_64& random, ListedZone& zone);
// Removes about an eighth of the signatures and of the NSEC and NSEC3 records.
void damage_at_random(std::mt19937_64& random, ListedZone& zone);

}  // namespace dns::test
