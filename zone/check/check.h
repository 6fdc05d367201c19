// Checks a zone as a whole against the rules of the RFCs, beyond the syntax of its records. Pure functions.
#pragma once

#include <vector>

#include "zone/base/parallel.h"
#include "zone/snapshot/zone.h"

namespace dns {

enum class Finding : std::uint8_t {
  kNoSoa,
  kNoApexNs,
  kSerialZero,
  kCnameWithOtherData,
  kSeveralCnames,
  kSeveralDnames,
  kDnameWithNamesBelow,
  kDnameWithCname,
  kTargetIsCname,         // NS, MX or SRV target is an alias (RFC 2181 10.3, 2782)
  kTargetWithoutAddress,  // target in this zone has neither A nor AAAA
  kMissingGlue,           // a delegation's in-domain server has no address here (RFC 9471)
  kOccluded,              // data below a cut that is not glue, or below a DNAME
  kRrsetTooLargeForUdp,   // an answer with the RRset exceeds 1232 octets
  kRrsetTooLarge,         // an answer with the RRset exceeds 65,535 octets: it is answered with SERVFAIL
  kDsWithoutCut,          // DS without NS at the same name
  kCutWithOtherData,      // at a zone cut, data other than NS, DS, NSEC, RRSIG and addresses
  kCutAtWildcard,         // a wildcard owns NS or DNAME (RFC 4592 4.2 and 4.4)
};

struct ZoneFinding {
  Finding finding;
  Name owner;
  Type type{};  // of the RRset that the finding is about
  Name target;  // the other name that the finding is about, if any

  friend bool operator==(const ZoneFinding&, const ZoneFinding&) = default;
};

// True if a zone is signed with NSEC3 only and has no usable chain (nsec3_chain.h): the server cannot prove that names
// do not exist. It is not a ZoneFinding, because a zone with findings gets no image and no incremental reload.
bool lacks_denial_records(const Zone& zone);

// At most `limit` findings: first errors, then warnings, in canonical order of owners. `largest_set` is an upper bound
// for rrset_size of the zone's RRsets; ZoneBuilder returns it. The check walks over all names but reads
// the records of few. The findings do not depend on the number of threads.
std::vector<ZoneFinding> check(const Zone& zone, std::size_t limit, std::size_t largest_set = SIZE_MAX,
                               const ParallelExecutor& parallel = {});

// True if the finding is an error, because of which the zone or an RRset must not be served.
bool is_error(Finding finding);

}  // namespace dns
