// A question as typed on a command line: names, types and classes told apart in any order, as dig does.
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

// NAME [TYPE] [CLASS]: the first word is the name, whatever it looks like. The error is words for a person.
dns::Result<TypedQuestion, std::string> parse_question(std::span<const std::string> words);

// "192.0.2.80" -> "80.2.0.192.in-addr.arpa."; an IPv6 address by its nibbles below ip6.arpa (RFC 3596 2.5).
dns::Result<std::string, std::string> reverse_name(const std::string& address);

// The mnemonics of all types that can be asked for, for completion.
std::span<const std::string_view> type_names();

}  // namespace tools
