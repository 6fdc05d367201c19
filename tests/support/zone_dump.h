// Zones for tests as text, one line for each record: "owner TTL type hex-RDATA".
#pragma once

#include <memory>
#include <string>

#include "zone/base/ascii.h"
#include "zone/build/builder.h"
#include "zone/name/text.h"
#include "zone/snapshot/storage.h"

namespace dns::test {

inline std::string hex(Bytes bytes) {
  static const char digits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t octet : bytes) {
    out += digits[octet >> 4];
    out += digits[octet & 15];
  }
  return out;
}

// All records of a zone in canonical order, with names in lower case and types as numbers.
inline std::string dump(const Zone& zone) {
  std::string out;
  zone.for_each([&](const NodeView& node) {
    std::string owner = to_text(node.owner());
    for (char& c : owner) c = static_cast<char>(fold(static_cast<std::uint8_t>(c)));
    for (std::size_t index = 0; index < node.set_count(); ++index) {
      const RrsetView set = node.set(index);
      for (const Bytes rdata : set)
        out += owner + " " + std::to_string(set.ttl) + " " + std::to_string(static_cast<int>(set.type)) + " " +
               hex(rdata) + "\n";
    }
    return true;
  });
  return out;
}

// Counts the zone again, to compare with the totals of a version.
inline ZoneTotals recount(const Zone& zone) {
  ZoneTotals totals;
  zone.for_each([&](const NodeView& node) {
    ++totals.names;
    totals.sets += node.set_count();
    for (std::size_t index = 0; index < node.set_count(); ++index) totals.records += node.set(index).count;
    return true;
  });
  totals.bytes = zone.totals().bytes;
  return totals;
}

}  // namespace dns::test
