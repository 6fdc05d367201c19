// Converts a TOML node to a value as its schema row says, or reports an error at its position. One thread.
#pragma once

#include <optional>
#include <string>

#include <toml++/toml.h>

#include "server/config/schema.h"

namespace server {

class ValueReader {
 public:
  // `text` is the parsed text; relative paths are relative to `directory`.
  ValueReader(ConfigErrors& errors, std::string_view text, std::string directory);

  std::optional<ConfigValue> read(const KeyText& row, const toml::node& node);

  // The position in the text. A value of several lines is marked at its first octet.
  SourceSpan span(const toml::source_region& region) const;

 private:
  std::optional<ConfigValue> read_text(const KeyText& row, const toml::node& node);
  std::optional<ConfigValue> read_list(const KeyText& row, const toml::node& node);
  std::optional<ConfigValue> read_routers(const KeyText& row, const toml::node& node);
  bool read_router(const KeyText& row, RouterDraft router, const toml::node& addresses, ConfigValue& value);

  // Adds a scalar to `value`. Returns false, and reports an error, if it is invalid.
  bool add(const KeyText& row, const toml::node& node, ConfigValue& value);
  bool add_number(const KeyText& row, const toml::node& node, ConfigValue& value);
  bool add_date(const toml::node& node, ConfigValue& value);
  bool add_text(const KeyText& row, const std::string& text, SourceSpan at, ConfigValue& value);
  bool add_scalar_text(const KeyText& row, const std::string& text, SourceSpan at, ConfigValue& value);
  bool add_url(const KeyText& row, const std::string& text, SourceSpan at, ConfigValue& value);
  bool add_word(const KeyText& row, const std::string& text, SourceSpan at, ConfigValue& value);
  bool add_duration(const KeyText& row, const std::string& text, SourceSpan at, ConfigValue& value);
  bool add_address(const std::string& text, SourceSpan at, ConfigValue& value);
  bool add_endpoints(const std::string& text, SourceSpan at, ConfigValue& value);
  bool add_prefix(const std::string& text, SourceSpan at, ConfigValue& value);
  bool add_domain(const std::string& text, SourceSpan at, ConfigValue& value);
  bool add_dscp(const KeyText& row, const toml::node& node, ConfigValue& value);
  bool in_range(const KeyText& row, std::int64_t number, SourceSpan at);
  bool wrong_type(const KeyText& row, const toml::node& node);
  std::uint64_t offset(const toml::source_position& position) const;

  ConfigErrors& errors_;
  std::string_view text_;
  std::string directory_;
  std::vector<std::size_t> lines_;  // the offset of each line's start
};

}  // namespace server
