// The header, the question and the limits of a DNS message (RFC 1035 4.1).
//
//     | id 16 | QR Opcode AA TC RD | RA Z AD CD Rcode | QD 16 | AN 16 | NS 16 | AR 16 | question ... |
#pragma once

#include "zone/name/name.h"
#include "zone/rr/type.h"

namespace dns {

inline constexpr std::size_t kHeaderSize = 12;
inline constexpr std::size_t kArcountAt = 10;  // offset of the number of additional records (RFC 1035 4.1.1)
inline constexpr std::size_t kMaxMessage = 65535;
inline constexpr std::uint16_t kPointer = 0xc000;  // the two highest bits of a compression pointer (RFC 1035 4.1.4)
inline constexpr std::uint16_t kMaxPointerOffset = 0x3fff;  // the other bits: the offset that it leads to
inline constexpr std::size_t kClassicUdpSize = 512;         // without EDNS (RFC 1035 4.2.1)
// The UDP size that the server offers and the largest that it uses by default. Fits the minimum MTU of IPv6.
inline constexpr std::size_t kDefaultUdpSize = 1232;

struct Flag {  // in the second 16 bits of the header
  static constexpr std::uint16_t kQr = 0x8000, kAa = 0x0400, kTc = 0x0200, kRd = 0x0100, kRa = 0x0080, kAd = 0x0020,
                                 kCd = 0x0010;
};

enum class Section : std::uint8_t { kAnswer, kAuthority, kAdditional };

struct Question {
  NameView name;  // borrowed from the message or the caller, in the case of the query
  Type type{};
  Class klass = Class::IN;
};

}  // namespace dns
