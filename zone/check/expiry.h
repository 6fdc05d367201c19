// When a zone's signatures stop being valid (RFC 4034 3.1.5), after which resolvers that validate refuse what they
// sign. Pure: whoever asks knows what time it is.
//
// A set is valid as long as one of its signatures is, so the latest end among them counts. Ends are compared as serial
// numbers are.
#pragma once

#include "zone/snapshot/zone.h"

namespace dns {

struct Expiry {
  Name owner;
  Type covered{};  // the set that is signed
  Serial at;       // seconds since 1970, modulo 2^32
};

// Of the set whose signatures end first; nothing where none is signed. Visits every name.
std::optional<Expiry> first_expiry(const Zone& zone);

// Of the SOA.
std::optional<Expiry> soa_expiry(const Zone& zone);

}  // namespace dns
