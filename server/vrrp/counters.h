// Counts accepted advertisements by form, and rejected advertisements by reason.
//
// The failover thread writes, any thread reads. Each number is correct; together they may not be from one instant.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace server {

// Why an advertisement was rejected, in the order of the checks. The first failed check is counted.
enum class AdvertReject : std::uint8_t {
  kIp,  // not a complete IPv4 or IPv6 packet
  kIpChecksum,
  kFragment,
  kProtocol,  // neither VRRP nor an authentication header around it
  kTtl,
  kDestination,  // not the group, and unicast is not configured
  kShort,        // fewer than eight octets of VRRP
  kVersion,      // neither 2 nor 3, or not the configured version
  kType,
  kCount,  // no address
  kLength,
  kAuthType,
  kPassword,
  kHmac,  // missing, from another key, or wrong
  kChecksum,
  kInterval,  // zero
  kVridZero,
  kVrid,       // not configured on this interface for this family
  kLinkLocal,  // the first address of an IPv6 advertisement is not link-local
  kSource,     // not one of the configured routers
  kVips,       // other virtual addresses than the configured ones
  kReplay,     // its authenticated time is not later than the previous one
};
inline constexpr std::size_t kAdvertRejects = 22;

// The forms of accepted advertisements.
enum class AdvertForm : std::uint8_t {
  kMessage,      // checksum over the message alone: version 2; version 3 over IPv4 as RFC 9568 has it
  kPseudo,       // with the pseudo-header of the packet
  kPseudoGroup,  // unicast, with the group address in the pseudo-header: keepalived before 1.3.7
  kAuthHeader,   // in an IPsec authentication header, which is not verified
  kHmacVerified,
  kHmacIgnored,  // with a trailer, but no key is configured
  kOutgoing,     // sent by this host
};
inline constexpr std::size_t kAdvertForms = 7;

std::string_view word(AdvertReject reject);  // "checksum": for metrics and logs
std::string_view word(AdvertForm form);

class AdvertCounters {
 public:
  void count(AdvertReject reject) { bump(rejects_[static_cast<std::size_t>(reject)]); }
  void count(AdvertForm form) { bump(forms_[static_cast<std::size_t>(form)]); }
  void count_accepted() { bump(accepted_); }
  void count_lost(std::uint64_t packets) {
    lost_.store(lost_.load(std::memory_order_relaxed) + packets, std::memory_order_relaxed);
  }

  std::uint64_t of(AdvertReject reject) const {
    return rejects_[static_cast<std::size_t>(reject)].load(std::memory_order_relaxed);
  }
  std::uint64_t of(AdvertForm form) const {
    return forms_[static_cast<std::size_t>(form)].load(std::memory_order_relaxed);
  }
  std::uint64_t accepted() const { return accepted_.load(std::memory_order_relaxed); }
  std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }  // the socket's queue was full

 private:
  using Counter = std::atomic<std::uint64_t>;
  static void bump(Counter& counter) {
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  std::array<Counter, kAdvertRejects> rejects_{};
  std::array<Counter, kAdvertForms> forms_{};
  Counter accepted_{0}, lost_{0};
};

}  // namespace server
