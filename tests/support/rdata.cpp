#include "tests/support/rdata.h"

#include <memory>

#include "zone/base/ascii.h"
#include "zone/field/text.h"
#include "zone/name/text.h"

namespace test {
namespace {

std::size_t end_of_word(std::string_view text, std::size_t at, bool quoted) {
  for (; at < text.size(); ++at) {
    if (text[at] == '\\') ++at;
    else if (text[at] == '"' || (!quoted && (text[at] == ' ' || text[at] == '\t'))) return at;
  }
  return text.size();
}

}  // namespace

std::vector<dns::Token> cut(std::string_view text) {
  std::vector<dns::Token> tokens;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ' || text[at] == '\t') {
      ++at;
      continue;
    }
    const bool quoted = text[at] == '"';
    const std::size_t begin = quoted ? at + 1 : at, end = end_of_word(text, begin, quoted);
    tokens.push_back(
        {text.substr(begin, end - begin), at, quoted ? dns::Token::Kind::kQuoted : dns::Token::Kind::kPlain});
    at = quoted ? end + 1 : end;
  }
  return tokens;
}

dns::Result<std::vector<std::uint8_t>, dns::RdataTextError> read_rdata(dns::Type type, std::string_view text) {
  static const auto buffer = std::make_unique<dns::RdataBuffer>();
  static const dns::Name origin = *dns::parse_name("example.");
  const auto size = dns::parse_rdata_text(type, cut(text), origin, *buffer);
  if (!size) return dns::Failure(size.error());
  return std::vector<std::uint8_t>(buffer->begin(), buffer->begin() + static_cast<std::ptrdiff_t>(*size));
}

std::string rdata_hex(std::string_view type, std::string_view text) {
  const auto rdata = read_rdata(type_of(type), text);
  if (rdata) return hex_of(*rdata);
  const dns::RdataTextError& fault = rdata.error();
  const std::vector<dns::Token> tokens = cut(text);
  std::size_t at = text.size();
  if (fault.token < tokens.size()) {
    const dns::Token& token = tokens[fault.token];
    at = token.offset + fault.offset + (token.kind == dns::Token::Kind::kQuoted ? 1 : 0);
  }
  return std::string(fault.code) + " @" + std::to_string(at) + "+" + std::to_string(fault.length) + ": " +
         fault.message;
}

std::string hex_of(dns::Bytes octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t octet : octets) (out += kDigits[octet >> 4]) += kDigits[octet & 15];
  return out;
}

std::vector<std::uint8_t> octets_of(std::string_view hex) {
  std::vector<std::uint8_t> out;
  int high = -1;
  for (const char c : hex) {
    const int digit = dns::hex_digit(c);
    if (digit < 0) continue;
    if (high >= 0) out.push_back(static_cast<std::uint8_t>(high << 4 | digit));
    high = high >= 0 ? -1 : digit;
  }
  return out;
}

std::string rdata_text(dns::Type type, dns::Bytes rdata) {
  std::string out;
  dns::append_rdata(out, type, rdata);
  return out;
}

dns::Type type_of(std::string_view mnemonic) {
  const auto type = dns::parse_type(mnemonic);
  dns::require(type.has_value(), "a test uses a known type");
  return *type;
}

}  // namespace test
