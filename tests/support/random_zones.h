// Small random zones that combine all kinds of nodes: wildcards, empty non-terminals, zone cuts, DNAME, alias chains
// and loops, glue, choices by view, and zones that are parents or children of each other. They have few labels, so that
// questions often match.
#pragma once

#include <random>

#include "tests/support/reference_answer.h"
#include "zone/snapshot/snapshot.h"

namespace dns::test {

struct RandomZones {
  std::vector<ListedZone> listed;
  std::vector<View> views;
  std::shared_ptr<const Snapshot> snapshot;
};

RandomZones random_zones(std::mt19937_64& random);
// The same zones with signatures and proofs (random_signing.h).
RandomZones random_signed_zones(std::mt19937_64& random);

// A name in one of these zones, a name near one, or any name.
Name random_question_name(std::mt19937_64& random, const RandomZones& zones);
Type random_question_type(std::mt19937_64& random);
// No client, or a client inside or outside the views.
ListedAsker random_asker(std::mt19937_64& random, const RandomZones& zones);

}  // namespace dns::test
