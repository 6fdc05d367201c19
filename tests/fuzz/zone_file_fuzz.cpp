// Any octets as a zone file. A loaded zone is written in canonical form and loads again to the same zone. A formatted
// file has the same meaning, and formatting it again does not change it. The part after the octet 0x1f is the file
// "inc".
#include <cstdint>
#include <string>

#include "tests/support/zone_meaning.h"
#include "zone/base/ascii.h"
#include "zone/file/load.h"

using namespace dns;

namespace {

// $GENERATE may make a million records from one line. Returns true if it makes at most some hundreds.
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
  require(again.zone != nullptr, "a zone in canonical form loads");
  require(canonical_text(*again.zone) == written, "a zone in canonical form does not change");
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
    require(diagnostic.at.offset <= loaded.sources.text(diagnostic.at.source).size(), "a fault is within its text");
    for (const auto format : {DiagnosticFormat::kLong, DiagnosticFormat::kShort, DiagnosticFormat::kJson})
      render(diagnostic, loaded.sources, {.format = format});
  }
  require((loaded.zone != nullptr) == (diagnostics.refusals() == 0), "a zone loads exactly if no error refuses it");
  if (loaded.zone) check_reload(*loaded.zone);

  if (const std::optional<std::string> once = formatted(text)) {
    require(formatted(*once) == once, "formatting twice changes nothing");
    require(meaning_of(*once, files) == meaning_of(text, files), "formatting keeps the meaning");
  }
  return 0;
}
