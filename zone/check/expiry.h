// When a zone's signatures expire (RFC 4034 3.1.5). After that, validating resolvers reject the signed data. Pure: the
// caller compares the result with the current time.
//
// An RRset is valid as long as one of its signatures is valid, so the latest expiration counts. Times are compared as
// serial numbers.
#pragma once

#include "zone/snapshot/zone.h"

namespace dns {

struct Expiry {
  Name owner;
  Type covered{};  // type of the signed RRset
  Serial at;       // seconds since 1970, modulo 2^32
};

// The first expiration in the zone; nothing without signatures. Visits every name.
std::optional<Expiry> first_expiry(const Zone& zone);

// The expiration of the signatures of the SOA.
std::optional<Expiry> soa_expiry(const Zone& zone);

}  // namespace dns
