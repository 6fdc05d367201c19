#include "server/keys/tsig_client.h"

#include <utility>

namespace server {
namespace {

std::uint16_t additionals_of(dns::Bytes message) { return dns::load16(message.data() + dns::kArcountAt); }

}  // namespace

std::string_view describe(TsigFault fault) {
  switch (fault) {
    case TsigFault::kNone: return "the reply is verified";
    case TsigFault::kUnsigned: return "the reply is not signed";
    case TsigFault::kMalformed: return "the reply has a malformed TSIG record";
    case TsigFault::kOtherKey: return "the reply is signed with another key";
    case TsigFault::kRejected: return "the server does not accept the signature of the query";
    case TsigFault::kWrongMac: return "the signature of the reply is wrong";
    case TsigFault::kOutOfTime: return "the reply was signed too early or too late: check the clocks";
  }
  return {};
}

std::string_view describe(dns::TsigError error) {
  switch (error) {
    case dns::TsigError::kNone: return "NOERROR";
    case dns::TsigError::kBadSig: return "BADSIG: the secrets differ";
    case dns::TsigError::kBadKey: return "BADKEY: it has no such key and algorithm";
    case dns::TsigError::kBadTime: return "BADTIME: the clocks differ";
    case dns::TsigError::kBadTrunc: return "BADTRUNC: the signature is too short";
  }
  return "an unknown error";
}

void TsigClient::sign(std::vector<std::uint8_t>& request, std::uint64_t now) {
  dns::TsigRecord record;
  record.key = key_.name();
  record.algorithm = key_.algorithm();
  record.time = now;
  record.original_id = dns::load16(request.data());
  const auto mac = key_.start();
  dns::cover_message(*mac, request, request.size(), record.original_id, additionals_of(request));
  dns::cover_variables(*mac, record);
  prior_.size = mac->finish(prior_.octets);
  record.mac = prior_.bytes();
  const std::size_t size = request.size();
  request.resize(size + dns::tsig_size(record));
  dns::append_tsig(request, size, record);
}

void TsigClient::begin() {
  if (mac_ != nullptr) return;
  mac_ = key_.start();
  dns::cover_prior(*mac_, prior_.bytes());
}

TsigFault TsigClient::verify(dns::Bytes message, std::uint64_t now) {
  const dns::TsigSearch search = dns::find_tsig(message);
  switch (search.presence) {
    case dns::TsigPresence::kMalformed: return TsigFault::kMalformed;
    case dns::TsigPresence::kLast: return verify_signed(message, *dns::read_tsig(message, search.at), search.at, now);
    case dns::TsigPresence::kNone: break;
  }
  if (cover_ == TsigCover::kVariables || unsigned_ == kMaxUnsigned) return TsigFault::kUnsigned;
  ++unsigned_;
  begin();
  dns::cover_message(*mac_, message, message.size(), dns::load16(message.data()), additionals_of(message));
  return TsigFault::kNone;
}

TsigFault TsigClient::verify_signed(dns::Bytes message, const dns::TsigRecord& record, std::size_t at,
                                    std::uint64_t now) {
  if (!(record.key.view() == key_.name()) || !(record.algorithm.view() == key_.algorithm()))
    return TsigFault::kOtherKey;
  error_ = record.error;
  if (record.mac.empty() && error_ != dns::TsigError::kNone) return TsigFault::kRejected;
  begin();
  dns::cover_message(*mac_, message, at, record.original_id, static_cast<std::uint16_t>(additionals_of(message) - 1));
  if (cover_ == TsigCover::kVariables) dns::cover_variables(*mac_, record);
  else dns::cover_timers(*mac_, record);
  KeptMac computed;
  computed.size = std::exchange(mac_, nullptr)->finish(computed.octets);
  if (record.mac.size() != computed.size || !is_same_mac(record.mac, computed.bytes())) return TsigFault::kWrongMac;
  if (error_ != dns::TsigError::kNone) return TsigFault::kRejected;
  if (!is_in_time(now, record)) return TsigFault::kOutOfTime;
  prior_ = computed;
  cover_ = TsigCover::kTimers;
  unsigned_ = 0;
  return TsigFault::kNone;
}

}  // namespace server
