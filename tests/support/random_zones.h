// Small random zones in which everything meets everything: wildcards, empty non-terminals, cuts, DNAME, alias chains
// and loops, glue, choices by view, and zones that are parents or children of each other. Few labels, so that questions
// hit.
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

// A name of a zone of ours, near one, or anywhere.
Name random_question_name(std::mt19937_64& random, const RandomZones& zones);
Type random_question_type(std::mt19937_64& random);
// Nobody, or a client in or out of the views.
ListedAsker random_asker(std::mt19937_64& random, const RandomZones& zones);

}  // namespace dns::test
