#include "server/keys/tsig_session.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include <openssl/crypto.h>

namespace server {
namespace {

constexpr std::size_t kMinMac = 10;     // octets of a truncated MAC (RFC 8945 5.2.2.1)
constexpr std::size_t kTimeOctets = 6;  // other data of BADTIME (RFC 8945 5.2.3)

KeptMac kept(dns::Bytes mac) {
  KeptMac copy;
  copy.size = mac.size();
  std::memcpy(copy.octets.data(), mac.data(), mac.size());
  return copy;
}

bool has_possible_size(std::size_t size, std::size_t whole) {
  return size <= whole && size >= std::max(kMinMac, whole / 2);
}

}  // namespace

std::uint64_t unix_time() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count());
}

bool is_in_time(std::uint64_t now, const dns::TsigRecord& record) {
  const std::uint64_t apart = now > record.time ? now - record.time : record.time - now;
  return apart <= std::min(record.fudge, dns::kTsigFudge);
}

bool is_same_mac(dns::Bytes received, dns::Bytes computed) {
  return !received.empty() && received.size() <= computed.size() &&
         CRYPTO_memcmp(received.data(), computed.data(), received.size()) == 0;
}

TsigSession::Verdict TsigSession::verify(std::shared_ptr<const dns::TsigKeys> keys, dns::Bytes request, std::size_t at,
                                         UnixClock clock) {
  using dns::TsigError;
  const auto record = dns::read_tsig(request, at);
  dns::require(record.has_value(), "the request has a TSIG record");
  *this = {};
  clock_ = clock;
  keys_ = std::move(keys);
  name_ = record->key;
  algorithm_ = record->algorithm;
  time_ = record->time;
  fudge_ = record->fudge;
  key_ = keys_ == nullptr ? nullptr : keys_->find(name_);
  if (key_ == nullptr || !(key_->algorithm() == algorithm_.view())) {
    error_ = TsigError::kBadKey;
    return Verdict::kRejected;
  }
  if (!has_possible_size(record->mac.size(), key_->mac_size())) {
    error_ = TsigError::kBadSig;
    return Verdict::kMalformed;
  }
  prior_ = kept(record->mac);
  const auto mac = key_->start();
  const auto additionals = static_cast<std::uint16_t>(dns::load16(request.data() + dns::kArcountAt) - 1);
  dns::cover_message(*mac, request, at, record->original_id, additionals);
  dns::cover_variables(*mac, *record);
  KeptMac computed;
  computed.size = mac->finish(computed.octets);
  if (!is_same_mac(record->mac, computed.bytes())) error_ = TsigError::kBadSig;
  else if (!is_in_time(clock_(), *record)) error_ = TsigError::kBadTime;
  else if (record->mac.size() < key_->mac_size()) error_ = TsigError::kBadTrunc;
  return error_ == TsigError::kNone ? Verdict::kVerified : Verdict::kRejected;
}

// RFC 8945 5.3.2: an error about the key or the MAC is never signed.
bool TsigSession::is_signed() const { return error_ != dns::TsigError::kBadKey && error_ != dns::TsigError::kBadSig; }

std::size_t TsigSession::reserve() const {
  const std::size_t other = error_ == dns::TsigError::kBadTime ? kTimeOctets : 0;
  return dns::tsig_size(record_of_reply()) + (is_signed() ? key_->mac_size() : 0) + other;
}

dns::TsigRecord TsigSession::record_of_reply() const {
  dns::TsigRecord record;
  record.key = name_;
  record.algorithm = algorithm_;
  record.error = error_;
  return record;
}

std::size_t TsigSession::sign(dns::MutableBytes out, std::size_t size) {
  dns::TsigRecord record = record_of_reply();
  const std::uint64_t now = clock_();
  std::array<std::uint8_t, kTimeOctets> other;
  record.time = now;
  record.original_id = dns::load16(out.data());
  if (error_ == dns::TsigError::kBadTime) {  // the client's own time, so that it can check this reply
    record.time = time_;
    record.fudge = fudge_;
    dns::store16(other.data(), static_cast<std::uint16_t>(now >> 32));
    dns::store32(other.data() + 2, static_cast<std::uint32_t>(now));
    record.other = other;
  }
  if (!is_signed()) return dns::append_tsig(out, size, record);
  const auto mac = key_->start();
  dns::cover_prior(*mac, prior_.bytes());
  dns::cover_message(*mac, out, size, record.original_id, dns::load16(out.data() + dns::kArcountAt));
  if (cover_ == TsigCover::kVariables) dns::cover_variables(*mac, record);
  else dns::cover_timers(*mac, record);
  prior_.size = mac->finish(prior_.octets);
  if (prior_.size == 0) return 0;
  cover_ = TsigCover::kTimers;
  record.mac = prior_.bytes();
  return dns::append_tsig(out, size, record);
}

}  // namespace server
