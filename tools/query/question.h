// Parses the question on a command line. Type and class may be in any order after the name.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "zone/base/result.h"
#include "zone/name/name.h"
#include "zone/rr/type.h"

namespace tools {

struct TypedQuestion {
  dns::Name name;
  dns::Type type = dns::Type::A;
  dns::Class klass = dns::Class::IN;
};

// Parses NAME [TYPE] [CLASS]. The first word is always the name, also if it is a type. The error is a message for the
// user.
dns::Result<TypedQuestion, std::string> parse_question(std::span<const std::string> words);

// "192.0.2.80" -> "80.2.0.192.in-addr.arpa." (RFC 1035 3.5). An IPv6 address becomes its nibbles below ip6.arpa
// (RFC 3596 2.5). The error is a message for the user.
dns::Result<std::string, std::string> reverse_name(const std::string& address);

// The mnemonics of ANY and of all data types, sorted; for completion.
std::span<const std::string_view> type_names();

}  // namespace tools
