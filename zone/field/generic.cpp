// RDATA of any type in the form of RFC 3597 5: "\# 4 0A000001". RDATA of a known type is checked against its rules.
#include "zone/field/field.h"
#include "zone/field/text.h"

namespace dns {
namespace {

// Moves `scan` to the token with octet `offset` of the RDATA. Returns the position in that token.
std::size_t seek_octet(FieldScan& scan, std::size_t offset) {
  std::size_t digits = offset * 2;
  for (scan.next = 2; scan.next + 1 < scan.tokens.size() && digits >= scan.text().size(); ++scan.next)
    digits -= scan.text().size();
  if (scan.done()) {  // there are no octets: mark the length
    scan.next = 1;
    return 0;
  }
  return std::min(digits, scan.text().size() - 1);
}

std::string words_for(RdataErrorKind error, const std::string& type) {
  switch (error) {
    case RdataErrorKind::kTooShort: return "the RDATA of " + type + " is too short";
    case RdataErrorKind::kTrailing: return "extra octets after the RDATA of " + type;
    case RdataErrorKind::kBadName: return "invalid name in the RDATA of " + type;
    case RdataErrorKind::kBadValue: return "invalid value in the RDATA of " + type;
  }
  return {};
}

void warn_about_generic(FieldScan& scan) {
  if (scan.type != Type::SVCB && scan.type != Type::HTTPS) return;
  const std::size_t params = 2 + NameView::trusted(scan.out + 2).size();
  if (params < scan.size) warn_about_alias(scan, seek_octet(scan, params));
}

}  // namespace

bool is_generic(std::span<const Token> tokens) {
  return !tokens.empty() && tokens[0].kind == Token::Kind::kPlain && tokens[0].text == "\\#";
}

FieldResult read_generic(FieldScan& scan) {
  scan.field = "length";
  scan.next = 1;
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  const auto length = number_of(scan, 0, scan.text(), kMaxRdata);
  if (!length) return Failure(length.error());
  ++scan.next;
  scan.field = "octets";
  if (!scan.done()) {
    if (const FieldResult ok = read_hex(scan); !ok) return ok;
  }
  if (scan.size != *length) {
    scan.next = 1;
    return Failure(scan.error_at(
        "Z052", "the length is " + std::to_string(*length) + ", but " + std::to_string(scan.size) + " octets follow"));
  }
  const Result<void, RdataError> checked = check_rdata(scan.type, scan.written());
  if (checked) {
    warn_about_generic(scan);
    return {};
  }
  const std::size_t at = seek_octet(scan, checked.error().offset);
  return Failure(scan.error_at("Z053", at, std::min<std::size_t>(2, scan.text().size() - at),
                               words_for(checked.error().error, to_text(scan.type))));
}

void append_generic(std::string& out, Bytes rdata) {
  out += "\\# ";
  append_number(out, rdata.size());
  if (rdata.empty()) return;
  out += ' ';
  append_hex(out, rdata);
}

}  // namespace dns
