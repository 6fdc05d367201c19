#include "zone/rr/rrset.h"

#include "zone/base/result.h"
#include "zone/rr/rdata.h"

namespace dns {

bool Rrset::add(Bytes rdata) {
  std::size_t at = 0;
  for (const Bytes present : view()) {
    const int order = compare_rdata(type, rdata, present);
    if (order == 0) return false;
    if (order < 0) break;
    at += 2 + present.size();
  }
  require(count < kMaxSetRecords, "an RRset has at most kMaxSetRecords records");
  std::array<std::uint8_t, 2> length;
  store16(length.data(), static_cast<std::uint16_t>(rdata.size()));
  const auto place = packed.begin() + static_cast<std::ptrdiff_t>(at);
  packed.insert(packed.insert(place, length.begin(), length.end()) + 2, rdata.begin(), rdata.end());
  ++count;
  return true;
}

}  // namespace dns
