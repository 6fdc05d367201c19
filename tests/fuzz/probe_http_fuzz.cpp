// Any octets as a web server's answer, in pieces whose size the first octet selects. There is always a result at the
// end, and it is the same for one piece.
#include "server/probe/http_reply.h"
#include "zone/base/result.h"

namespace {

server::ProbeResult judge(dns::Bytes answer, std::size_t step) {
  server::HttpReply reply({.status = {}, .match = "ok"});
  for (std::size_t at = 0; at < answer.size(); at += step)
    if (auto result = reply.put(answer.subspan(at, std::min(step, answer.size() - at)))) return *result;
  return reply.end();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const dns::Bytes answer(data + 1, size - 1);
  const server::ProbeResult pieces = judge(answer, std::size_t{1} + data[0]);
  dns::require(!pieces.detail.empty() && pieces.outcome != server::Outcome::kUnknown,
               "an answer gives an outcome and a detail");
  dns::require(judge(answer, answer.size() + 1).outcome == pieces.outcome, "the outcome does not depend on the pieces");
  return 0;
}
