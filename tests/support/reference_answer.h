// RFC 1034 4.3.2 in its simplest and slowest form: lists of records, without trees, views or optimizations.
//
// `solve` must give the same result for questions without DNSSEC. Every step searches all records of all zones.
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

// The client of a question. Without a client there is no choice.
struct ListedAsker {
  std::vector<std::uint8_t> client{}, local{};
  std::uint32_t salt = 0;
  std::vector<View> views{};
};

struct ReferenceAnswer {
  Rcode rcode = Rcode::NOERROR;
  bool authoritative = false;
  // Each is "owner ttl TYPE hex-of-rdata" in lower case, sorted. `glue` is the glue that a referral requires (RFC
  // 9471); `additional` contains it too.
  std::vector<std::string> answer, authority, additional, glue;
};

ReferenceAnswer reference_answer(const std::vector<ListedZone>& zones, NameView name, Type type,
                                 const ListedAsker& asker = {});

// A record in the form of ReferenceAnswer's lists.
std::string line_of(NameView owner, Type type, std::uint32_t ttl, Bytes rdata);

}  // namespace dns::test
