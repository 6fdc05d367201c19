// Any octets as a line of the control socket: the parser returns a request whose line parses to the same request, or an
// error message, never an exception.
#include <cstdlib>

#include "server/control/request.h"
#include "zone/base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request = server::parse_request(dns::as_text({data, size}));
  if (!request) {
    if (request.error().empty()) std::abort();
    return 0;
  }
  if (request->subjects.size() > server::kMaxSubjects) std::abort();
  const auto again = server::parse_request(server::to_line(*request));
  if (!again || !(*again == *request)) std::abort();
  return 0;
}
