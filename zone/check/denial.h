// Checks the records that prove that names and types do not exist: NSEC (RFC 4034 4, RFC 4035 2.3) and the NSEC3 chain
// in use (RFC 5155 7.1). Each authoritative name needs its record, each record its name, the types in it must be those
// at the name, and each record must name the next one. Otherwise validating resolvers refuse answers of the zone, or
// believe that a name does not exist.
//
// Signatures are not verified. Pure; costs one walk over the names, and a hash of each with NSEC3. It is not part of
// `check`, whose findings keep a zone from being loaded in parts.
#pragma once

#include <functional>
#include <vector>

#include "zone/snapshot/zone.h"

namespace dns {

struct DenialFinding {
  enum class Fault : std::uint8_t {
    kNoRecord,          // the name has no NSEC or NSEC3 record
    kNoName,            // the record belongs to no authoritative name
    kTypes,             // the record lists other types than the name has
    kNext,              // the record does not name the next one
    kUnknownAlgorithm,  // the hash algorithm of an NSEC3 or NSEC3PARAM record is unknown
  } fault;
  Type type{};                     // NSEC, NSEC3 or NSEC3PARAM
  Name owner;                      // of the name; kNoName, kNext and kUnknownAlgorithm: of the record
  Name next;                       // kNext: the owner of the record that follows
  std::vector<Type> lacks, lists;  // kTypes: types that are missing in the record, and those that are too many
};

// Calls `report` for each finding: of names in canonical order, then of records of the NSEC3 chain in its order.
void check_denial(const Zone& zone, const std::function<void(const DenialFinding&)>& report);

}  // namespace dns
