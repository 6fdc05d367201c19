#include "zone/field/encoding.h"
#include "zone/field/print.h"
#include "zone/rr/svcb.h"

namespace dns {
namespace {

void append_key(std::string& out, std::uint16_t key) {
  const SvcKeyRow* row = find_svc_key(key);
  if (row != nullptr) {
    out += row->name;
    return;
  }
  out += "key";
  append_number(out, key);
}

// Comma and backslash are escaped twice: once as a list's item, once as a string (RFC 9460 appendix A.1).
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

// Items of `size` octets apart by commas.
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
