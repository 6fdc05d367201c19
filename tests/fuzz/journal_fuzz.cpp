// Any octets as a journal: the reader returns only complete records and never reads after the end. Each record encodes
// to the same change.
#include <cstdlib>

#include "server/journal/record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const dns::Bytes octets(data, size);
  const server::JournalContents contents = server::read_journal(octets);
  if (contents.length > size) std::abort();
  if (contents.state && server::read_journal(octets.first(contents.length)).steps.size() != contents.steps.size())
    std::abort();
  for (const server::JournalStep& step : contents.steps) {
    server::Octets again = server::encode_header();
    const server::Octets record = server::encode_step(step);
    again.insert(again.end(), record.begin(), record.end());
    const server::JournalContents once = server::read_journal(again);
    if (once.steps.size() != 1 || !(once.steps.front().change == step.change)) std::abort();
  }
  return 0;
}
