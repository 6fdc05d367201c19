// Any text as a line of keepalived's FIFO and as its snapshot: the parser returns a role or nothing.
#include <cstdlib>

#include "server/vrrp/fifo.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = dns::as_text({data, size});
  if (const auto line = server::parse_fifo_line(text))
    if (line->instance.empty() || line->role == server::FifoRole::kUnknown) std::abort();
  server::parse_snapshot(text, "VI_1");
  return 0;
}
