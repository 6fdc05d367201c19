// Any octets as the output of a program or a file of measurements: each value found is within its bounds.
#include "server/probe/measurements.h"
#include "zone/base/bytes.h"
#include "zone/base/result.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = dns::as_text({data, size});
  const server::Measurements found = server::parse_measurements(text);
  for (const auto& time : {found.latency, found.jitter})
    dns::require(!time || (time->count() >= 0 && *time <= server::kMaxMeasuredTime), "a time is within its bounds");
  dns::require(!found.loss || (*found.loss >= 0 && *found.loss <= 1), "a loss is a share");
  const auto verdict = server::parse_verdict(text);
  dns::require(!verdict || *verdict != server::Outcome::kUnknown, "an outcome is up or down");
  for (const char c : server::first_line(text)) dns::require(c >= 0x20 && c < 0x7f, "a line is printable");
  return 0;
}
