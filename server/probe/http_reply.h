// A web server's answer, octet by octet, until it is clear what to make of it: status, and where asked for, its body.
//
// Decided as early as can be: a status that is not expected at the end of the header, a match where its last octet
// comes. Of a body at most kMaxHttpBody octets are looked at, of a header Beast's own bound holds (8 KiB). Interim
// answers (1xx) are passed over. Pure.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/probe/result.h"
#include "zone/base/bytes.h"

namespace server {

inline constexpr std::size_t kMaxHttpBody = 262'144;
inline constexpr unsigned kMaxInterimAnswers = 8;

struct HttpExpectation {
  std::vector<std::uint16_t> status;  // any of these; empty: 200
  std::string match;                  // the body contains it; empty: any body
};

class HttpReply {
 public:
  explicit HttpReply(HttpExpectation expectation);
  ~HttpReply();
  HttpReply(const HttpReply&) = delete;
  HttpReply& operator=(const HttpReply&) = delete;

  // Nothing while it takes more octets. Not to be called again once it has decided.
  std::optional<ProbeResult> put(dns::Bytes octets);

  // The connection was closed: what is there is all there is.
  ProbeResult end();

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace server
