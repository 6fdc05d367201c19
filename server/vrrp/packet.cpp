#include "server/vrrp/packet.h"

#include <algorithm>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace server {
namespace {

namespace ip = boost::asio::ip;
using dns::Bytes;

constexpr std::size_t kIpv4HeaderMin = 20, kIpv6Header = 40;
constexpr std::size_t kVrrpHeader = 8;
constexpr std::size_t kV2Authentication = 8;
constexpr std::size_t kHmacAt = 12, kHmacSize = 16;  // in the trailer
constexpr std::size_t kAdvertisementMax = kVrrpHeader + 255 * 16 + kV2Authentication + kHmacTrailerSize;
constexpr std::uint8_t kTypeAdvertisement = 1, kTrailerTypeHmac = 1;
constexpr std::uint8_t kAuthNone = 0, kAuthPassword = 1, kAuthHeader = 2;
constexpr std::array<std::uint8_t, 4> kGroup4{224, 0, 0, 18};
constexpr std::array<std::uint8_t, 16> kGroup6{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12};

// The IP packet around the VRRP message.
struct IpPacket {
  Family family = Family::kIpv4;
  std::uint8_t protocol = 0, ttl = 0;
  Bytes source, destination;
  Bytes payload;
  bool auth_header = false;

  Bytes group() const { return family == Family::kIpv4 ? Bytes(kGroup4) : Bytes(kGroup6); }
  bool to_group() const { return dns::equal(destination, group()); }
};

using Step = std::optional<AdvertReject>;  // nothing: continue

// RFC 1071, over several parts; all but the last have an even length.
class InternetSum {
 public:
  InternetSum& add(Bytes part) {
    std::size_t i = 0;
    for (; i + 1 < part.size(); i += 2) sum_ += dns::load16(&part[i]);
    if (i < part.size()) sum_ += static_cast<std::uint32_t>(part[i] << 8);
    return *this;
  }
  InternetSum& add(std::size_t number) {
    sum_ += number;
    return *this;
  }
  bool holds() const {  // true if the sum over the parts, which include the checksum field, is correct
    std::uint64_t folded = sum_;
    while (folded >> 16 != 0) folded = (folded & 0xffff) + (folded >> 16);
    return folded == 0xffff;
  }

 private:
  std::uint64_t sum_ = 0;
};

Step read_ipv4(Bytes packet, IpPacket& ip) {
  if (packet.size() < kIpv4HeaderMin) return AdvertReject::kIp;
  const std::size_t header = (packet[0] & 0xfU) * 4;
  const std::size_t total = dns::load16(&packet[2]);
  if (header < kIpv4HeaderMin || total < header || total > packet.size()) return AdvertReject::kIp;
  if (!InternetSum().add(packet.first(header)).holds()) return AdvertReject::kIpChecksum;
  // More fragments follow, or this is not the first.
  if ((dns::load16(&packet[6]) & 0x3fff) != 0) return AdvertReject::kFragment;
  ip = {Family::kIpv4,
        packet[9],
        packet[8],
        packet.subspan(12, 4),
        packet.subspan(16, 4),
        packet.subspan(header, total - header),
        false};
  return {};
}

Step read_ipv6(Bytes packet, IpPacket& ip) {
  if (packet.size() < kIpv6Header) return AdvertReject::kIp;
  const std::size_t length = dns::load16(&packet[4]);
  if (length > packet.size() - kIpv6Header) return AdvertReject::kIp;
  ip = {Family::kIpv6,
        packet[6],
        packet[7],
        packet.subspan(8, 16),
        packet.subspan(24, 16),
        packet.subspan(kIpv6Header, length),
        false};
  return {};
}

Step read_ip_packet(Bytes packet, IpPacket& ip) {
  const int version = packet.empty() ? 0 : packet[0] >> 4;
  if (version != 4 && version != 6) return AdvertReject::kIp;
  if (const Step failed = version == 4 ? read_ipv4(packet, ip) : read_ipv6(packet, ip)) return failed;
  if (ip.protocol == kProtocolAuthHeader && ip.family == Family::kIpv4) {
    // RFC 4302 2: the next protocol, then the length in units of four octets, minus two.
    if (ip.payload.size() < 2 || ip.payload[0] != kProtocolVrrp) return AdvertReject::kProtocol;
    const std::size_t header = (ip.payload[1] + std::size_t{2}) * 4;
    if (header > ip.payload.size()) return AdvertReject::kIp;
    ip.payload = ip.payload.subspan(header);
    ip.auth_header = true;
    return {};
  }
  return ip.protocol == kProtocolVrrp ? Step{} : Step{AdvertReject::kProtocol};
}

template <std::size_t Size>
std::array<std::uint8_t, Size> array_of(Bytes bytes) {
  std::array<std::uint8_t, Size> array{};
  std::copy_n(bytes.begin(), Size, array.begin());
  return array;
}

ip::address address_of(Bytes bytes) {
  if (bytes.size() == 4) return ip::address_v4(array_of<4>(bytes));
  return ip::address_v6(array_of<16>(bytes));
}

// The checks of one packet after its IP header, in order.
class AdvertValidator {
 public:
  AdvertValidator(const IpPacket& ip, const VirtualRouterOptions* rules) : ip_(ip), rules_(rules), pdu_(ip.payload) {}

  Step validate(Advertisement& found) {
    using Check = Step (AdvertValidator::*)(Advertisement&);
    static constexpr Check kChecks[] = {&AdvertValidator::ttl_and_destination,
                                        &AdvertValidator::header,
                                        &AdvertValidator::length,
                                        &AdvertValidator::authentication,
                                        &AdvertValidator::checksum,
                                        &AdvertValidator::hmac,
                                        &AdvertValidator::interval,
                                        &AdvertValidator::virtual_router,
                                        &AdvertValidator::first_address,
                                        &AdvertValidator::source,
                                        &AdvertValidator::virtual_addresses};
    for (const Check check : kChecks)
      if (const Step failed = (this->*check)(found)) return failed;
    found.auth_header = ip_.auth_header;
    return {};
  }

 private:
  bool v2() const { return pdu_[0] >> 4 == 2; }
  std::size_t address_size() const { return ip_.family == Family::kIpv4 ? 4 : 16; }

  Step ttl_and_destination(Advertisement&) {
    const bool group = ip_.to_group();
    const std::uint8_t least = rules_ != nullptr && rules_->unicast && !group ? rules_->ttl_min : kGroupTtl;
    if (ip_.ttl < least) return AdvertReject::kTtl;
    if (!group && rules_ != nullptr && !rules_->unicast) return AdvertReject::kDestination;
    return {};
  }

  Step header(Advertisement& found) {
    if (pdu_.size() < kVrrpHeader) return AdvertReject::kShort;
    const int version = pdu_[0] >> 4;
    if (version != 3 && !(version == 2 && ip_.family == Family::kIpv4)) return AdvertReject::kVersion;
    if ((pdu_[0] & 0xf) != kTypeAdvertisement) return AdvertReject::kType;
    if (pdu_[3] == 0) return AdvertReject::kCount;
    found.version = version == 2 ? VrrpVersion::kV2 : VrrpVersion::kV3;
    if (rules_ != nullptr && rules_->version != VrrpVersion::kAny && rules_->version != found.version)
      return AdvertReject::kVersion;
    found.priority = pdu_[2];
    return {};
  }

  Step length(Advertisement&) {
    const std::size_t exact = kVrrpHeader + pdu_[3] * address_size() + (v2() ? kV2Authentication : 0);
    if (pdu_.size() == exact + kHmacTrailerSize && pdu_[exact] == kTrailerTypeHmac) {
      trailer_ = pdu_.subspan(exact);
      pdu_ = pdu_.first(exact);
    }
    return pdu_.size() == exact ? Step{} : Step{AdvertReject::kLength};
  }

  // RFC 2338 5.3.6. A configured password must be present. Without a configured one any password is accepted: it is
  // sent in clear text and proves nothing.
  Step authentication(Advertisement&) {
    if (!v2()) return {};
    const std::uint8_t type = pdu_[4];
    if (type != kAuthNone && type != kAuthPassword && type != kAuthHeader) return AdvertReject::kAuthType;
    if ((type == kAuthHeader) != ip_.auth_header) return AdvertReject::kAuthType;
    if (rules_ == nullptr || rules_->v2_password.empty()) return {};
    if (type != kAuthPassword) return AdvertReject::kAuthType;
    std::array<std::uint8_t, kV2Authentication> expected{};
    const Bytes password = dns::as_bytes(rules_->v2_password);
    std::copy_n(password.begin(), std::min(password.size(), expected.size()), expected.begin());
    return dns::equal(pdu_.last(kV2Authentication), expected) ? Step{} : Step{AdvertReject::kPassword};
  }

  bool sums_up(Bytes destination) const {
    const Bytes covered = ip_.family == Family::kIpv6 ? ip_.payload : pdu_;
    return InternetSum().add(ip_.source).add(destination).add(kProtocolVrrp).add(covered.size()).add(covered).holds();
  }

  Step checksum(Advertisement& found) {
    if (ip_.family == Family::kIpv4 && InternetSum().add(pdu_).holds()) {
      found.checksum = AdvertForm::kMessage;
      return {};
    }
    if (v2()) return AdvertReject::kChecksum;
    found.checksum = sums_up(ip_.destination) ? AdvertForm::kPseudo : AdvertForm::kPseudoGroup;
    if (found.checksum == AdvertForm::kPseudo) return {};
    return ip_.family == Family::kIpv4 && !ip_.to_group() && sums_up(kGroup4) ? Step{} : Step{AdvertReject::kChecksum};
  }

  Step hmac(Advertisement& found) {
    const bool required = rules_ != nullptr && !rules_->hmac_key.empty();
    if (trailer_.empty()) return required ? Step{AdvertReject::kHmac} : Step{};
    found.hmac = required ? AdvertForm::kHmacVerified : AdvertForm::kHmacIgnored;
    found.hmac_stamp = dns::load64(&trailer_[4]);
    return required && !hmac_matches() ? Step{AdvertReject::kHmac} : Step{};
  }

  bool hmac_matches() const {
    std::array<std::uint8_t, 20 + kAdvertisementMax> input{};
    input[0] = ip_.family == Family::kIpv4 ? 4 : 6;
    input[1] = pdu_[0] >> 4;
    input[2] = pdu_[1];
    std::ranges::copy(ip_.source, &input[4]);
    std::ranges::copy(pdu_, &input[20]);
    dns::store16(&input[26], 0);
    std::ranges::copy(trailer_.first(kHmacAt), &input[20 + pdu_.size()]);
    const std::size_t size = 20 + pdu_.size() + kHmacTrailerSize;
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned digest_size = 0;
    const auto& key = rules_->hmac_key;
    if (::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()), input.data(), size, digest.data(),
               &digest_size) == nullptr)
      return false;
    return ::CRYPTO_memcmp(digest.data(), &trailer_[kHmacAt], kHmacSize) == 0;
  }

  Step interval(Advertisement& found) {
    found.interval = v2() ? Duration(std::chrono::seconds{pdu_[5]})
                          : Duration(std::chrono::milliseconds{10 * (dns::load16(&pdu_[4]) & 0xfff)});
    return found.interval == Duration{} ? Step{AdvertReject::kInterval} : Step{};
  }

  Step virtual_router(Advertisement&) {
    if (pdu_[1] == 0) return AdvertReject::kVridZero;
    return rules_ == nullptr ? Step{AdvertReject::kVrid} : Step{};
  }

  Step first_address(Advertisement&) {
    if (ip_.family == Family::kIpv4) return {};
    return address(0).to_v6().is_link_local() ? Step{} : Step{AdvertReject::kLinkLocal};
  }

  Step source(Advertisement& found) {
    found.source = address_of(ip_.source);
    for (std::size_t i = 0; i < rules_->routers.size(); ++i) {
      for (const ip::address& configured : rules_->routers[i].addresses) {
        if (!same_address(configured, found.source)) continue;
        found.router = i;
        return {};
      }
    }
    return AdvertReject::kSource;
  }

  ip::address address(std::size_t index) const {
    return address_of(pdu_.subspan(kVrrpHeader + index * address_size(), address_size()));
  }

  // Compares as sets. The link-local address that IPv6 requires need not be configured: it is never served.
  Step virtual_addresses(Advertisement&) {
    const auto& configured = rules_->vips;
    if (configured.empty()) return {};
    const auto link_local = [](const ip::address& a) { return a.is_v6() && a.to_v6().is_link_local(); };
    const bool all = ip_.family == Family::kIpv4 || std::ranges::any_of(configured, link_local);
    const std::size_t count = pdu_[3];
    const auto expected = [&](const ip::address& a) {
      return std::ranges::any_of(configured, [&](const ip::address& vip) { return same_address(vip, a); });
    };
    for (std::size_t i = all ? 0 : 1; i < count; ++i)
      if (!expected(address(i))) return AdvertReject::kVips;
    for (const ip::address& vip : configured) {
      std::size_t i = 0;
      while (i < count && !same_address(vip, address(i))) ++i;
      if (i == count) return AdvertReject::kVips;
    }
    return {};
  }

  const IpPacket& ip_;
  const VirtualRouterOptions* rules_;  // nullptr: no such VRID on this interface
  Bytes pdu_, trailer_;
};

std::optional<std::size_t> find(const IpPacket& ip, std::span<const VirtualRouterOptions* const> configured) {
  if (ip.payload.size() < 2) return std::nullopt;
  for (std::size_t i = 0; i < configured.size(); ++i)
    if (configured[i]->vrid == ip.payload[1] && configured[i]->family == ip.family) return i;
  return std::nullopt;
}

constexpr std::string_view kRejectWords[] = {
    "ip",        "ip_checksum", "fragment",   "protocol",  "ttl",      "destination", "short",    "version",
    "type",      "count",       "length",     "auth_type", "password", "hmac",        "checksum", "interval",
    "vrid_zero", "vrid",        "link_local", "source",    "vips",     "replay"};
constexpr std::string_view kFormWords[] = {"message_checksum", "pseudo_checksum", "group_pseudo_checksum",
                                           "auth_header",      "hmac_verified",   "hmac_ignored",
                                           "outgoing"};
static_assert(std::size(kRejectWords) == kAdvertRejects &&
              static_cast<std::size_t>(AdvertReject::kReplay) + 1 == kAdvertRejects);
static_assert(std::size(kFormWords) == kAdvertForms &&
              static_cast<std::size_t>(AdvertForm::kOutgoing) + 1 == kAdvertForms);

// `{}` stands for what the packet has.
constexpr std::string_view kRejectTexts[] = {
    "not a complete IP packet",
    "wrong checksum of the IP header",
    "the packet is a fragment",
    "not VRRP",
    "TTL {}, and 255 is required (unicast: ttl-min)",
    "sent to this host alone, and unicast is not configured",
    "fewer than eight octets",
    "VRRP version {}",
    "not of the type ADVERTISEMENT",
    "no virtual address",
    "wrong length",
    "authentication type {}",
    "another password than v2-password",
    "the HMAC is missing or was not made with hmac-key",
    "wrong checksum",
    "the interval is 0",
    "the VRID is 0",
    "VRID {}, which is not configured on this interface",
    "the first address is not link-local",
    "its address is not in routers",
    "other virtual addresses than vips: {}",
    "not later than one before: sent again, or the router's clock was set back"};
static_assert(std::size(kRejectTexts) == kAdvertRejects);

// What the packet has instead of the required value.
std::string found_value(AdvertReject reject, const IpPacket& ip) {
  const Bytes pdu = ip.payload;
  if (reject == AdvertReject::kTtl) return std::to_string(ip.ttl);
  if (pdu.size() < kVrrpHeader) return "?";
  if (reject == AdvertReject::kVersion) return std::to_string(pdu[0] >> 4);
  if (reject == AdvertReject::kAuthType) return std::to_string(pdu[4]);
  if (reject == AdvertReject::kVrid) return std::to_string(pdu[1]);
  constexpr std::size_t kShown = 4;
  const std::size_t size = ip.source.size();
  std::string list;
  for (std::size_t i = 0; i < pdu[3] && kVrrpHeader + (i + 1) * size <= pdu.size(); ++i) {
    if (i == kShown) return list + " ...";
    list += (i == 0 ? "" : ", ") + address_of(pdu.subspan(kVrrpHeader + i * size, size)).to_string();
  }
  return list;
}

}  // namespace

// Compares without the zone index: an address in a packet has none.
bool same_address(const ip::address& configured, const ip::address& received) {
  if (configured.is_v4() != received.is_v4()) return false;
  return configured.is_v4() ? configured == received : configured.to_v6().to_bytes() == received.to_v6().to_bytes();
}

std::string reject_text(AdvertReject reject, Bytes packet) {
  std::string text(kRejectTexts[static_cast<std::size_t>(reject)]);
  const std::size_t at = text.find("{}");
  IpPacket ip;
  if (at != std::string::npos) text.replace(at, 2, read_ip_packet(packet, ip) ? "?" : found_value(reject, ip));
  return text;
}

AdvertResult validate_advert(Bytes packet, std::span<const VirtualRouterOptions* const> configured) {
  AdvertResult result;
  IpPacket ip;
  result.reject = read_ip_packet(packet, ip);
  if (result.reject) return result;
  result.source = address_of(ip.source);
  result.virtual_router = find(ip, configured);
  const VirtualRouterOptions* rules = result.virtual_router ? configured[*result.virtual_router] : nullptr;
  result.reject = AdvertValidator(ip, rules).validate(result.advertisement);
  return result;
}

std::string_view word(AdvertReject reject) { return kRejectWords[static_cast<std::size_t>(reject)]; }
std::string_view word(AdvertForm form) { return kFormWords[static_cast<std::size_t>(form)]; }

}  // namespace server
