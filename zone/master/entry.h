// The full parser: turns the tokens of one entry into a record. It accepts all syntax and writes all error messages.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "zone/base/result.h"
#include "zone/field/rdata_text.h"
#include "zone/name/name.h"
#include "zone/rr/type.h"
#include "zone/text/tokenize.h"

namespace dns {

// State that an entry passes to the following entries of the same file.
struct Scope {
  Name origin;
  std::string origin_text;    // of `origin`, without the final dot; empty for the root
  std::optional<Name> owner;  // of the last record

  void set_origin(NameView name);
  // True for "example.com" and "www.example.com" with origin example.com.: the final dot may be missing.
  bool ends_in_origin(std::string_view name_text) const;
};

// State that is passed across files.
struct Inherited {
  Class klass = Class::IN;
  std::optional<std::uint32_t> default_ttl;  // $TTL
  std::optional<std::uint32_t> last_ttl;     // of the last record
};

struct EntryError {
  std::string_view code;
  std::uint64_t offset = 0;  // into the text of the tokens
  std::size_t length = 1;
  std::string message, help;
};

struct EntryRecord {
  Type type{};
  std::uint32_t ttl = 0;
  std::size_t rdata_size = 0;
  std::uint64_t offset = 0, rdata_offset = 0;
  std::vector<EntryError> warnings;  // the record is accepted
};

// Parses the tokens of a record. Stores the owner in `scope` and the TTL in `inherited`, even if an error follows them.
Result<EntryRecord, EntryError> parse_entry(const Entry& entry, Scope& scope, Inherited& inherited, RdataBuffer& rdata);

// Parses a token as a name.
Result<Name, EntryError> parse_name_token(const Token& token, NameView origin);
// Parses a token as a TTL. A larger one than kMaxTtl is 0, with a warning (RFC 2181 8).
Result<std::uint32_t, EntryError> parse_ttl_token(const Token& token, std::vector<EntryError>& warnings);

// Concatenates the parts.
template <class... Parts>
std::string concat(const Parts&... parts) {
  std::string out;
  ((out += parts), ...);
  return out;
}

// An error that marks a whole token, quotes included.
EntryError error_at(const Token& token, std::string_view code, std::string message, std::string help = {});
// An error for something missing behind `token`.
EntryError error_after(const Token& token, std::string_view code, std::string message, std::string help = {});

}  // namespace dns
