// Workloads of the benchmarks: zones and questions like those of a server of one site, of a registry and of a hoster.
//
//     small     one zone of 100 hosts; each question asks for an existing name
//     small-nx  the same zone; each question asks for a name that does not exist
//     tld       one zone of delegations: a third have in-domain servers with glue, the others use one of many hosters
//               outside. Four of five questions get a referral, the others ask for names that do not exist
//     signed-registry
//               like tld, but signed: NSEC3 with opt-out, three of five delegations have a DS, and the questions have
//               DO
//     hosting   many zones of a dozen records: addresses, mail exchangers, texts, and some names that do not exist
//
// All questions have EDNS. The same sizes give the same octets on every machine.
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
