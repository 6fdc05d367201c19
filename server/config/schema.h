// The keys of waymark.toml: one row each. A new option is a row here, a member of its room's options, and a row of the test.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "server/config/options.h"

namespace server {

enum class ValueKind : std::uint8_t {
  kNumber,      // low to high
  kText,        // at most `high` octets
  kWord,        // one of `words`
  kDuration,    // "500ms", low to high milliseconds
  kEndpoints,   // an address or a list of them
  kPaths,       // a path or a list of them
};

// A value as read, checked against its row.
struct ConfigValue {
  std::int64_t number = 0;              // kNumber, kDuration (milliseconds), kWord (its index)
  std::string text;                     // kText
  std::vector<std::string> texts;       // kPaths
  std::vector<Endpoint> endpoints;      // kEndpoints

  std::size_t size() const { return static_cast<std::size_t>(number); }
  std::chrono::milliseconds duration() const { return std::chrono::milliseconds(number); }
};

struct KeyRow {
  std::string_view section, key;
  ValueKind kind;
  std::int64_t low, high;
  std::span<const std::string_view> words;
  void (*set)(Options& options, ConfigValue value);
};

std::span<const KeyRow> config_keys();

}  // namespace server
