// The fast path and the full parser give the same records and the same messages at every level of the machine.
#include <cstdint>
#include <string>

#include "tests/support/parse_trace.h"
#include "zone/base/ascii.h"

using namespace dns;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(as_text({data, size}));
  std::string folded = text;
  for (char& c : folded) c = static_cast<char>(fold(static_cast<std::uint8_t>(c)));
  if (folded.find("$generate") != std::string::npos) return 0;  // may make a million records from one line
  const std::string full = parse_trace(text, std::nullopt);
  for (const SimdLevel level : simd_levels())
    require(parse_trace(text, level) == full, "each level gives the result of the full parser");
  return 0;
}
