// The layout of the RDATA of each RR type: one row for each type, one entry for each field. Wire checks, printing,
// parsing, canonical comparison and the search for names all use these rows. A new type needs a row here and a row in
// the tests.
//
//     MX   { kU16 preference, kName exchange }   rules: names compressible, folded, target in the additional section
//
// A field kind defines both forms, octets and text. Some kinds depend on earlier octets (a gateway on its type, a
// digest on its algorithm) and look back into the RDATA; `RdataCheck` names a rule across fields. A type without a row
// is opaque (RFC 3597). Immutable, any thread. `find_row` costs two loads. Source: the IANA registry of DNS parameters
// and the RFC of each type.
#pragma once

#include <array>
#include <initializer_list>
#include <string_view>

#include "zone/rr/type.h"

namespace dns {

enum class FieldKind : std::uint8_t {
  kU8,
  kU16,
  kU32,
  kU64,
  kTtl,   // 32 bits, time units in text: 1h30m
  kTime,  // 32 bits, YYYYMMDDHHmmSS or seconds (RFC 4034 3.2)
  kIpv4,
  kIpv6,
  kName,
  kString,          // one character-string (RFC 1035 3.3)
  kOptionalString,  // one, or nothing
  kStrings,         // one or more, to the end
  kText,            // the rest, as one quoted text without a length octet (CAA)
  kSomeText,        // kText that is not empty (URI)
  kTag,             // character-string of letters and digits, not quoted (CAA)
  kDigits,          // character-string of decimal digits, at least four (X25)
  kDecimal,         // character-string that is a decimal number (GPOS)
  kHex,             // the rest, at least one octet
  kBase64,          // the rest, at least one octet
  kBase64OrEmpty,   // the rest; may be missing in text
  kBase64OrDash,    // the rest; "-" if empty (DOA)
  kSalt,            // length octet and octets; hex in text, "-" if empty (RFC 5155)
  kHash,            // length octet and octets; base32hex in text (RFC 5155)
  kType,            // 16 bits: an RR type
  kTypes,           // bitmap of types (RFC 4034 4.1.2)
  kOldTypes,        // bitmap of the first 128 types (RFC 2535 5.2)
  kAlgorithm,       // 8 bits: DNSSEC algorithm, number or mnemonic
  kCertType,        // 16 bits: certificate type (RFC 4398 2.1)
  kCertAlgorithm,   // kAlgorithm, printed as a mnemonic
  kScheme,          // 8 bits: DSYNC scheme
  kServices,        // protocol and bitmap of ports (WKS)
  kLocation,        // LOC (RFC 1876)
  kPrefixes,        // APL items (RFC 3123)
  kGateway,         // name or address, depending on octet 1 (IPSECKEY)
  kRelay,           // discovery bit, type and relay (AMTRELAY)
  kSvcParams,       // RFC 9460
  kHip,             // the whole RDATA of HIP (RFC 8005)
  kA6,              // the whole RDATA of A6 (RFC 2874)
  kNsap,
  kAtma,  // the rest
  kEui48,
  kEui64,
  kLocator64,
  kOpaque,  // the rest; text form of RFC 3597 only
};

struct FieldRow {
  FieldKind kind{};
  std::string_view name;  // used in error messages
};

inline constexpr std::size_t kMaxRowFields = 9;

struct Fields {
  constexpr Fields(std::initializer_list<FieldRow> rows) {  // NOLINT: implicit, for the rows below
    for (const FieldRow& row : rows) at[count++] = row;
  }
  constexpr const FieldRow* begin() const { return at.data(); }
  constexpr const FieldRow* end() const { return at.data() + count; }

  std::array<FieldRow, kMaxRowFields> at{};
  std::uint8_t count = 0;
};

// A rule across fields.
enum class RdataCheck : std::uint8_t {
  kNone,
  kDigest,       // DS: the digest type in octet 3 defines the length of the digest
  kFingerprint,  // SSHFP
  kZoneDigest,   // ZONEMD
  kMatching,     // TLSA, SMIMEA: the matching type in octet 2 defines the length of the data
  kHashedOwner,  // NSEC3: the hash algorithm in octet 0 defines the length of the next hashed owner
  kKey,          // KEY: a key is present unless the flags say that there is none
};

struct Rules {
  bool singleton = false;           // at most one record in an RRset
  bool apex_only = false;           // only meaningful at the apex of a zone
  bool names_compressible = false;  // RFC 3597 4: only in the types of RFC 1035
  bool names_folded = false;        // RFC 4034 6.2, RFC 6840 5.1: lower case in canonical form
  bool additional = false;          // the addresses of its host belong in the additional section
  bool meta = false;                // never in a zone
  RdataCheck check = RdataCheck::kNone;
};

struct TypeRow {
  Type type;
  std::string_view name;
  Fields fields;
  Rules rules;
};

namespace table {

using enum FieldKind;

inline constexpr Rules kPlainRules{};
inline constexpr Rules kOldName{.names_compressible = true, .names_folded = true};
inline constexpr Rules kOldHost{.names_compressible = true, .names_folded = true, .additional = true};
inline constexpr Rules kFoldedName{.names_folded = true};
inline constexpr Rules kFoldedHost{.names_folded = true, .additional = true};
inline constexpr Rules kMeta{.meta = true};
inline constexpr Rules kDsRules{.check = RdataCheck::kDigest};
inline constexpr Rules kMatchingRules{.check = RdataCheck::kMatching};

inline constexpr TypeRow kRows[] = {
    {Type::A, "A", {{kIpv4, "address"}}, kPlainRules},
    {Type::NS, "NS", {{kName, "host"}}, kOldHost},
    {Type::MD, "MD", {{kName, "host"}}, kOldName},
    {Type::MF, "MF", {{kName, "host"}}, kOldName},
    {Type::CNAME, "CNAME", {{kName, "target"}}, {.singleton = true, .names_compressible = true, .names_folded = true}},
    {Type::SOA,
     "SOA",
     {{kName, "primary server"},
      {kName, "mailbox"},
      {kU32, "serial"},
      {kTtl, "refresh"},
      {kTtl, "retry"},
      {kTtl, "expire"},
      {kTtl, "minimum"}},
     {.singleton = true, .apex_only = true, .names_compressible = true, .names_folded = true}},
    {Type::MB, "MB", {{kName, "host"}}, kOldName},
    {Type::MG, "MG", {{kName, "mailbox"}}, kOldName},
    {Type::MR, "MR", {{kName, "mailbox"}}, kOldName},
    {Type::NULL_, "NULL", {{kOpaque, "octets"}}, kPlainRules},
    {Type::WKS, "WKS", {{kIpv4, "address"}, {kServices, "protocol"}}, kPlainRules},
    {Type::PTR, "PTR", {{kName, "target"}}, kOldName},
    {Type::HINFO, "HINFO", {{kString, "CPU"}, {kString, "operating system"}}, kPlainRules},
    {Type::MINFO, "MINFO", {{kName, "responsible mailbox"}, {kName, "error mailbox"}}, kOldName},
    {Type::MX, "MX", {{kU16, "preference"}, {kName, "exchange"}}, kOldHost},
    {Type::TXT, "TXT", {{kStrings, "text"}}, kPlainRules},
    {Type::RP, "RP", {{kName, "mailbox"}, {kName, "text name"}}, kFoldedName},
    {Type::AFSDB, "AFSDB", {{kU16, "subtype"}, {kName, "host"}}, kFoldedHost},
    {Type::X25, "X25", {{kDigits, "PSDN address"}}, kPlainRules},
    {Type::ISDN, "ISDN", {{kString, "ISDN address"}, {kOptionalString, "subaddress"}}, kPlainRules},
    {Type::RT, "RT", {{kU16, "preference"}, {kName, "intermediate host"}}, kFoldedHost},
    {Type::NSAP, "NSAP", {{kNsap, "address"}}, kPlainRules},
    {Type::NSAP_PTR, "NSAP-PTR", {{kName, "target"}}, kPlainRules},
    {Type::SIG,
     "SIG",
     {{kType, "type covered"},
      {kAlgorithm, "algorithm"},
      {kU8, "labels"},
      {kTtl, "original TTL"},
      {kTime, "expiration"},
      {kTime, "inception"},
      {kU16, "key tag"},
      {kName, "signer"},
      {kBase64, "signature"}},
     kFoldedName},
    {Type::KEY,
     "KEY",
     {{kU16, "flags"}, {kU8, "protocol"}, {kAlgorithm, "algorithm"}, {kBase64OrEmpty, "public key"}},
     {.check = RdataCheck::kKey}},
    {Type::PX, "PX", {{kU16, "preference"}, {kName, "RFC 822 domain"}, {kName, "X.400 domain"}}, kFoldedName},
    {Type::GPOS, "GPOS", {{kDecimal, "longitude"}, {kDecimal, "latitude"}, {kDecimal, "altitude"}}, kPlainRules},
    {Type::AAAA, "AAAA", {{kIpv6, "address"}}, kPlainRules},
    {Type::LOC, "LOC", {{kLocation, "latitude"}}, kPlainRules},
    {Type::NXT, "NXT", {{kName, "next name"}, {kOldTypes, "types"}}, {.singleton = true, .names_folded = true}},
    {Type::EID, "EID", {{kHex, "endpoint identifier"}}, kPlainRules},
    {Type::NIMLOC, "NIMLOC", {{kHex, "locator"}}, kPlainRules},
    {Type::SRV, "SRV", {{kU16, "priority"}, {kU16, "weight"}, {kU16, "port"}, {kName, "target"}}, kFoldedHost},
    {Type::ATMA, "ATMA", {{kAtma, "address"}}, kPlainRules},
    {Type::NAPTR,
     "NAPTR",
     {{kU16, "order"},
      {kU16, "preference"},
      {kString, "flags"},
      {kString, "service"},
      {kString, "regular expression"},
      {kName, "replacement"}},
     kFoldedName},
    {Type::KX, "KX", {{kU16, "preference"}, {kName, "exchanger"}}, kFoldedHost},
    {Type::CERT,
     "CERT",
     {{kCertType, "certificate type"}, {kU16, "key tag"}, {kCertAlgorithm, "algorithm"}, {kBase64, "certificate"}},
     kPlainRules},
    {Type::A6, "A6", {{kA6, "prefix length"}}, kFoldedName},
    {Type::DNAME, "DNAME", {{kName, "target"}}, {.singleton = true, .names_folded = true}},
    {Type::SINK,
     "SINK",
     {{kU8, "meaning"}, {kU8, "coding"}, {kU8, "subcoding"}, {kBase64OrEmpty, "data"}},
     kPlainRules},
    {Type::OPT, "OPT", {{kOpaque, "options"}}, kMeta},
    {Type::APL, "APL", {{kPrefixes, "prefix"}}, kPlainRules},
    {Type::DS, "DS", {{kU16, "key tag"}, {kAlgorithm, "algorithm"}, {kU8, "digest type"}, {kHex, "digest"}}, kDsRules},
    {Type::SSHFP,
     "SSHFP",
     {{kU8, "algorithm"}, {kU8, "fingerprint type"}, {kHex, "fingerprint"}},
     {.check = RdataCheck::kFingerprint}},
    {Type::IPSECKEY,
     "IPSECKEY",
     {{kU8, "precedence"},
      {kU8, "gateway type"},
      {kU8, "algorithm"},
      {kGateway, "gateway"},
      {kBase64OrEmpty, "public key"}},
     kPlainRules},
    {Type::RRSIG,
     "RRSIG",
     {{kType, "type covered"},
      {kAlgorithm, "algorithm"},
      {kU8, "labels"},
      {kTtl, "original TTL"},
      {kTime, "expiration"},
      {kTime, "inception"},
      {kU16, "key tag"},
      {kName, "signer"},
      {kBase64, "signature"}},
     kFoldedName},
    {Type::NSEC, "NSEC", {{kName, "next name"}, {kTypes, "types"}}, {.singleton = true}},
    {Type::DNSKEY,
     "DNSKEY",
     {{kU16, "flags"}, {kU8, "protocol"}, {kAlgorithm, "algorithm"}, {kBase64, "public key"}},
     {.apex_only = true}},
    {Type::DHCID, "DHCID", {{kBase64, "digest"}}, kPlainRules},
    {Type::NSEC3,
     "NSEC3",
     {{kU8, "hash algorithm"},
      {kU8, "flags"},
      {kU16, "iterations"},
      {kSalt, "salt"},
      {kHash, "next hashed owner"},
      {kTypes, "types"}},
     {.singleton = true, .check = RdataCheck::kHashedOwner}},
    {Type::NSEC3PARAM,
     "NSEC3PARAM",
     {{kU8, "hash algorithm"}, {kU8, "flags"}, {kU16, "iterations"}, {kSalt, "salt"}},
     {.apex_only = true}},
    {Type::TLSA,
     "TLSA",
     {{kU8, "certificate usage"}, {kU8, "selector"}, {kU8, "matching type"}, {kHex, "certificate data"}},
     kMatchingRules},
    {Type::SMIMEA,
     "SMIMEA",
     {{kU8, "certificate usage"}, {kU8, "selector"}, {kU8, "matching type"}, {kHex, "certificate data"}},
     kMatchingRules},
    {Type::HIP, "HIP", {{kHip, "public key algorithm"}}, kPlainRules},
    {Type::NINFO, "NINFO", {{kStrings, "status"}}, kPlainRules},
    {Type::RKEY,
     "RKEY",
     {{kU16, "flags"}, {kU8, "protocol"}, {kAlgorithm, "algorithm"}, {kBase64, "public key"}},
     kPlainRules},
    {Type::TALINK, "TALINK", {{kName, "previous name"}, {kName, "next name"}}, kPlainRules},
    {Type::CDS,
     "CDS",
     {{kU16, "key tag"}, {kAlgorithm, "algorithm"}, {kU8, "digest type"}, {kHex, "digest"}},
     {.apex_only = true, .check = RdataCheck::kDigest}},
    {Type::CDNSKEY,
     "CDNSKEY",
     {{kU16, "flags"}, {kU8, "protocol"}, {kAlgorithm, "algorithm"}, {kBase64, "public key"}},
     {.apex_only = true}},
    {Type::OPENPGPKEY, "OPENPGPKEY", {{kBase64, "key"}}, kPlainRules},
    {Type::CSYNC,
     "CSYNC",
     {{kU32, "serial"}, {kU16, "flags"}, {kTypes, "types"}},
     {.singleton = true, .apex_only = true}},
    {Type::ZONEMD,
     "ZONEMD",
     {{kU32, "serial"}, {kU8, "scheme"}, {kU8, "hash algorithm"}, {kHex, "digest"}},
     {.apex_only = true, .check = RdataCheck::kZoneDigest}},
    {Type::SVCB, "SVCB", {{kU16, "priority"}, {kName, "target"}, {kSvcParams, "parameters"}}, {.additional = true}},
    {Type::HTTPS, "HTTPS", {{kU16, "priority"}, {kName, "target"}, {kSvcParams, "parameters"}}, {.additional = true}},
    {Type::DSYNC, "DSYNC", {{kType, "type"}, {kScheme, "scheme"}, {kU16, "port"}, {kName, "target"}}, kPlainRules},
    {Type::HHIT, "HHIT", {{kBase64, "data"}}, kPlainRules},
    {Type::BRID, "BRID", {{kBase64, "data"}}, kPlainRules},
    {Type::SPF, "SPF", {{kStrings, "policy"}}, kPlainRules},
    {Type::UINFO, "UINFO", {{kString, "text"}}, kPlainRules},
    {Type::UID, "UID", {{kU32, "user number"}}, kPlainRules},
    {Type::GID, "GID", {{kU32, "group number"}}, kPlainRules},
    {Type::UNSPEC, "UNSPEC", {{kOpaque, "octets"}}, kPlainRules},
    {Type::NID, "NID", {{kU16, "preference"}, {kLocator64, "node identifier"}}, kPlainRules},
    {Type::L32, "L32", {{kU16, "preference"}, {kIpv4, "locator"}}, kPlainRules},
    {Type::L64, "L64", {{kU16, "preference"}, {kLocator64, "locator"}}, kPlainRules},
    {Type::LP, "LP", {{kU16, "preference"}, {kName, "locator name"}}, kPlainRules},
    {Type::EUI48, "EUI48", {{kEui48, "address"}}, kPlainRules},
    {Type::EUI64, "EUI64", {{kEui64, "address"}}, kPlainRules},
    {Type::NXNAME, "NXNAME", {{kOpaque, "octets"}}, kMeta},
    {Type::TKEY, "TKEY", {{kOpaque, "octets"}}, kMeta},
    {Type::TSIG, "TSIG", {{kOpaque, "octets"}}, kMeta},
    {Type::IXFR, "IXFR", {{kOpaque, "octets"}}, kMeta},
    {Type::AXFR, "AXFR", {{kOpaque, "octets"}}, kMeta},
    {Type::MAILB, "MAILB", {{kOpaque, "octets"}}, kMeta},
    {Type::MAILA, "MAILA", {{kOpaque, "octets"}}, kMeta},
    {Type::ANY, "ANY", {{kOpaque, "octets"}}, kMeta},
    {Type::URI, "URI", {{kU16, "priority"}, {kU16, "weight"}, {kSomeText, "target"}}, kPlainRules},
    {Type::CAA, "CAA", {{kU8, "flags"}, {kTag, "tag"}, {kText, "value"}}, kPlainRules},
    {Type::AVC, "AVC", {{kStrings, "text"}}, kPlainRules},
    {Type::DOA,
     "DOA",
     {{kU32, "enterprise"}, {kU32, "type"}, {kU8, "location"}, {kString, "media type"}, {kBase64OrDash, "data"}},
     kPlainRules},
    {Type::AMTRELAY, "AMTRELAY", {{kU8, "precedence"}, {kRelay, "discovery bit"}}, kPlainRules},
    {Type::RESINFO, "RESINFO", {{kStrings, "capability"}}, kPlainRules},
    {Type::WALLET, "WALLET", {{kStrings, "address"}}, kPlainRules},
    {Type::CLA, "CLA", {{kStrings, "convergence layer"}}, kPlainRules},
    {Type::IPN, "IPN", {{kU64, "node number"}}, kPlainRules},
    {Type::TA, "TA", {{kU16, "key tag"}, {kAlgorithm, "algorithm"}, {kU8, "digest type"}, {kHex, "digest"}}, kDsRules},
    {Type::DLV,
     "DLV",
     {{kU16, "key tag"}, {kAlgorithm, "algorithm"}, {kU8, "digest type"}, {kHex, "digest"}},
     kDsRules},
};

inline constexpr std::size_t kCount = std::size(kRows);
inline constexpr std::uint8_t kNoRow = 0xff;
inline constexpr std::size_t kIndexed = 265;  // types below this number are found through kIndex
static_assert(kCount < kNoRow);

constexpr std::array<std::uint8_t, kIndexed> make_index() {
  std::array<std::uint8_t, kIndexed> index{};
  index.fill(kNoRow);
  for (std::size_t i = 0; i < kCount; ++i)
    if (static_cast<std::size_t>(kRows[i].type) < kIndexed)
      index[static_cast<std::size_t>(kRows[i].type)] = static_cast<std::uint8_t>(i);
  return index;
}
inline constexpr std::array<std::uint8_t, kIndexed> kIndex = make_index();

constexpr bool sorted() {
  for (std::size_t i = 1; i < kCount; ++i)
    if (kRows[i - 1].type >= kRows[i].type) return false;
  return true;
}
static_assert(sorted(), "rows are in numeric order");

}  // namespace table

namespace table {

// The index of the row of `type`; kCount if it has none.
constexpr std::size_t place_of(Type type) {
  const auto value = static_cast<std::size_t>(type);
  if (value < kIndexed) [[likely]]
    return kIndex[value] == kNoRow ? kCount : kIndex[value];
  for (std::size_t i = kCount; i-- > 0 && static_cast<std::size_t>(kRows[i].type) >= kIndexed;)
    if (kRows[i].type == type) return i;
  return kCount;
}

}  // namespace table

// The row of `type`; null if it has none.
constexpr const TypeRow* find_row(Type type) {
  const std::size_t place = table::place_of(type);
  return place == table::kCount ? nullptr : &table::kRows[place];
}

namespace table {

// Checks that all assigned types have a row. The ranges are those of the IANA registry.
constexpr bool complete() {
  struct Range {
    std::uint16_t first, last;
  };
  constexpr Range kAssigned[] = {{1, 53}, {55, 68}, {99, 109}, {128, 128}, {249, 264}, {32768, 32769}};
  std::size_t assigned = 0;
  for (const Range& range : kAssigned) {
    for (unsigned value = range.first; value <= range.last; ++value, ++assigned)
      if (place_of(static_cast<Type>(value)) == kCount)
        return false;  // not find_row: under UBSan its address is not constant
  }
  return assigned == kCount;
}
static_assert(complete(), "each assigned type has a row, and no other type has one");

}  // namespace table
}  // namespace dns
