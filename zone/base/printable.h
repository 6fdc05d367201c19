// Text of any origin, such as names of files, lines of files and messages that quote them, as one line for a person and
// as a JSON string.
//
//     printable   control characters and octets that are not UTF-8 become \DDD; no text can forge a line, or send
//                 control sequences to a terminal
//     JSON        valid UTF-8 as it is; an octet that is not UTF-8 becomes U+FFFD
//
// Characters that are invisible or change the direction of the text count as control characters. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dns {

// What a reader can show. kAscii: all other characters become \DDD too.
enum class Charset : bool { kAscii, kUtf8 };

struct Utf8Character {
  char32_t code_point = 0;
  std::size_t octets = 0;  // 0: not UTF-8
};
// The character at the start of `text`, which is not empty.
Utf8Character utf8_character(std::string_view text);

// Appends the character at the start of `text`, or its octets as \DDD, and removes it from `text`. Returns the columns
// that it takes on a terminal.
std::size_t append_character(std::string& out, std::string_view& text, Charset charset);
std::string printable(std::string_view text, Charset charset);

// With its quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace dns
