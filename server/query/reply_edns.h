// The OPT record of replies (RFC 6891): the size that the server offers, NSID (RFC 5001), extended errors (RFC 8914).
//
// One object for each user, because a record borrows its options from it until the next call. One thread.
#pragma once

#include <array>
#include <string>

#include "server/query/options.h"
#include "server/query/request.h"
#include "zone/answer/render.h"

namespace server {

class ReplyEdns {
 public:
  explicit ReplyEdns(const ResponderOptions& options);

  // Present if the query has one.
  dns::ResponseEdns of(const dns::Query& query, dns::ExtendedError extended_error = dns::ExtendedError::kNone);
  // Writes a reply without an answer into `request.out`.
  Sent error(const RequestView& request, dns::Rcode rcode, dns::ExtendedError extended_error);

 private:
  std::uint16_t udp_size_max_;
  std::string nsid_;
  std::array<std::uint8_t, dns::kMaxResponseOptions> options_{};
};

}  // namespace server
