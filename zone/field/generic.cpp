// RDATA of any type as RFC 3597 5 writes it: "\# 4 0A000001". Checked against the type's rules where it has some.
#include "zone/field/field.h"
#include "zone/field/text.h"

namespace dns {
namespace {

// Moves `scan` to the token that holds octet `offset` of the RDATA, and returns the octet's place in that token.
std::size_t seek_octet(FieldScan& scan, std::size_t offset) {
  std::size_t digits = offset * 2;
  for (scan.next = 2; scan.next + 1 < scan.tokens.size() && digits >= scan.text().size(); ++scan.next)
    digits -= scan.text().size();
  if (scan.done()) {  // there are no octets: the length is at fault
    scan.next = 1;
    return 0;
  }
  return std::min(digits, scan.text().size() - 1);
}

std::string words_for(RdataErrorKind error, const std::string& type) {
  switch (error) {
    case RdataErrorKind::kTooShort: return "the octets end before the RDATA of " + type + " is complete";
    case RdataErrorKind::kTrailing: return "there are octets behind the end of the RDATA of " + type;
    case RdataErrorKind::kBadName: return "there is no valid name here in the RDATA of " + type;
    case RdataErrorKind::kBadValue: return "the value here is not valid in the RDATA of " + type;
  }
  return {};
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
  if (checked) return {};
  const std::size_t at = seek_octet(scan, checked.error().offset);
  return Failure(scan.error_at("Z053", at, std::min<std::size_t>(2, scan.text().size() - at),
                               words_for(checked.error().error, to_text(scan.type))));
}

}  // namespace dns
