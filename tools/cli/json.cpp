#include "tools/cli/json.h"

#include <fmt/format.h>

#include "zone/base/printable.h"

namespace tools {
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
  dns::append_json_string(text_, name);
  text_ += ':';
  first_ = true;
  return *this;
}

Json& Json::string(std::string_view value) {
  separate();
  dns::append_json_string(text_, value);
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
