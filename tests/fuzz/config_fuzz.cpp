// Any octets as a configuration: faults with places inside the text, never an exception or a value out of its row's range.
#include "server/config/config.h"

#include <cstdlib>

#include "server/store/reader.h"
#include "tests/support/memory_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  server::MemoryFiles files;
  files.write("waymark.toml", std::string(dns::as_text({data, size})));
  server::ZoneReader reader(files, server::IncludeScope::kInside);
  dns::Diagnostics diagnostics;
  const auto loaded = server::load_config("waymark.toml", reader, diagnostics);
  if (!loaded) std::abort();
  for (const dns::Diagnostic& fault : diagnostics.kept()) {
    if (fault.at.offset > size) std::abort();
    if (dns::render(fault, loaded->sources, {}).empty()) std::abort();
  }
  if (loaded->options.responder.udp_size_max < 512 || loaded->options.listen.tcp.workers == 0) std::abort();
  return 0;
}
