// Reads a web server's response until its result is clear: the status and, if configured, a text in its body.
//
// Decides as early as possible: an unexpected status at the end of the header, a match at its last octet. At most
// kMaxHttpBody octets of a body and kMaxHttpHeader octets of a header are read. Interim responses (1xx) are skipped.
// What curl accepts beyond the strict syntax is accepted, too: such a server works for its clients. Pure.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/probe/result.h"
#include "zone/base/bytes.h"

namespace server {

inline constexpr std::size_t kMaxHttpBody = 262'144;
inline constexpr std::size_t kMaxHttpHeader = 32'768;
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

  // Nothing while more octets are needed. Do not call it again after a result.
  std::optional<ProbeResult> put(dns::Bytes octets);

  // The connection was closed: decides with what was received.
  ProbeResult end();

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace server
