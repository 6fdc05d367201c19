// Service parameters of SVCB and HTTPS (RFC 9460 2.1 and appendix A): keys in any order, each once, sorted on the wire.
//
// A value follows "=" in the same token, or is a quoted token directly behind the "=". Each parameter is written at the
// end of the RDATA and then rotated to its place, so the sort needs no other memory.
#include "zone/rr/svcb.h"

#include <algorithm>
#include <array>

#include "zone/base/ascii.h"
#include "zone/base/suggest.h"
#include "zone/field/address.h"
#include "zone/field/field.h"
#include "zone/text/scan.h"

namespace dns {
namespace {

constexpr std::size_t kHeader = 4;  // key and length
constexpr std::size_t kQuotes = 2;  // octets that a quoted token has besides its text

// The text of a value and its place.
struct ValueText {
  std::string_view text;
  std::size_t offset = 0;  // into the current token
};

class SvcParams {
 public:
  explicit SvcParams(FieldScan& scan) : scan_(scan), begin_(scan.size) {}

  FieldResult read_all() {
    while (!scan_.done())
      if (const FieldResult ok = read_param(); !ok) return ok;
    return check_together();
  }

 private:
  FieldResult read_param() {
    scan_.field = "parameters";
    if (const FieldResult ok = scan_.need_plain(); !ok) return ok;
    const std::size_t token = scan_.next, equals = scan_.text().find('=');
    const std::string_view name = scan_.text().substr(0, equals);
    const std::optional<std::uint16_t> key = parse_svc_key(name);
    if (!key) return Failure(unknown_key(name));
    if (*key == static_cast<std::uint16_t>(SvcKey::kMandatory)) mandatory_token_ = token;
    if (*key == static_cast<std::uint16_t>(SvcKey::kNoDefaultAlpn)) no_default_token_ = token;
    if (const FieldResult ok = scan_.need_room(kHeader + 1); !ok) return ok;
    const SvcKeyRow* row = find_svc_key(*key);
    // A value behind keyNNN is the value's octets, also where the key has a name (RFC 9460 2.1).
    const bool named = row != nullptr && equal_fold(row->name, name);
    scan_.field = named ? row->name : name;

    const std::size_t begin = scan_.size;
    scan_.put16(*key);
    scan_.put16(0);
    const auto value = value_behind(equals);
    if (!value) return Failure(value.error());
    if (const FieldResult ok = read_value(named ? row->syntax : SvcSyntax::kOctets, *value); !ok) return ok;
    const std::size_t length = scan_.size - begin - kHeader;
    if (!named && row != nullptr && !is_svc_value(*key, scan_.written().subspan(begin + kHeader))) {
      scan_.next = token;
      return Failure(
          scan_.error_at("Z045", "the octets of " + std::string(name) + " are not a valid " + std::string(row->name),
                         "write " + std::string(row->name) + (row->syntax == SvcSyntax::kNothing ? "" : "=...") +
                             ", or the octets of its wire form"));
    }
    store16(scan_.out + begin + 2, static_cast<std::uint16_t>(length));
    ++scan_.next;
    return put_in_order(begin, *key, token, name);
  }

  RdataTextError unknown_key(std::string_view name) const {
    std::array<std::string_view, std::size(kSvcKeys)> names;
    std::transform(std::begin(kSvcKeys), std::end(kSvcKeys), names.begin(),
                   [](const SvcKeyRow& row) { return row.name; });
    const std::string_view nearest = nearest_word(name, names);
    return scan_.error_at(
        "Z044", 0, name.size(), "'" + std::string(name) + "' is not a service parameter",
        nearest.empty() ? "write a parameter without a name as keyNNN" : "did you mean " + std::string(nearest) + "?");
  }

  // The value of the current token, or the quoted token directly behind it. In the second case moves to that token.
  Result<std::optional<ValueText>, RdataTextError> value_behind(std::size_t equals) {
    if (equals == std::string_view::npos) return std::optional<ValueText>();
    const Token& here = scan_.tokens[scan_.next];
    const std::string_view text = here.text.substr(equals + 1);
    if (text.starts_with('"')) {
      const std::size_t close = closing_quote(text, 0);  // the scanner ends a word only behind it
      if (close + 1 == text.size()) return std::optional(ValueText{text.substr(1, close - 1), equals + 2});
      return Failure(text_behind_quote(equals + 1 + close + 1, text.size() - close - 1));
    }
    const bool more = scan_.next + 1 < scan_.tokens.size();
    if (!text.empty() || !more) return std::optional(ValueText{text, equals + 1});
    const Token& behind = scan_.tokens[scan_.next + 1];
    if (behind.kind != Token::Kind::kQuoted || behind.offset != here.offset + here.text.size())
      return std::optional(ValueText{text, equals + 1});
    ++scan_.next;
    const Token* const after = scan_.next + 1 < scan_.tokens.size() ? &scan_.tokens[scan_.next + 1] : nullptr;
    if (after != nullptr && after->offset == behind.offset + behind.text.size() + kQuotes) {
      ++scan_.next;
      return Failure(text_behind_quote(0, after->text.size()));
    }
    return std::optional(ValueText{behind.text, 0});
  }

  RdataTextError text_behind_quote(std::size_t offset, std::size_t length) const {
    return scan_.error_at("Z045", offset, length, "text directly behind a closing quote",
                          "separate parameters with a space");
  }

  RdataTextError wrong(const ValueText& value, std::size_t offset, std::size_t length, std::string message,
                       std::string help = {}) const {
    return scan_.error_at("Z045", value.offset + offset, length, std::move(message), std::move(help));
  }
  RdataTextError wrong(const ValueText& value, std::string message, std::string help = {}) const {
    return wrong(value, 0, value.text.size(), std::move(message), std::move(help));
  }

  FieldResult read_value(SvcSyntax syntax, const std::optional<ValueText>& value) {
    if (syntax == SvcSyntax::kNothing) {
      if (!value) return {};
      return Failure(wrong(*value, scan_.what() + " must not have a value"));
    }
    if (!value) {
      if (syntax == SvcSyntax::kOctets) return {};
      return Failure(
          scan_.error_at("Z045", scan_.what() + " needs a value", "write " + std::string(scan_.field) + "=..."));
    }
    if (value->text.empty() && syntax != SvcSyntax::kOctets) return Failure(wrong(*value, scan_.what() + " is empty"));
    switch (syntax) {
      case SvcSyntax::kKeys: return read_keys(*value);
      case SvcSyntax::kAlpnList: return read_alpn(*value);
      case SvcSyntax::kPortNumber: return read_port(*value, value->text, value->offset);
      case SvcSyntax::kIpv4List: return read_addresses(*value, 4);
      case SvcSyntax::kIpv6List: return read_addresses(*value, 16);
      case SvcSyntax::kBase64: return read_ech(*value);
      case SvcSyntax::kPath: return read_path(*value);
      case SvcSyntax::kGroups: return read_groups(*value);
      case SvcSyntax::kOctets: return read_octets(*value);
      case SvcSyntax::kNothing: break;
    }
    return {};
  }

  // Calls `take(item, offset)` for each item of a comma-separated list.
  template <class Take>
  FieldResult each_item(const ValueText& value, Take take) {
    for (std::size_t at = 0; at <= value.text.size();) {
      const std::size_t end = std::min(value.text.find(',', at), value.text.size());
      if (end == at)
        return Failure(
            wrong(value, std::min(at, value.text.size() - 1), 1, "an item of " + scan_.what() + " is empty"));
      if (const FieldResult ok = scan_.need_room(16); !ok) return ok;
      if (const FieldResult ok = take(value.text.substr(at, end - at), at); !ok) return ok;
      at = end + 1;
    }
    return {};
  }

  FieldResult read_keys(const ValueText& value) {
    const std::size_t begin = scan_.size;
    const FieldResult listed = each_item(value, [&](std::string_view item, std::size_t at) -> FieldResult {
      const std::optional<std::uint16_t> key = parse_svc_key(item);
      if (!key) return Failure(wrong(value, at, item.size(), "'" + std::string(item) + "' is not a service parameter"));
      if (*key == 0) return Failure(wrong(value, at, item.size(), "mandatory must not list itself"));
      std::size_t place = begin;
      while (place < scan_.size && load16(scan_.out + place) < *key) place += 2;
      if (place < scan_.size && load16(scan_.out + place) == *key)
        return Failure(wrong(value, at, item.size(), std::string(item) + " is listed twice"));
      scan_.put16(*key);
      std::rotate(scan_.out + place, scan_.out + scan_.size - 2, scan_.out + scan_.size);
      return {};
    });
    return listed;
  }

  FieldResult read_port(const ValueText&, std::string_view digits, std::size_t offset) {
    const auto number = number_of(scan_, offset, digits, 65535);
    if (!number) return Failure(number.error());
    if (const FieldResult ok = scan_.need_room(2); !ok) return ok;
    scan_.put16(*number);
    return {};
  }

  FieldResult read_groups(const ValueText& value) {
    const std::size_t begin = scan_.size;
    return each_item(value, [&](std::string_view item, std::size_t at) -> FieldResult {
      if (const FieldResult ok = read_port(value, item, value.offset + at); !ok) return ok;
      const std::uint16_t group = load16(scan_.out + scan_.size - 2);
      for (std::size_t i = begin; i + 2 < scan_.size; i += 2)
        if (load16(scan_.out + i) == group)
          return Failure(wrong(value, at, item.size(), "group " + std::string(item) + " is listed twice"));
      return {};
    });
  }

  FieldResult read_addresses(const ValueText& value, std::size_t octets) {
    return each_item(value, [&](std::string_view item, std::size_t at) -> FieldResult {
      std::uint8_t* out = scan_.out + scan_.size;
      const auto parsed = octets == 4 ? parse_ipv4(item, out) : parse_ipv6(item, out);
      if (!parsed) {
        const AddressError& error = parsed.error();
        return Failure(scan_.error_at(octets == 4 ? "Z025" : "Z026", value.offset + at + error.offset, error.length,
                                      error.message, error.help));
      }
      scan_.size += octets;
      return {};
    });
  }

  FieldResult read_ech(const ValueText& value) {
    const Token token{value.text, 0, Token::Kind::kPlain};
    FieldScan inner = scan_;
    inner.tokens = {&token, 1};
    inner.next = 0;
    FieldResult ok = read_base64_token(inner);
    if (!ok) {
      ok.error().token = scan_.next;
      ok.error().offset += value.offset;
    }
    scan_.size = inner.size;
    return ok;
  }

  FieldResult read_octets(const ValueText& value) {
    const std::size_t allowed = kMaxRdata - scan_.size;
    std::size_t written = 0;
    for (std::size_t at = 0; at < value.text.size(); ++written) {
      const std::size_t start = at;
      const int octet = take_octet(value.text, at);
      if (octet < 0)
        return Failure(scan_.error_at("Z031", value.offset + start, 1, "malformed escape in " + scan_.what(),
                                      "write \\X, or \\DDD with DDD from 000 to 255"));
      if (written == allowed) return Failure(scan_.too_long());
      scan_.put8(static_cast<std::size_t>(octet));
    }
    return {};
  }

  FieldResult read_path(const ValueText& value) {
    const std::size_t begin = scan_.size;
    if (const FieldResult ok = read_octets(value); !ok) return ok;
    if (is_svc_value(static_cast<std::uint16_t>(SvcKey::kDohPath), scan_.written().subspan(begin))) return {};
    return Failure(wrong(value, "dohpath must be a URI template that begins with / and has the variable dns",
                         "write it like \"/dns-query{?dns}\""));
  }

  // In the list, "\," is a comma and "\\" a backslash. Each item gets its length before it. The octets are first stored
  // one place further, which leaves room for the first length, and then moved while items are split.
  FieldResult read_alpn(const ValueText& value) {
    const std::size_t begin = scan_.size;
    ++scan_.size;
    if (const FieldResult ok = read_octets(value); !ok) return ok;
    const std::size_t end = scan_.size;
    std::size_t length_at = begin, write = begin + 1;
    const auto close_item = [&]() -> FieldResult {
      const std::size_t length = write - length_at - 1;
      if (length == 0 || length > 255)
        return Failure(wrong(
            value, "an item of " + scan_.what() + " must have 1 to 255 octets, but has " + std::to_string(length)));
      scan_.out[length_at] = static_cast<std::uint8_t>(length);
      return {};
    };
    for (std::size_t read = begin + 1; read < end; ++read) {
      if (scan_.out[read] == ',') {
        if (const FieldResult ok = close_item(); !ok) return ok;
        length_at = write++;
        continue;
      }
      if (scan_.out[read] == '\\' && ++read == end)
        return Failure(wrong(value, "a backslash at the end of " + scan_.what(), "write \\\\, for a comma in an item"));
      scan_.out[write++] = scan_.out[read];
    }
    scan_.size = write;
    return close_item();
  }

  // Moves the parameter at `begin` before those with larger keys.
  FieldResult put_in_order(std::size_t begin, std::uint16_t key, std::size_t token, std::string_view name) {
    if (any_ && key > last_key_) {
      last_key_ = key;
      return {};
    }
    std::size_t place = begin_;
    while (place < begin && load16(scan_.out + place) < key) place += kHeader + load16(scan_.out + place + 2);
    if (place < begin && load16(scan_.out + place) == key) {
      scan_.next = token;
      return Failure(scan_.error_at("Z046", 0, name.size(), std::string(name) + " occurs twice"));
    }
    std::rotate(scan_.out + place, scan_.out + begin, scan_.out + scan_.size);
    last_key_ = any_ ? std::max(last_key_, key) : key;
    any_ = true;
    return {};
  }

  std::optional<SvcParam> find(std::uint16_t key) const {
    for (std::size_t at = begin_; at < scan_.size;) {
      const SvcParam param = read_svc_param(scan_.written(), at);
      if (param.key == key) return param;
      at += param.size;
    }
    return std::nullopt;
  }

  FieldResult at_token(std::size_t token, std::string message, std::string help) {
    scan_.next = token;
    return Failure(scan_.error_at("Z046", std::move(message), std::move(help)));
  }

  // Checks no-default-alpn and mandatory (RFC 9460 7.1.1 and 8).
  FieldResult check_together() {
    if (const auto mandatory = find(static_cast<std::uint16_t>(SvcKey::kMandatory))) {
      for (std::size_t i = 0; i < mandatory->value.size(); i += 2) {
        const std::uint16_t key = load16(&mandatory->value[i]);
        if (find(key)) continue;
        const SvcKeyRow* row = find_svc_key(key);
        const std::string name = row != nullptr ? std::string(row->name) : "key" + std::to_string(key);
        return at_token(mandatory_token_, "mandatory lists " + name + ", but it is missing", "add " + name + "=...");
      }
    }
    if (find(static_cast<std::uint16_t>(SvcKey::kNoDefaultAlpn)) && !find(static_cast<std::uint16_t>(SvcKey::kAlpn)))
      return at_token(no_default_token_, "no-default-alpn requires alpn", "add alpn=...");
    return {};
  }

  FieldScan& scan_;
  std::size_t begin_;
  bool any_ = false;
  std::uint16_t last_key_ = 0;
  std::size_t mandatory_token_ = 0, no_default_token_ = 0;
};

void append_key(std::string& out, std::uint16_t key) {
  const SvcKeyRow* row = find_svc_key(key);
  if (row != nullptr) {
    out += row->name;
    return;
  }
  out += "key";
  append_number(out, key);
}

// Comma and backslash are escaped twice: in the list item and in the string (RFC 9460 appendix A.1).
void append_alpn(std::string& out, Bytes value) {
  std::string list;
  for (std::size_t at = 0; at < value.size(); at += 1U + value[at]) {
    if (at > 0) list += ',';
    for (const char c : as_text(value.subspan(at + 1, value[at]))) {
      if (c == ',' || c == '\\') list += '\\';
      list += c;
    }
  }
  append_quoted(out, as_bytes(list));
}

// Appends items of `size` octets, separated by commas.
template <class Append>
void append_list(std::string& out, Bytes value, std::size_t size, Append append) {
  for (std::size_t at = 0; at < value.size(); at += size) {
    if (at > 0) out += ',';
    append(value.data() + at);
  }
}

void append_value(std::string& out, SvcSyntax syntax, Bytes value) {
  switch (syntax) {
    case SvcSyntax::kKeys:
      append_list(out, value, 2, [&](const std::uint8_t* at) { append_key(out, load16(at)); });
      return;
    case SvcSyntax::kAlpnList: append_alpn(out, value); return;
    case SvcSyntax::kNothing: return;
    case SvcSyntax::kPortNumber: append_number(out, load16(value.data())); return;
    case SvcSyntax::kIpv4List:
      append_list(out, value, 4, [&](const std::uint8_t* at) { append_ipv4(out, at); });
      return;
    case SvcSyntax::kIpv6List:
      append_list(out, value, 16, [&](const std::uint8_t* at) { append_ipv6(out, at); });
      return;
    case SvcSyntax::kBase64: append_base64(out, value); return;
    case SvcSyntax::kPath: append_quoted(out, value); return;
    case SvcSyntax::kGroups:
      append_list(out, value, 2, [&](const std::uint8_t* at) { append_number(out, load16(at)); });
      return;
    case SvcSyntax::kOctets: append_quoted(out, value); return;
  }
}

}  // namespace

void warn_about_alias(const FieldScan& scan, std::size_t at) {
  if (load16(scan.out) != 0 || scan.done()) return;
  scan.warn(scan.error_at("Z059", at, scan.text().size() - at, "clients ignore parameters with priority 0 (AliasMode)",
                          "use a priority of 1 or more for parameters"));
}

FieldResult read_svc_params_field(FieldScan& scan) {
  warn_about_alias(scan, 0);
  return SvcParams(scan).read_all();
}

void append_svc_params(std::string& out, Bytes params) {
  for (std::size_t at = 0; at < params.size();) {
    const SvcParam param = read_svc_param(params, at);
    out += ' ';
    append_key(out, param.key);
    if (!param.value.empty()) {
      out += '=';
      const SvcKeyRow* row = find_svc_key(param.key);
      append_value(out, row != nullptr ? row->syntax : SvcSyntax::kOctets, param.value);
    }
    at += param.size;
  }
}

}  // namespace dns
