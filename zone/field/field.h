// The text form of each RDATA field, in both directions. The reader and the printer of a field syntax are in one file.
// Internal to zone/field; other code uses rdata_text.h.
//
// A reader (`read_*`) takes tokens from `scan.tokens[scan.next]` on and writes octets behind those already in
// `scan.out`. Its errors name the field and the type. A FieldScan lives for one call of `parse_rdata_text`.
//
// A printer (`append_*`) gets the octets of one field of a well-formed RDATA and appends its text.
#pragma once

#include <string>

#include "zone/field/rdata_text.h"
#include "zone/rr/table.h"

namespace dns {

using FieldResult = Result<void, RdataTextError>;

struct FieldScan {
  Type type;
  std::span<const Token> tokens;
  NameView origin;
  std::uint8_t* out;                                // kMaxRdata octets
  std::vector<RdataTextError>* warnings = nullptr;  // null: nobody reads them
  std::string_view field{};                         // the name of the current field
  std::size_t next = 0;                             // token
  std::size_t size = 0;                             // octets written

  bool done() const { return next >= tokens.size(); }
  std::string_view text() const { return tokens[next].text; }
  Bytes written() const { return {out, size}; }

  // An error unless there is a token without quotes.
  FieldResult need_plain() const {
    if (!done() && tokens[next].kind == Token::Kind::kPlain) [[likely]]
      return {};
    return Failure(done() ? missing() : quoted());
  }
  // An error unless there is a token, quoted or not.
  FieldResult need_any() const {
    if (!done()) [[likely]]
      return {};
    return Failure(missing());
  }
  // An error unless `count` more octets of RDATA fit.
  FieldResult need_room(std::size_t count) const {
    if (size + count <= kMaxRdata) [[likely]]
      return {};
    return Failure(too_long());
  }

  // Call need_room first.
  void put8(std::size_t value) { out[size++] = static_cast<std::uint8_t>(value); }
  void put16(std::size_t value) {
    store16(out + size, static_cast<std::uint16_t>(value));
    size += 2;
  }
  void put32(std::uint32_t value) {
    store32(out + size, value);
    size += 4;
  }
  FieldResult put(Bytes octets);

  // "the preference of MX", for messages.
  std::string what() const;
  RdataTextError missing() const;
  RdataTextError quoted() const;
  RdataTextError too_long() const;
  // An error at octet `offset` of the current token, `length` octets long.
  RdataTextError error_at(std::string_view code, std::size_t offset, std::size_t length, std::string message,
                          std::string help = {}) const;
  void warn(RdataTextError warning) const {
    if (warnings != nullptr) warnings->push_back(std::move(warning));
  }
  // An error that marks the whole current token.
  RdataTextError error_at(std::string_view code, std::string message, std::string help = {}) const;
};

// Some RDATA is well-formed but has no text that reads back to the same octets. Its field then answers kGeneric, and
// the whole RDATA is printed in the form of RFC 3597.
enum class Printed : std::uint8_t { kText, kGeneric };

// number.cpp
FieldResult read_number(FieldScan& scan, std::size_t octets);  // big-endian, 1, 2, 4 or 8 octets
Result<std::uint64_t, RdataTextError> number_of(const FieldScan& scan, std::size_t offset, std::string_view digits,
                                                std::uint64_t max);
FieldResult read_ttl(FieldScan& scan);
FieldResult read_time(FieldScan& scan);
void append_number(std::string& out, std::uint64_t value);
void append_padded(std::string& out, unsigned value, std::size_t width);  // with leading zeros
void append_time(std::string& out, std::uint32_t seconds);  // YYYYMMDDHHmmSS from 1970 to 2106 (RFC 4034 3.2)
// mnemonic.cpp
FieldResult read_algorithm(FieldScan& scan);
FieldResult read_cert_type(FieldScan& scan);
FieldResult read_scheme(FieldScan& scan);
FieldResult read_services(FieldScan& scan);
void append_cert_algorithm(std::string& out, std::uint8_t value);
void append_cert_type(std::string& out, std::uint16_t value);
void append_scheme(std::string& out, std::uint8_t value);
Printed append_services(std::string& out, Bytes octets);
// address.cpp; single addresses without a FieldScan are in address.h
FieldResult read_ipv4(FieldScan& scan);
FieldResult read_ipv6(FieldScan& scan);
FieldResult read_prefixes(FieldScan& scan);
Printed append_prefixes(std::string& out, Bytes octets);
// name.cpp
FieldResult read_name_field(FieldScan& scan);
FieldResult read_gateway_field(FieldScan& scan);  // octet 1 of the RDATA is the gateway type
FieldResult read_relay(FieldScan& scan);
FieldResult read_a6(FieldScan& scan);
void append_name(std::string& out, const std::uint8_t* name);
Printed append_gateway(std::string& out, std::uint8_t type, const std::uint8_t* octets);
Printed append_relay(std::string& out, Bytes octets);
void append_a6(std::string& out, Bytes octets);
// string.cpp
// The octet at text[at]: plain, \X or \DDD; moves `at` behind it. Negative for a malformed escape, `at` unmoved.
int take_octet(std::string_view text, std::size_t& at);
FieldResult read_string(FieldScan& scan);
FieldResult read_strings(FieldScan& scan);
FieldResult read_text(FieldScan& scan, std::size_t least);
FieldResult read_tag(FieldScan& scan);
FieldResult read_digits(FieldScan& scan);
FieldResult read_decimal(FieldScan& scan);
void append_quoted(std::string& out, Bytes octets);  // between quotes: \", \\, and \DDD for unprintable octets
void append_strings(std::string& out, Bytes octets);
void append_tag(std::string& out, Bytes field);
// encoded.cpp
FieldResult read_hex(FieldScan& scan);        // all remaining tokens, at least one octet
FieldResult read_hex_token(FieldScan& scan);  // one token
FieldResult read_base64(FieldScan& scan, std::size_t least);
FieldResult read_base64_or_dash(FieldScan& scan);
FieldResult read_base64_token(FieldScan& scan);
FieldResult read_salt(FieldScan& scan);
FieldResult read_hash(FieldScan& scan);
void append_hex(std::string& out, Bytes octets);     // upper case
void append_base64(std::string& out, Bytes octets);  // padded
void append_base64_or_dash(std::string& out, Bytes octets);
void append_salt(std::string& out, Bytes field);        // `field` begins with its length octet
void append_base32hex(std::string& out, Bytes octets);  // upper case, without padding (RFC 5155 3.3)
void append_hash(std::string& out, Bytes field);        // `field` begins with its length octet
// types.cpp
FieldResult read_type(FieldScan& scan);
FieldResult read_types(FieldScan& scan);
FieldResult read_old_types(FieldScan& scan);
void append_types(std::string& out, Bytes bitmap);  // " A NS": a blank before each
void append_old_types(std::string& out, Bytes bitmap);
// location.cpp
FieldResult read_location_field(FieldScan& scan);
Printed append_location(std::string& out, Bytes octets);  // RFC 1876 3
// network.cpp
FieldResult read_hip(FieldScan& scan);
FieldResult read_nsap(FieldScan& scan);
FieldResult read_atma(FieldScan& scan);
FieldResult read_eui(FieldScan& scan, std::size_t octets);
FieldResult read_locator64(FieldScan& scan);
void append_hip(std::string& out, Bytes octets);
void append_nsap(std::string& out, Bytes octets);
void append_atma(std::string& out, Bytes octets);
void append_eui(std::string& out, Bytes octets);
void append_locator64(std::string& out, Bytes octets);
// svcb.cpp
FieldResult read_svc_params_field(FieldScan& scan);
// Warns about parameters of AliasMode (RFC 9460 2.4.2). They begin at octet `at` of the current token.
void warn_about_alias(const FieldScan& scan, std::size_t at);
void append_svc_params(std::string& out, Bytes params);  // " alpn=\"h2\"": a blank before each
// generic.cpp
bool is_generic(std::span<const Token> tokens);
FieldResult read_generic(FieldScan& scan);
void append_generic(std::string& out, Bytes rdata);  // "\# 4 0A000001"

}  // namespace dns
