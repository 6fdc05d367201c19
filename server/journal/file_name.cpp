#include "server/journal/file_name.h"

#include <charconv>

#include "server/journal/content_hash.h"
#include "zone/name/key.h"
#include "zone/name/text.h"

namespace server {
namespace {

constexpr std::size_t kNameMax = 180;  // octets of a file name without its suffix

void append_hex(std::string& out, std::uint64_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += "0123456789abcdef"[value >> shift & 15];
}

}  // namespace

std::string zone_file_name(const dns::Name& apex, std::string_view suffix) {
  const dns::Key key(apex);
  std::string name;
  for (std::size_t at = 0; at < key.folded_size; at += 1U + key.folded[at]) {
    if (at != 0) name += '.';
    for (std::size_t i = 1; i <= key.folded[at]; ++i) {
      const std::uint8_t octet = key.folded[at + i];
      const bool plain =
          (octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9') || octet == '-' || octet == '_';
      if (plain) name += static_cast<char>(octet);
      if (!plain) append_hex(name += '%', octet, 2);
    }
  }
  if (name.empty()) name = "%root";
  if (name.size() > kNameMax) {
    const std::uint64_t hash = content_hash(name);
    name.resize(kNameMax);
    append_hex(name += "%%", hash, 16);
  }
  return name + std::string(suffix);
}

std::optional<dns::Name> apex_of_file(std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return std::nullopt;
  const std::string text(name.substr(0, name.size() - suffix.size()));
  std::string escaped;  // as a zone file has it: %2e is \046
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::uint8_t octet = 0;
    const char* const digits = text.data() + at + 1;
    if (text[at] == '%' && at + 2 < text.size() && std::from_chars(digits, digits + 2, octet, 16).ptr == digits + 2) {
      escaped += '\\' + std::to_string(1000 + octet).substr(1);
      at += 2;
    } else {
      escaped += text[at];
    }
  }
  const auto apex = dns::parse_name(text == "%root" ? "." : escaped + ".");
  if (!apex || zone_file_name(*apex, suffix) != name) return std::nullopt;
  return *apex;
}

}  // namespace server
