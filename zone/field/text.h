// Names of types, classes, opcodes and response codes. Every value has a text: one without a mnemonic is printed as
// RFC 3597 writes it (`TYPE731`, `CLASS42`) and parses back to the same value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "zone/rr/type.h"

namespace dns {

std::string to_text(Type type);
std::string to_text(Class klass);
std::string to_text(Rcode rcode);  // "NOERROR"; "RCODE12" without a mnemonic
std::string to_text(Opcode opcode);

// Mnemonic or TYPEnnn, case ignored.
std::optional<Type> parse_type(std::string_view text);
std::optional<Class> parse_class(std::string_view text);

// The type mnemonic most similar to `typed`; empty if none is. "AAA" -> "AAAA".
std::string_view nearest_type(std::string_view typed);

}  // namespace dns
