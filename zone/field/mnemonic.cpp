// Fields with mnemonics: algorithms, certificate types, DSYNC schemes, WKS protocols and services.
#include "zone/field/mnemonic.h"

#include <algorithm>
#include <array>

#include "zone/base/ascii.h"
#include "zone/base/suggest.h"
#include "zone/field/field.h"

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

// The value of the current token, a number or a mnemonic.
Result<std::uint16_t, RdataTextError> value_of(const FieldScan& scan, const Vocabulary& words) {
  const std::string_view text = scan.text();
  if (!text.empty() && is_digit(text[0])) {
    const auto number = number_of(scan, 0, text, words.max);
    if (!number) return Failure(number.error());
    return static_cast<std::uint16_t>(*number);
  }
  if (const std::optional<std::uint16_t> value = find_value(words.rows, text)) return *value;
  const std::string_view nearest = nearest_name(words.rows, text);
  std::string help = nearest.empty() ? "a number from 0 to " + std::to_string(words.max) + " is also accepted"
                                     : "did you mean " + std::string(nearest) + "?";
  return Failure(scan.error_at(words.code, "'" + std::string(text) + "' is not a known value for " + scan.what(),
                               std::move(help)));
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

void append_mnemonic(std::string& out, std::span<const MnemonicRow> rows, std::uint16_t value) {
  const std::string_view name = find_name(rows, value);
  if (name.empty()) append_number(out, value);
  else out += name;
}

}  // namespace

std::optional<std::uint16_t> find_value(std::span<const MnemonicRow> rows, std::string_view name) {
  for (const MnemonicRow& row : rows)
    if (equal_fold(row.name, name)) return row.value;
  return std::nullopt;
}

std::string_view find_name(std::span<const MnemonicRow> rows, std::uint16_t value) {
  for (const MnemonicRow& row : rows)
    if (row.value == value) return row.name;
  return {};
}

std::string_view nearest_name(std::span<const MnemonicRow> rows, std::string_view typed) {
  constexpr std::size_t kMaxNames = 96;
  static_assert(std::size(kPorts) <= kMaxNames);
  std::array<std::string_view, kMaxNames> names;
  const std::size_t count = std::min(rows.size(), kMaxNames);
  std::transform(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count), names.begin(),
                 [](const MnemonicRow& row) { return row.name; });
  return nearest_word(typed, {names.data(), count});
}

FieldResult read_algorithm(FieldScan& scan) {
  if (!scan.done() && is_digit(scan.text().empty() ? ' ' : scan.text()[0])) return read_number(scan, 1);
  return read_value(scan, kAlgorithmWords, 1);
}

FieldResult read_cert_type(FieldScan& scan) { return read_value(scan, kCertTypeWords, 2); }

FieldResult read_scheme(FieldScan& scan) { return read_value(scan, kSchemeWords, 1); }

// A protocol and ports in any order. The RDATA has a bitmap of ports up to the highest (RFC 1035 3.4.2).
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

void append_cert_algorithm(std::string& out, std::uint8_t value) { append_mnemonic(out, kAlgorithms, value); }

void append_cert_type(std::string& out, std::uint16_t value) { append_mnemonic(out, kCertTypes, value); }

void append_scheme(std::string& out, std::uint8_t value) { append_mnemonic(out, kSchemes, value); }

Printed append_services(std::string& out, Bytes octets) {
  if (octets.size() > 1 && octets.back() == 0) return Printed::kGeneric;
  append_number(out, octets[0]);
  for (std::size_t port = 0; port < (octets.size() - 1) * 8; ++port) {
    if ((octets[1 + port / 8] >> (7 - port % 8) & 1) == 0) continue;
    out += ' ';
    append_number(out, port);
  }
  return Printed::kText;
}

}  // namespace dns
