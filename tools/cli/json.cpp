#include "tools/cli/json.h"

#include <fmt/format.h>

namespace tools {
namespace {

void append_quoted(std::string& out, std::string_view value) {
  out += '"';
  for (const char c : value) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') (out += '\\') += c;
    else if (octet < 0x20 || octet > 0x7e) out += fmt::format("\\u{:04x}", octet);
    else out += c;
  }
  out += '"';
}

}  // namespace

void Json::separate() {
  if (!first_) text_ += ',';
  first_ = false;
}

Json& Json::open(char bracket) {
  separate();
  text_ += bracket;
  first_ = true;
  return *this;
}

Json& Json::close(char bracket) {
  text_ += bracket;
  first_ = false;
  return *this;
}

Json& Json::key(std::string_view name) {
  separate();
  append_quoted(text_, name);
  text_ += ':';
  first_ = true;
  return *this;
}

Json& Json::string(std::string_view value) {
  separate();
  append_quoted(text_, value);
  return *this;
}

Json& Json::number(std::uint64_t value) {
  separate();
  text_ += fmt::format("{}", value);
  return *this;
}

Json& Json::truth(bool value) {
  separate();
  text_ += value ? "true" : "false";
  return *this;
}

}  // namespace tools
