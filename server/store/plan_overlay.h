// How an overlay applies to one zone: which RRsets of the zone file it overrides, and the changes for that. Pure.
//
//     zone file's own      www A 192.0.2.1      ---.  kept as `original`, restored when the RRset is no longer managed
//     overlay              www A 198.51.100.1   ---'-->  one RrsetChange, and one for its client choice;
//                                                        none if the zone has it already
//
// An RRset that cannot be managed stays as in the zone file and is reported with the reason. The others are applied.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "server/journal/overridden.h"
#include "server/store/overlay.h"
#include "zone/snapshot/change.h"

namespace server {

// The RDATA of an SOA record ends with five numbers of 32 bits (RFC 1035 3.3.13); the serial is the first.
inline constexpr std::size_t kSerialFromEnd = 20;

// Why a managed RRset stays as in the zone file.
enum class SuspendReason : std::uint8_t {
  kNoZone,      // no zone of this server contains the name
  kNoSet,       // the zone file has no such RRset, so nothing could be served when failover ends
  kDelegated,   // at or below a zone cut or DNAME: this zone is not authoritative
  kNameServer,  // an NS record points to it: glue and delegations must not change
  kSigned,      // the zone is signed: its signatures would not match the new RRset or serial
};
std::string_view describe(SuspendReason reason);

struct SuspendedRrset {
  dns::Name owner;
  dns::Type type{};
  SuspendReason reason{};

  friend bool operator==(const SuspendedRrset&, const SuspendedRrset&) = default;
};
// "cannot manage www.example.com A: REASON; serving the zone file's records"; the only words for this event.
std::string to_text(const SuspendedRrset& rrset);

// True if the zone has a signed SOA record.
bool is_signed(const dns::Zone& zone);

// The names that the NS records of a zone point to: hashes of names, ascending.
class NameServers {
 public:
  explicit NameServers(const dns::Zone& zone);  // visits every name
  bool contains(const dns::Key& name) const;

 private:
  std::vector<std::uint64_t> hashes_;
};

// What is desired for one RRset; a null value: the zone file's records.
using Wish = ManagedRrsets::Edit;

struct OverlayChanges {
  std::vector<dns::RrsetChange> changes;  // without the SOA's; canonical order
  OverriddenRrsets overridden;            // after the changes
  std::vector<SuspendedRrset> suspended;
};

// The way from the RRsets that are overridden in `zone` now to what is desired; RRsets without a wish stay as they are.
// The wishes are in order, each RRset once. `servers` belong to the zone; null only if nothing is desired. Costs what
// the wishes change.
OverlayChanges plan_overlay(const dns::Zone& zone, const NameServers* servers, const OverriddenRrsets& overridden,
                            std::span<const Wish> wishes);

// The change that gives the SOA of `zone` another serial; nothing if the zone has no SOA.
std::optional<dns::RrsetChange> serial_change(const dns::Zone& zone, dns::Serial serial);
// Adds that change to `change`; zones in tests may have no SOA.
void set_serial(dns::Change& change, const dns::Zone& zone, dns::Serial serial);

}  // namespace server
