// JSON as text, written front to back: commas and escapes are its business, the shape is the caller's.
//
//     Json json;
//     json.begin_object().key("name").string("www.example.com.").key("ttl").number(300).end_object();
//
// Octets that are not ASCII are escaped as the code point of that value, so that the text is valid whatever is in it.
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
  void separate();  // the comma before all but the first of a container

  std::string text_;
  bool first_ = true;  // nothing stands yet where the next value goes
};

}  // namespace tools
