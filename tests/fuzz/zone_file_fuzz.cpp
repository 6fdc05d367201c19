// Zone files: anything is read without harm; what loads is written canonically and loads to the same; what is laid out
// means the same and stays as it is laid out. The part behind the octet 0x1f is the file "inc".
#include <cstdint>
#include <string>

#include "tests/support/zone_meaning.h"
#include "zone/base/ascii.h"
#include "zone/file/load.h"

using namespace dns;

namespace {

// $GENERATE may make a million records of a line: true where it can make some hundreds at most.
bool is_cheap(std::string_view text) {
  std::string folded;
  for (const std::uint8_t octet : as_bytes(text)) folded += static_cast<char>(fold(octet));
  if (folded.find("$generate") == folded.npos) return true;
  std::size_t digits = 0;
  for (const char c : folded) {
    digits = is_digit(c) ? digits + 1 : 0;
    if (digits > 3) return false;
  }
  return true;
}

void check_reload(const Zone& zone) {
  const std::string written = canonical_text(zone);
  FakeFiles files;
  files.files["zone"] = written;
  Diagnostics diagnostics;
  const LoadedZone again = load_zone(zone.apex(), "zone", files, diagnostics);
  require(again.zone != nullptr, "a canonical zone loads");
  require(canonical_text(*again.zone) == written, "a canonical zone stays as it is");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = as_text({data, size});
  if (!is_cheap(input)) return 0;
  const std::size_t border = std::min(input.find('\x1f'), input.size());
  const std::string text(input.substr(0, border));
  FakeFiles files;
  files.files["zone"] = text;
  if (border < input.size()) files.files["inc"] = input.substr(border + 1);

  Diagnostics diagnostics;
  const Name apex = *parse_name("example.com.");
  const LoadedZone loaded = load_zone(apex, "zone", files, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.kept()) {
    require(diagnostic.at.offset <= loaded.sources.text(diagnostic.at.source).size(), "a fault lies in its text");
    for (const auto format : {DiagnosticFormat::kLong, DiagnosticFormat::kShort, DiagnosticFormat::kJson})
      render(diagnostic, loaded.sources, {.format = format});
  }
  require((loaded.zone != nullptr) == (diagnostics.errors() == 0), "a zone loads unless there are errors");
  if (loaded.zone) check_reload(*loaded.zone);

  if (const std::optional<std::string> once = formatted(text)) {
    require(formatted(*once) == once, "what is laid out stays so");
    require(meaning_of(*once, files) == meaning_of(text, files), "what is laid out means the same");
  }
  return 0;
}
