#include "tools/query/question.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "zone/field/text.h"
#include "zone/name/text.h"
#include "zone/rr/table.h"

namespace tools {

dns::Result<TypedQuestion, std::string> parse_question(std::span<const std::string> words) {
  TypedQuestion question;
  if (words.empty()) return dns::Failure(std::string("a name to ask for is missing"));
  const auto name = dns::parse_name(words.front());
  if (!name)
    return dns::Failure(fmt::format("`{}` is not a name: {}", words.front(), dns::describe(name.error().error)));
  question.name = *name;
  bool typed = false, classed = false;
  for (const std::string& word : words.subspan(1)) {
    const auto type = dns::parse_type(word);
    const auto klass = dns::parse_class(word);
    if (type && !typed) {  // ANY is a type and a class
      question.type = *type;
      typed = true;
    } else if (klass && !classed) {
      question.klass = *klass;
      classed = true;
    } else if (type || klass) {
      return dns::Failure(fmt::format("`{}` is a second {}: ask one question", word, type ? "type" : "class"));
    } else {
      const std::string_view near = dns::nearest_type(word);
      return dns::Failure(fmt::format("`{}` is neither a type nor a class{}", word,
                                      near.empty() ? "" : fmt::format("; did you mean `{}`?", near)));
    }
  }
  return question;
}

std::span<const std::string_view> type_names() {
  static const std::vector<std::string_view> kNames = [] {
    std::vector<std::string_view> names{"ANY"};
    for (const dns::TypeRow& row : dns::table::kRows)
      if (!row.rules.meta) names.push_back(row.name);
    std::ranges::sort(names);
    return names;
  }();
  return kNames;
}

dns::Result<std::string, std::string> reverse_name(const std::string& address) {
  std::array<std::uint8_t, 16> octets{};
  std::string out;
  if (::inet_pton(AF_INET, address.c_str(), octets.data()) == 1) {
    for (std::size_t i = 4; i-- > 0;) out += fmt::format("{}.", octets[i]);
    return out + "in-addr.arpa.";
  }
  if (::inet_pton(AF_INET6, address.c_str(), octets.data()) == 1) {
    for (std::size_t i = 16; i-- > 0;) out += fmt::format("{:x}.{:x}.", octets[i] & 0xf, octets[i] >> 4);
    return out + "ip6.arpa.";
  }
  return dns::Failure(fmt::format("`{}` is not an IPv4 or IPv6 address", address));
}

}  // namespace tools
