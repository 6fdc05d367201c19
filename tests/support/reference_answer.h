// RFC 1034 4.3.2 as slowly and as obviously as it can be said: lists of records, no tree, no views, no cleverness.
//
// What `solve` must equal, for questions without DNSSEC. Every step looks through all records of all zones.
#pragma once

#include <string>
#include <vector>

#include "zone/name/name.h"
#include "zone/snapshot/client_choice.h"

namespace dns::test {

struct ListedRecord {
  Name owner;
  Type type{};
  std::uint32_t ttl = 0;
  std::vector<std::uint8_t> rdata;
};

struct ListedChoice {
  Name owner;
  Type type{};
  ClientChoice plan;
};

struct ListedZone {
  Name apex;
  std::vector<ListedRecord> records;  // no duplicates
  std::vector<ListedChoice> choices{};
};

// Who asks. Without a client: nobody, for whom nothing is chosen.
struct ListedAsker {
  std::vector<std::uint8_t> client{}, local{};
  std::uint32_t salt = 0;
  std::vector<View> views{};
};

struct ReferenceAnswer {
  Rcode rcode = Rcode::NOERROR;
  bool authoritative = false;
  // Each "owner ttl TYPE hex-of-rdata", folded and sorted. `glue` is what a referral cannot do without (RFC 9471);
  // `additional` holds it too.
  std::vector<std::string> answer, authority, additional, glue;
};

ReferenceAnswer reference_answer(const std::vector<ListedZone>& zones, NameView name, Type type,
                                 const ListedAsker& asker = {});

// A record as the lists of ReferenceAnswer have it.
std::string line_of(NameView owner, Type type, std::uint32_t ttl, Bytes rdata);

}  // namespace dns::test
