// One entry's tokens to one record: the careful parser, which takes everything and words every error.
#pragma once

#include <optional>
#include <string>

#include "zone/base/result.h"
#include "zone/field/rdata_text.h"
#include "zone/name/name.h"
#include "zone/rr/type.h"
#include "zone/text/tokenize.h"

namespace dns {

// What the entries of one file hand on to those behind them.
struct Scope {
  Name origin;
  std::string origin_text;    // of `origin`, without the final dot; empty for the root
  std::optional<Name> owner;  // of the last record

  void set_origin(NameView name);
  // True for "example.com" and "www.example.com" in the origin example.com.: a final dot may have been forgotten.
  bool ends_in_origin(std::string_view name_text) const;
};

// What is handed on across files.
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
  std::optional<EntryError> advice;  // the record is taken, but
};

// Parses the tokens of a record; the owner goes to `scope`, the TTL to `inherited`, also where an error comes behind
// them.
Result<EntryRecord, EntryError> parse_entry(const Entry& entry, Scope& scope, Inherited& inherited, RdataBuffer& rdata);

// A token as a name.
Result<Name, EntryError> parse_name_token(const Token& token, NameView origin);
// A token as a TTL.
Result<std::uint32_t, EntryError> parse_ttl_token(const Token& token);

// The parts put together.
template <class... Parts>
std::string concat(const Parts&... parts) {
  std::string out;
  ((out += parts), ...);
  return out;
}

// An error of a whole token, its quotes included.
EntryError error_at(const Token& token, std::string_view code, std::string message, std::string help = {});
// An error where something is missing behind `token`.
EntryError error_after(const Token& token, std::string_view code, std::string message, std::string help = {});

}  // namespace dns
