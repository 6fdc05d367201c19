// Writes JSON text front to back. It adds commas and escapes; the caller is responsible for the structure.
//
//     Json json;
//     json.begin_object().key("name").string("www.example.com.").key("ttl").number(300).end_object();
//
// The text is valid for any input: printable.h says what becomes of octets that are not UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tools {

class Json {
 public:
  Json& begin_object() { return open('{'); }
  Json& end_object() { return close('}'); }
  Json& begin_array() { return open('['); }
  Json& end_array() { return close(']'); }
  Json& key(std::string_view name);
  Json& string(std::string_view value);
  Json& number(std::uint64_t value);
  Json& truth(bool value);

  const std::string& text() const { return text_; }

 private:
  Json& open(char bracket);
  Json& close(char bracket);
  void separate();  // writes the comma before each element but the first

  std::string text_;
  bool first_ = true;  // the next value needs no comma before it
};

}  // namespace tools
