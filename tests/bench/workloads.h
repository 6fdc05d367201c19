// What the benchmarks ask: zones and questions like those that a server of one site, of a registry and of a hoster
// sees.
//
//     small     one zone of 100 hosts, each question a hit
//     small-nx  the same zone, each question a name that does not exist
//     tld       one zone of delegations: a third of them with servers below themselves and glue, the others at one of
//               many hosters outside; four of five questions are referred, the others are for names that do not exist
//     hosting   many zones of a dozen records: addresses, mail exchangers, texts, and some names that do not exist
// All questions carry EDNS. The same sizes give the same octets on every machine.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "zone/snapshot/snapshot.h"

namespace dns::test {

struct Workload {
  std::string name;
  std::shared_ptr<const Snapshot> snapshot;
  std::vector<std::vector<std::uint8_t>> questions;
};

struct WorkloadSizes {
  std::size_t delegations = 100000;
  std::size_t zones = 5000;
  std::size_t questions = 20000;  // of each workload
};

std::vector<Workload> make_workloads(const WorkloadSizes& sizes);

}  // namespace dns::test
