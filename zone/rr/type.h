// RR types, classes, opcodes and rcodes, spelled as in the IANA registries. `table.h` has the RDATA layout of each
// type.
#pragma once

#include <cstdint>

namespace dns {

enum class Type : std::uint16_t {
  A = 1,
  NS = 2,
  MD = 3,
  MF = 4,
  CNAME = 5,
  SOA = 6,
  MB = 7,
  MG = 8,
  MR = 9,
  NULL_ = 10,
  WKS = 11,
  PTR = 12,
  HINFO = 13,
  MINFO = 14,
  MX = 15,
  TXT = 16,
  RP = 17,
  AFSDB = 18,
  X25 = 19,
  ISDN = 20,
  RT = 21,
  NSAP = 22,
  NSAP_PTR = 23,
  SIG = 24,
  KEY = 25,
  PX = 26,
  GPOS = 27,
  AAAA = 28,
  LOC = 29,
  NXT = 30,
  EID = 31,
  NIMLOC = 32,
  SRV = 33,
  ATMA = 34,
  NAPTR = 35,
  KX = 36,
  CERT = 37,
  A6 = 38,
  DNAME = 39,
  SINK = 40,
  OPT = 41,
  APL = 42,
  DS = 43,
  SSHFP = 44,
  IPSECKEY = 45,
  RRSIG = 46,
  NSEC = 47,
  DNSKEY = 48,
  DHCID = 49,
  NSEC3 = 50,
  NSEC3PARAM = 51,
  TLSA = 52,
  SMIMEA = 53,
  HIP = 55,
  NINFO = 56,
  RKEY = 57,
  TALINK = 58,
  CDS = 59,
  CDNSKEY = 60,
  OPENPGPKEY = 61,
  CSYNC = 62,
  ZONEMD = 63,
  SVCB = 64,
  HTTPS = 65,
  DSYNC = 66,
  HHIT = 67,
  BRID = 68,
  SPF = 99,
  UINFO = 100,
  UID = 101,
  GID = 102,
  UNSPEC = 103,
  NID = 104,
  L32 = 105,
  L64 = 106,
  LP = 107,
  EUI48 = 108,
  EUI64 = 109,
  NXNAME = 128,
  TKEY = 249,
  TSIG = 250,
  IXFR = 251,
  AXFR = 252,
  MAILB = 253,
  MAILA = 254,
  ANY = 255,
  URI = 256,
  CAA = 257,
  AVC = 258,
  DOA = 259,
  AMTRELAY = 260,
  RESINFO = 261,
  WALLET = 262,
  CLA = 263,
  IPN = 264,
  TA = 32768,
  DLV = 32769,
};

enum class Class : std::uint16_t { IN = 1, CH = 3, HS = 4, NONE = 254, ANY = 255 };

enum class Opcode : std::uint8_t { QUERY = 0, IQUERY = 1, STATUS = 2, NOTIFY = 4, UPDATE = 5, DSO = 6 };

// BADVERS and higher rcodes do not fit the four bits in the header: EDNS carries the rest (RFC 6891 6.1.3).
enum class Rcode : std::uint16_t {
  NOERROR = 0,
  FORMERR = 1,
  SERVFAIL = 2,
  NXDOMAIN = 3,
  NOTIMP = 4,
  REFUSED = 5,
  YXDOMAIN = 6,
  YXRRSET = 7,
  NXRRSET = 8,
  NOTAUTH = 9,
  NOTZONE = 10,
  BADVERS = 16,
  BADCOOKIE = 23,
};

// The INFO-CODEs of extended errors that this server sends (RFC 8914 4).
enum class ExtendedError : std::uint16_t {
  kProhibited = 18,
  kNotAuthoritative = 20,
  kNotSupported = 21,
  kInvalidData = 24,
  kNone = 65535,  // no extended error; a code for private use, which this server does not send
};

// Reserved (RFC 6895 3.1). Used only inside a zone, for client choices, never as a record
// (zone/snapshot/client_choice.h).
inline constexpr Type kReservedType = static_cast<Type>(65535);

// True for types that no zone file and no zone transfer may hold: those that exist only in questions or messages (OPT,
// TSIG, TKEY, ANY, AXFR, ...) and the reserved ones (RFC 6895 3.1).
constexpr bool is_meta(Type type) {
  const auto value = static_cast<std::uint16_t>(type);
  return type == Type::OPT || (value >= 128 && value <= 255) || value == 0 || type == kReservedType;
}

}  // namespace dns
