#include "zone/rr/svcb.h"

#include <algorithm>
#include <bitset>

#include "zone/base/ascii.h"

namespace dns {
namespace {

// Keys in strictly ascending order, without `mandatory` itself and the invalid key (RFC 9460 8).
bool is_key_list(Bytes value) {
  if (value.empty() || value.size() % 2 != 0) return false;
  std::uint16_t last = 0;
  for (std::size_t at = 0; at < value.size(); at += 2) {
    const std::uint16_t key = load16(&value[at]);
    if (key <= last || key == kInvalidSvcKey) return false;
    last = key;
  }
  return true;
}

bool is_alpn_list(Bytes value) {
  std::size_t at = 0;
  while (at < value.size()) {
    if (value[at] == 0) return false;
    at += 1U + value[at];
  }
  return !value.empty() && at == value.size();
}

bool is_group_list(Bytes value) {
  if (value.empty() || value.size() % 2 != 0) return false;
  std::bitset<65536> seen;
  for (std::size_t at = 0; at < value.size(); at += 2) {
    const std::uint16_t group = load16(&value[at]);
    if (seen[group]) return false;
    seen[group] = true;
  }
  return true;
}

// Reads a URI template (RFC 6570 2) and looks for the variable `dns`.
class UriTemplate {
 public:
  explicit UriTemplate(std::string_view text) : text_(text) {}

  // Nothing if the template is malformed.
  std::optional<bool> has_dns_variable() {
    bool found = false;
    while (at_ < text_.size()) {
      if (text_[at_] != '{') {
        if (!read_literal()) return std::nullopt;
      } else if (const auto dns = read_expression()) {
        found = found || *dns;
      } else {
        return std::nullopt;
      }
    }
    return found;
  }

 private:
  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool read_percent() {
    if (at_ + 2 >= text_.size() || hex_digit(text_[at_ + 1]) < 0 || hex_digit(text_[at_ + 2]) < 0) return false;
    at_ += 3;
    return true;
  }

  // RFC 6570 2.1: visible characters but some, and all that are not ASCII.
  bool read_literal() {
    constexpr std::string_view kExcluded = "\"'<>\\^`{|}";
    const char c = here();
    if (c == '%') return read_percent();
    if ((c >= 0 && c <= ' ') || c == 0x7f || kExcluded.contains(c)) return false;
    ++at_;
    return true;
  }

  // "{?dns,x*,y:3}": whether one of the variables is `dns` (RFC 6570 2.2 to 2.4).
  std::optional<bool> read_expression() {
    constexpr std::string_view kOperators = "+#./;?&";
    ++at_;
    if (kOperators.contains(here())) ++at_;
    bool found = false;
    for (;;) {
      const std::size_t begin = at_;
      if (!read_variable_name()) return std::nullopt;
      found = found || text_.substr(begin, at_ - begin) == "dns";
      if (!read_modifier()) return std::nullopt;
      const char end = here();
      ++at_;
      if (end == '}') return found;
      if (end != ',') return std::nullopt;
    }
  }

  bool read_variable_name() {
    const std::size_t begin = at_;
    for (;;) {
      const char c = here();
      if (c == '%') {
        if (!read_percent()) return false;
      } else if (is_letter(c) || is_digit(c) || c == '_' || (c == '.' && at_ > begin && text_[at_ - 1] != '.')) {
        ++at_;
      } else {
        return at_ > begin && text_[at_ - 1] != '.';
      }
    }
  }

  bool read_modifier() {
    constexpr std::size_t kMaxDigits = 4;
    if (here() == '*') return ++at_, true;
    if (here() != ':') return true;
    const std::size_t begin = ++at_;
    while (is_digit(here())) ++at_;
    return at_ > begin && at_ - begin <= kMaxDigits && text_[begin] != '0';
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// A relative URI template with the variable `dns` (RFC 9461 5).
bool is_doh_path(Bytes value) {
  const std::string_view text = as_text(value);
  return text.starts_with('/') && UriTemplate(text).has_dns_variable().value_or(false);
}

// The parameter `key` among checked parameters; nothing if absent.
std::optional<SvcParam> find_param(Bytes rdata, std::size_t at, std::uint16_t key) {
  while (at < rdata.size()) {
    const SvcParam param = read_svc_param(rdata, at);
    if (param.key == key) return param;
    if (param.key > key) return std::nullopt;
    at += param.size;
  }
  return std::nullopt;
}

}  // namespace

const SvcKeyRow* find_svc_key(std::uint16_t key) { return key < std::size(kSvcKeys) ? &kSvcKeys[key] : nullptr; }

std::optional<std::uint16_t> parse_svc_key(std::string_view text) {
  for (const SvcKeyRow& row : kSvcKeys)
    if (equal_fold(row.name, text)) return static_cast<std::uint16_t>(row.key);
  if (text.size() < 4 || text.size() > 8 || !equal_fold(text.substr(0, 3), "key")) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text.substr(3)) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (value >= kInvalidSvcKey || (text[3] == '0' && text.size() > 4)) return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

bool is_svc_value(std::uint16_t key, Bytes value) {
  const SvcKeyRow* row = find_svc_key(key);
  if (row == nullptr) return key != kInvalidSvcKey;
  switch (row->syntax) {
    case SvcSyntax::kKeys: return is_key_list(value);
    case SvcSyntax::kAlpnList: return is_alpn_list(value);
    case SvcSyntax::kNothing: return value.empty();
    case SvcSyntax::kPortNumber: return value.size() == 2;
    case SvcSyntax::kIpv4List: return !value.empty() && value.size() % 4 == 0;
    case SvcSyntax::kBase64: return !value.empty();
    case SvcSyntax::kIpv6List: return !value.empty() && value.size() % 16 == 0;
    case SvcSyntax::kPath: return is_doh_path(value);
    case SvcSyntax::kGroups: return is_group_list(value);
    case SvcSyntax::kOctets: return true;
  }
  return false;
}

SvcParam read_svc_param(Bytes rdata, std::size_t at) {
  const std::uint16_t size = load16(&rdata[at + 2]);
  return {load16(&rdata[at]), rdata.subspan(at + 4, size), 4U + size};
}

Result<void, RdataError> check_svc_params(Bytes rdata, std::size_t begin) {
  std::optional<std::uint16_t> last;
  for (std::size_t at = begin; at < rdata.size();) {
    if (rdata.size() - at < 4 || rdata.size() - at - 4 < load16(&rdata[at + 2]))
      return Failure(RdataError{RdataErrorKind::kTooShort, rdata.size()});
    const SvcParam param = read_svc_param(rdata, at);
    if ((last && param.key <= *last) || !is_svc_value(param.key, param.value))
      return Failure(RdataError{RdataErrorKind::kBadValue, at});
    last = param.key;
    at += param.size;
  }
  if (const auto mandatory = find_param(rdata, begin, 0)) {
    for (std::size_t i = 0; i < mandatory->value.size(); i += 2)
      if (!find_param(rdata, begin, load16(&mandatory->value[i])))
        return Failure(RdataError{RdataErrorKind::kBadValue, begin + 4 + i});
  }
  const auto no_default = find_param(rdata, begin, static_cast<std::uint16_t>(SvcKey::kNoDefaultAlpn));
  if (no_default && !find_param(rdata, begin, static_cast<std::uint16_t>(SvcKey::kAlpn)))
    return Failure(RdataError{RdataErrorKind::kBadValue, begin});
  return {};
}

}  // namespace dns
