// Types, classes and RDATA in presentation form. Printing is total: what has no text of its own is printed as RFC 3597
// writes it (`TYPE731`, `CLASS42`, `\# 4 0a000001`), and parses back to the same octets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "zone/base/bytes.h"
#include "zone/rr/type.h"

namespace dns {

std::string to_text(Type type);
std::string to_text(Class klass);
std::string to_text(Rcode rcode);  // "NOERROR"; "RCODE17" where it has no name
std::string to_text(Opcode opcode);

// Mnemonic or TYPEnnn, case ignored.
std::optional<Type> parse_type(std::string_view text);
std::optional<Class> parse_class(std::string_view text);

// Appends the RDATA as a zone file has it: names absolute, strings quoted, generic form where it is malformed or
// unknown.
void append_rdata(std::string& out, Type type, Bytes rdata);

// The type's mnemonic nearest to `typed`, or empty: "AAA" -> "AAAA".
std::string_view nearest_type(std::string_view typed);

}  // namespace dns
