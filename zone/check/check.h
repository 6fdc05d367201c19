// What the RFCs ask of a zone as a whole, beyond the syntax of its records. Pure: a zone in, findings out.
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
  kSetTooLargeForUdp,     // the set cannot be answered in 1232 octets
  kSetTooLarge,           // nor in 65,535
  kDsWithoutCut,          // DS where there is no NS
  kCutWithOtherData,      // at a cut, data that is neither NS, DS, NSEC, RRSIG nor an address
  kCutAtWildcard,         // a wildcard owns NS or DNAME (RFC 4592 4.2 and 4.4)
};

struct ZoneFinding {
  Finding finding;
  Name owner;
  Type type{};  // of the set at fault
  Name target;  // the name that the finding is about, where it is about one

  friend bool operator==(const ZoneFinding&, const ZoneFinding&) = default;
};

// True where a zone is signed with NSEC3 alone, in a way from which no proofs can be made (nsec3_chain.h). Nothing that
// a load says of its file, whose images and changes it would then be without.
bool lacks_denial_records(const Zone& zone);

// At most `limit` findings, errors among them first in canonical order of owners. `largest_set`: no set's set_octets
// are more, signatures aside; a builder knows. One walk over all names, which looks into the sets of few; the findings
// do not depend on how many walk.
std::vector<ZoneFinding> check(const Zone& zone, std::size_t limit, std::size_t largest_set = SIZE_MAX,
                               const ParallelExecutor& parallel = {});

// True where a zone with this finding is not to be served.
bool is_error(Finding finding);

}  // namespace dns
