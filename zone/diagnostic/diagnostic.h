// Diagnostics: errors, warnings and notes about a zone file.
//
// A diagnostic has a stable code (a row of `codes()`, explained by `waymark explain Z012`), a place, a message, and
// optionally a suggestion. Codes: Z0xx syntax, Z1xx rules of a zone, Z2xx advice. `render` makes the text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "zone/base/printable.h"
#include "zone/diagnostic/source.h"

namespace dns {

enum class Severity : std::uint8_t { kError, kWarning, kNote };

struct CodeRow {
  std::string_view code;  // "Z012"
  Severity severity;
  std::string_view title;        // "IPv4 address octet out of range"
  std::string_view explanation;  // for `waymark explain`: the fault, the reason (RFC), the fix, an example
  // What an error allows to be served.
  enum class Serves : std::uint8_t { kNothing, kOtherRrsets } serves = Serves::kNothing;
};

std::span<const CodeRow> codes();
const CodeRow* find_code(std::string_view code);

struct Diagnostic {
  const CodeRow* code = nullptr;
  Place at;
  std::size_t length = 1;  // octets under the caret
  std::string message;     // "256 is larger than 255"
  std::string help;        // "did you mean AAAA?"; may be empty
};

// Keeps diagnostics up to a limit; counts all.
class Diagnostics {
 public:
  explicit Diagnostics(std::size_t kept_max = 100) : kept_max_(kept_max) {}
  void add(Diagnostic diagnostic);
  // Adds all diagnostics of `later`, which must have the same limit.
  void append(Diagnostics later);
  // Moves the places of all diagnostics by `offset` octets: from a piece of a text to the whole text.
  void shift(std::uint64_t offset);
  std::span<const Diagnostic> kept() const { return kept_; }
  std::size_t errors() const { return errors_; }
  // Errors because of which the zone or the file is refused.
  std::size_t refusals() const { return refusals_; }
  std::size_t warnings() const { return warnings_; }
  std::size_t kept_max() const { return kept_max_; }
  bool full() const { return kept_.size() >= kept_max_; }

 private:
  std::vector<Diagnostic> kept_;
  std::size_t kept_max_;
  std::size_t errors_ = 0, refusals_ = 0, warnings_ = 0;
};

enum class DiagnosticFormat : std::uint8_t { kLong, kShort, kJson };  // kJson: one object per line

struct RenderOptions {
  DiagnosticFormat format = DiagnosticFormat::kLong;
  enum class Colour : std::uint8_t { kOff, kOn } colour = Colour::kOff;
  Charset charset = Charset::kAscii;  // of the long and the short form
};

// One diagnostic as text: header, place, source line with caret, chain of includes, help. Ends with a newline.
std::string render(const Diagnostic& diagnostic, const Sources& sources, const RenderOptions& options);

}  // namespace dns
