// Numbers that may be written by name: algorithms, certificate types, DSYNC schemes, WKS protocols and services.
#include <algorithm>
#include <array>

#include "zone/base/ascii.h"
#include "zone/field/field.h"
#include "zone/field/mnemonics.h"

namespace dns {
namespace {

struct Vocabulary {
  std::string_view code;
  std::span<const MnemonicRow> rows;
  std::uint16_t max;
};

constexpr Vocabulary kAlgorithmWords{"Z037", kAlgorithms, 255};
constexpr Vocabulary kCertTypeWords{"Z038", kCertTypes, 65535};
constexpr Vocabulary kSchemeWords{"Z057", kSchemes, 255};
constexpr Vocabulary kProtocolWords{"Z040", kProtocols, 255};
constexpr Vocabulary kPortWords{"Z040", kPorts, 65535};

// The number that the current token stands for.
Result<std::uint16_t, RdataTextError> value_of(const FieldScan& scan, const Vocabulary& words) {
  const std::string_view text = scan.text();
  if (!text.empty() && is_digit(text[0])) {
    const auto number = number_of(scan, 0, text, words.max);
    if (!number) return Failure(number.error());
    return static_cast<std::uint16_t>(*number);
  }
  if (const std::optional<std::uint16_t> value = find_value(words.rows, text)) return *value;
  const std::string_view nearest = nearest_name(words.rows, text);
  std::string help = nearest.empty() ? "a number from 0 to " + std::to_string(words.max) + " is understood too"
                                     : "did you mean " + std::string(nearest) + "?";
  return Failure(
      scan.error_at(words.code, "'" + std::string(text) + "' is not known as " + scan.what(), std::move(help)));
}

FieldResult read_value(FieldScan& scan, const Vocabulary& words, std::size_t octets) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(octets); !ok) return ok;
  const Result<std::uint16_t, RdataTextError> value = value_of(scan, words);
  if (!value) return Failure(value.error());
  if (octets == 2) scan.put16(*value);
  else scan.put8(*value);
  ++scan.next;
  return {};
}

}  // namespace

FieldResult read_algorithm(FieldScan& scan) {
  if (!scan.done() && is_digit(scan.text().empty() ? ' ' : scan.text()[0])) return read_number(scan, 1);
  return read_value(scan, kAlgorithmWords, 1);
}

FieldResult read_cert_type(FieldScan& scan) { return read_value(scan, kCertTypeWords, 2); }

FieldResult read_scheme(FieldScan& scan) { return read_value(scan, kSchemeWords, 1); }

// A protocol, then ports in any order, as a bitmap up to the highest (RFC 1035 3.4.2).
FieldResult read_services(FieldScan& scan) {
  if (const FieldResult ok = read_value(scan, kProtocolWords, 1); !ok) return ok;
  std::array<std::uint8_t, 65536 / 8> ports{};
  std::size_t used = 0;
  scan.field = "service";
  for (; !scan.done(); ++scan.next) {
    if (const FieldResult ok = scan.need_plain(); !ok) return ok;
    const Result<std::uint16_t, RdataTextError> port = value_of(scan, kPortWords);
    if (!port) return Failure(port.error());
    ports[*port / 8] |= static_cast<std::uint8_t>(0x80 >> *port % 8);
    used = std::max<std::size_t>(used, *port / 8 + 1);
  }
  return scan.put({ports.data(), used});
}

}  // namespace dns
