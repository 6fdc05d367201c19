// One RDATA on its way from tokens to octets, and the reader of each field syntax (field_*.cpp).
//
// A reader takes its tokens from the front of `fields.left()`, writes octets behind those already there, and says what
// is wrong in words that name the field and the type. Lives for one call of `parse_rdata_text`.
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
  std::uint8_t* out;         // kMaxRdata octets
  std::string_view field{};  // the name of the field that is being read
  std::size_t next = 0;      // token
  std::size_t size = 0;      // octets written

  bool done() const { return next >= tokens.size(); }
  std::string_view text() const { return tokens[next].text; }
  Bytes written() const { return {out, size}; }

  // A token that is there and not quoted, or the error.
  FieldResult need_plain() const {
    if (!done() && tokens[next].kind == Token::Kind::kPlain) [[likely]]
      return {};
    return Failure(done() ? missing() : quoted());
  }
  // A token that is there, quoted or not.
  FieldResult need_any() const {
    if (!done()) [[likely]]
      return {};
    return Failure(missing());
  }
  // Room for `count` more octets of RDATA.
  FieldResult need_room(std::size_t count) const {
    if (size + count <= kMaxRdata) [[likely]]
      return {};
    return Failure(too_long());
  }

  // The room was asked for.
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

  // "the preference of MX".
  std::string what() const;
  RdataTextError missing() const;
  RdataTextError quoted() const;
  RdataTextError too_long() const;
  // At octet `offset` of the current token, `length` octets long.
  RdataTextError error_at(std::string_view code, std::size_t offset, std::size_t length, std::string message,
                          std::string help = {}) const;
  // Over the whole current token.
  RdataTextError error_at(std::string_view code, std::string message, std::string help = {}) const;
};

// field_number.cpp
FieldResult read_number(FieldScan& scan, std::size_t octets);  // big-endian, 1, 2, 4 or 8 octets
Result<std::uint64_t, RdataTextError> number_of(const FieldScan& scan, std::size_t offset, std::string_view digits,
                                                std::uint64_t max);
FieldResult read_ttl(FieldScan& scan);
FieldResult read_time(FieldScan& scan);
// field_mnemonic.cpp
FieldResult read_algorithm(FieldScan& scan);
FieldResult read_cert_type(FieldScan& scan);
FieldResult read_scheme(FieldScan& scan);
FieldResult read_services(FieldScan& scan);
// field_address.cpp
FieldResult read_ipv4(FieldScan& scan);
FieldResult read_ipv6(FieldScan& scan);
FieldResult read_prefixes(FieldScan& scan);
// field_name.cpp
FieldResult read_name_field(FieldScan& scan);
FieldResult read_gateway_field(FieldScan& scan);  // its type is octet 1 of the RDATA
FieldResult read_relay(FieldScan& scan);
FieldResult read_a6(FieldScan& scan);
// field_string.cpp
// The octet at text[at]: plain, \X or \DDD; `at` moves behind it. Negative for a malformed escape, `at` unmoved.
int take_octet(std::string_view text, std::size_t& at);
FieldResult read_string(FieldScan& scan);
FieldResult read_strings(FieldScan& scan);
FieldResult read_text(FieldScan& scan, std::size_t least);
FieldResult read_tag(FieldScan& scan);
FieldResult read_digits(FieldScan& scan);
FieldResult read_decimal(FieldScan& scan);
// field_encoded.cpp
FieldResult read_hex(FieldScan& scan);        // all that is left, at least an octet
FieldResult read_hex_token(FieldScan& scan);  // one token
FieldResult read_base64(FieldScan& scan, std::size_t least);
FieldResult read_base64_or_dash(FieldScan& scan);
FieldResult read_base64_token(FieldScan& scan);
FieldResult read_salt(FieldScan& scan);
FieldResult read_hash(FieldScan& scan);
// field_types.cpp
FieldResult read_type(FieldScan& scan);
FieldResult read_types(FieldScan& scan);
FieldResult read_old_types(FieldScan& scan);
// field_location.cpp
FieldResult read_location_field(FieldScan& scan);
// field_network.cpp
FieldResult read_hip(FieldScan& scan);
FieldResult read_nsap(FieldScan& scan);
FieldResult read_atma(FieldScan& scan);
FieldResult read_eui(FieldScan& scan, std::size_t octets);
FieldResult read_locator64(FieldScan& scan);
// field_svcb.cpp
FieldResult read_svc_params_field(FieldScan& scan);
// field_generic.cpp
bool is_generic(std::span<const Token> tokens);
FieldResult read_generic(FieldScan& scan);

}  // namespace dns
