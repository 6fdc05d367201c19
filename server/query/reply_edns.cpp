#include "server/query/reply_edns.h"

#include <cstring>

namespace server {
namespace {

enum OptionCode : std::uint16_t { kNsid = 3, kExtendedError = 15 };  // RFC 5001, RFC 8914

std::size_t put_option(dns::MutableBytes out, std::size_t at, OptionCode code, dns::Bytes value) {
  dns::store16(out.data() + at, code);
  dns::store16(out.data() + at + 2, static_cast<std::uint16_t>(value.size()));
  std::memcpy(out.data() + at + 4, value.data(), value.size());
  return at + 4 + value.size();
}

}  // namespace

ReplyEdns::ReplyEdns(const ResponderOptions& options) : udp_size_max_(options.udp_size_max), nsid_(options.nsid) {
  dns::require(nsid_.size() <= kMaxNsid, "NSID is short enough");
}

dns::ResponseEdns ReplyEdns::of(const dns::Query& query, dns::ExtendedError extended_error) {
  if (!query.edns.present) return {};
  std::size_t size = 0;
  if (query.edns.nsid && !nsid_.empty()) size = put_option(options_, size, kNsid, dns::as_bytes(nsid_));
  if (extended_error != dns::ExtendedError::kNone) {
    std::array<std::uint8_t, 2> code;
    dns::store16(code.data(), static_cast<std::uint16_t>(extended_error));
    size = put_option(options_, size, kExtendedError, code);
  }
  return {.present = true,
          .dnssec_ok = query.edns.dnssec_ok,
          .payload = udp_size_max_,
          .options = dns::Bytes(options_).first(size)};
}

Sent ReplyEdns::error(const RequestView& request, dns::Rcode rcode, dns::ExtendedError extended_error) {
  const dns::ResponseEdns edns = of(request.query, extended_error);
  return {dns::render_error(request.query, request.inbound.bytes, rcode, edns, request.out), rcode};
}

}  // namespace server
