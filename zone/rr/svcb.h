// Service parameters of SVCB and HTTPS (RFC 9460): the names of the keys, and the syntax of values in wire form.
#pragma once

#include <optional>
#include <string_view>

#include "zone/rr/rdata.h"

namespace dns {

enum class SvcKey : std::uint16_t {
  kMandatory = 0,
  kAlpn = 1,
  kNoDefaultAlpn = 2,
  kPort = 3,
  kIpv4Hint = 4,
  kEch = 5,
  kIpv6Hint = 6,
  kDohPath = 7,             // RFC 9461
  kOhttp = 8,               // RFC 9540
  kTlsSupportedGroups = 9,  // draft-ietf-tls-key-share-prediction
};

enum class SvcSyntax : std::uint8_t {
  kKeys,
  kAlpnList,
  kNothing,
  kPortNumber,
  kIpv4List,
  kBase64,
  kIpv6List,
  kPath,
  kGroups,
  kOctets
};

struct SvcKeyRow {
  SvcKey key;
  std::string_view name;
  SvcSyntax syntax;
};

inline constexpr SvcKeyRow kSvcKeys[] = {
    {SvcKey::kMandatory, "mandatory", SvcSyntax::kKeys},
    {SvcKey::kAlpn, "alpn", SvcSyntax::kAlpnList},
    {SvcKey::kNoDefaultAlpn, "no-default-alpn", SvcSyntax::kNothing},
    {SvcKey::kPort, "port", SvcSyntax::kPortNumber},
    {SvcKey::kIpv4Hint, "ipv4hint", SvcSyntax::kIpv4List},
    {SvcKey::kEch, "ech", SvcSyntax::kBase64},
    {SvcKey::kIpv6Hint, "ipv6hint", SvcSyntax::kIpv6List},
    {SvcKey::kDohPath, "dohpath", SvcSyntax::kPath},
    {SvcKey::kOhttp, "ohttp", SvcSyntax::kNothing},
    {SvcKey::kTlsSupportedGroups, "tls-supported-groups", SvcSyntax::kGroups},
};
inline constexpr std::uint16_t kInvalidSvcKey = 65535;  // RFC 9460 14.3.2

// Null for a key without a name.
const SvcKeyRow* find_svc_key(std::uint16_t key);

// Parses "alpn" or "key7001", case ignored; nothing for other text.
std::optional<std::uint16_t> parse_svc_key(std::string_view text);

// True if `value` is well-formed for `key`, without regard to other parameters.
bool is_svc_value(std::uint16_t key, Bytes value);

// Checks the parameters from `at` to the end: ascending keys, complete and well-formed values, and the rules of
// `mandatory` and `no-default-alpn`.
Result<void, RdataError> check_svc_params(Bytes rdata, std::size_t at);

struct SvcParam {
  std::uint16_t key;
  Bytes value;
  std::size_t size;  // octets of the whole parameter
};
// The parameter at `at` of checked parameters.
SvcParam read_svc_param(Bytes rdata, std::size_t at);

}  // namespace dns
