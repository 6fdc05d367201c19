#include "server/config/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "server/config/codes.h"
#include "server/config/schema.h"
#include "server/store/files.h"
#include "zone/base/suggest.h"
#include "zone/name/text.h"

namespace server {
namespace {

using Fault = ConfigFault;

constexpr std::string_view kZoneSection = "zone", kNameKey = "name", kFileKey = "file";
constexpr std::string_view kSections[] = {"server", "tcp", "log", "zone"};

// "500ms", "10s", "2m" in milliseconds.
std::optional<std::int64_t> parse_duration(std::string_view text) {
  static constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {{"ms", 1}, {"s", 1'000}, {"m", 60'000}};
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const auto row = std::ranges::find(kUnits, unit, &std::pair<std::string_view, std::int64_t>::first);
  if (row == std::end(kUnits)) return std::nullopt;
  return count * row->second;
}

std::string_view type_word(ValueKind kind) {
  switch (kind) {
    case ValueKind::kNumber: return "a number";
    case ValueKind::kText:
    case ValueKind::kWord: return "a text in quotes";
    case ValueKind::kDuration: return "a duration in quotes, such as \"10s\"";
    case ValueKind::kEndpoints: return "an address in quotes or a list of them";
    case ValueKind::kPaths: return "a path in quotes or a list of them";
  }
  return {};
}

std::string list_words(std::span<const std::string_view> words) {
  std::string list;
  for (const std::string_view word : words) list.append(list.empty() ? "" : ", ").append(word);
  return list;
}

std::string did_you_mean(std::string_view typed, std::span<const std::string_view> words) {
  const std::string_view nearest = dns::nearest_word(typed, words);
  return nearest.empty() ? std::string() : "did you mean " + std::string(nearest) + "?";
}

class Reading {
 public:
  Reading(LoadedConfig& loaded, std::string_view path)
      : loaded_(loaded), directory_(directory_of(path)), text_(loaded.sources.text(0)) {}

  // The faults, in the order of their places.
  std::vector<dns::Diagnostic> read() {
    try {
      root(toml::parse(text_, directory_));
    } catch (const toml::parse_error& error) {
      tell(Fault::kSyntax, error.source(), std::string(error.description()), "");
    }
    std::ranges::stable_sort(found_, {}, [](const dns::Diagnostic& fault) { return fault.at.offset; });
    return std::move(found_);
  }

 private:
  void root(const toml::table& table) {
    for (const auto& [key, node] : table) {
      const std::string_view section = key.str();
      if (section == kZoneSection) {
        zones(node);
      } else if (std::ranges::find(kSections, section) == std::end(kSections)) {
        tell(Fault::kUnknownSection, key.source(), "there is no section or key '" + std::string(section) + "' here", did_you_mean(section, kSections));
      } else if (!node.is_table()) {
        tell(Fault::kWrongType, node.source(), std::string(section) + " is a section: [" + std::string(section) + "]", "");
      } else {
        keys(section, *node.as_table());
      }
    }
  }

  void keys(std::string_view section, const toml::table& table) {
    for (const auto& [key, node] : table) {
      const auto rows = config_keys();
      const auto row = std::ranges::find_if(rows, [&](const KeyRow& r) { return r.section == section && r.key == key.str(); });
      if (row == rows.end()) {
        unknown_key(section, key);
      } else if (auto value = read_value(*row, node)) {
        row->set(loaded_.options, std::move(*value));
      }
    }
  }

  void unknown_key(std::string_view section, const toml::key& key) {
    std::vector<std::string_view> here;
    for (const KeyRow& row : config_keys())
      if (row.section == section) here.push_back(row.key);
    std::string help = did_you_mean(key.str(), here);
    for (const KeyRow& row : config_keys())
      if (help.empty() && row.key == key.str()) help = "it belongs to [" + std::string(row.section) + "]";
    tell(Fault::kUnknownKey, key.source(), "[" + std::string(section) + "] has no key '" + std::string(key.str()) + "'", std::move(help));
  }

  std::optional<ConfigValue> read_value(const KeyRow& row, const toml::node& node) {
    ConfigValue value;
    switch (row.kind) {
      case ValueKind::kNumber: return read_number(row, node);
      case ValueKind::kText: return read_text(row, node);
      case ValueKind::kWord: return read_word(row, node);
      case ValueKind::kDuration: return read_duration(row, node);
      case ValueKind::kEndpoints:
        if (!each_text(row, node, [&](const std::string& text, const toml::node& at) { add_endpoints(value, text, at); })) return std::nullopt;
        return value;
      case ValueKind::kPaths:
        if (!each_text(row, node, [&](const std::string& text, const toml::node&) { value.texts.push_back(join_path(directory_, text)); })) return std::nullopt;
        return value;
    }
    return std::nullopt;
  }

  std::optional<ConfigValue> read_number(const KeyRow& row, const toml::node& node) {
    if (!node.is_integer()) return wrong_type(row, node);
    return in_range(row, node, node.as_integer()->get(), "");
  }

  std::optional<ConfigValue> read_text(const KeyRow& row, const toml::node& node) {
    if (!node.is_string()) return wrong_type(row, node);
    ConfigValue value;
    value.text = node.as_string()->get();
    if (value.text.size() <= static_cast<std::size_t>(row.high)) return value;
    tell(Fault::kOutOfRange, node.source(), std::string(row.key) + " has at most " + std::to_string(row.high) + " octets", "");
    return std::nullopt;
  }

  std::optional<ConfigValue> read_word(const KeyRow& row, const toml::node& node) {
    if (!node.is_string()) return wrong_type(row, node);
    const std::string& text = node.as_string()->get();
    const auto word = std::ranges::find(row.words, text);
    if (word == row.words.end()) {
      tell(Fault::kNotAWord, node.source(), std::string(row.key) + " is one of: " + list_words(row.words), did_you_mean(text, row.words));
      return std::nullopt;
    }
    ConfigValue value;
    value.number = word - row.words.begin();
    return value;
  }

  std::optional<ConfigValue> read_duration(const KeyRow& row, const toml::node& node) {
    if (!node.is_string()) return wrong_type(row, node);
    const auto duration = parse_duration(node.as_string()->get());
    if (duration) return in_range(row, node, *duration, " ms");
    tell(Fault::kBadDuration, node.source(), "not a duration: " + node.as_string()->get(), "write a whole number and ms, s or m: \"10s\"");
    return std::nullopt;
  }

  std::optional<ConfigValue> in_range(const KeyRow& row, const toml::node& node, std::int64_t number, std::string_view unit) {
    ConfigValue value;
    value.number = number;
    if (number >= row.low && number <= row.high) return value;
    tell(Fault::kOutOfRange, node.source(),
         std::string(row.key) + " is from " + std::to_string(row.low) + " to " + std::to_string(row.high) + std::string(unit), "");
    return std::nullopt;
  }

  std::optional<ConfigValue> wrong_type(const KeyRow& row, const toml::node& node) {
    tell(Fault::kWrongType, node.source(), std::string(row.key) + " takes " + std::string(type_word(row.kind)), "");
    return std::nullopt;
  }

  // A text, or each text of a list. False where something else stands there.
  template <class Take>
  bool each_text(const KeyRow& row, const toml::node& node, const Take& take) {
    if (node.is_string()) {
      take(node.as_string()->get(), node);
      return true;
    }
    if (!node.is_array()) return wrong_type(row, node).has_value();
    bool all = true;
    for (const toml::node& element : *node.as_array()) {
      if (element.is_string()) {
        take(element.as_string()->get(), element);
      } else {
        all = wrong_type(row, element).has_value();
      }
    }
    return all;
  }

  void add_endpoints(ConfigValue& value, const std::string& text, const toml::node& at) {
    const auto endpoints = parse_endpoints(text);
    if (endpoints) {
      value.endpoints.insert(value.endpoints.end(), endpoints->begin(), endpoints->end());
    } else {
      tell(Fault::kBadAddress, at.source(), std::string(describe(endpoints.error())), "");
    }
  }

  void zones(const toml::node& node) {
    const bool tables = node.is_array() && std::ranges::all_of(*node.as_array(), [](const toml::node& element) { return element.is_table(); });
    if (!tables) return tell(Fault::kWrongType, node.source(), "each zone is a section of its own: [[zone]]", "");
    for (const toml::node& element : *node.as_array()) zone(*element.as_table());
  }

  void zone(const toml::table& table) {
    static constexpr std::string_view kKeysHere[] = {kNameKey, kFileKey};
    NamedZone zone;
    bool have_name = false, have_file = false;
    for (const auto& [key, node] : table) {
      if (key.str() != kNameKey && key.str() != kFileKey) {
        tell(Fault::kUnknownKey, key.source(), "[[zone]] has no key '" + std::string(key.str()) + "'", did_you_mean(key.str(), kKeysHere));
      } else if (!node.is_string()) {
        tell(Fault::kWrongType, node.source(), std::string(key.str()) + " takes a text in quotes", "");
        (key.str() == kNameKey ? have_name : have_file) = true;
      } else if (key.str() == kNameKey) {
        have_name = true;
        if (!zone_name(zone, node)) return;
      } else {
        have_file = true;
        zone.path = join_path(directory_, node.as_string()->get());
      }
    }
    if (!have_name) tell(Fault::kMissingKey, table.source(), "this zone has no name", "name = \"example.com\"");
    if (!have_file) tell(Fault::kMissingKey, table.source(), "this zone has no file", "file = \"example.com.zone\"");
    if (have_name && have_file) loaded_.options.store.zones.push_back(std::move(zone));
  }

  bool zone_name(NamedZone& zone, const toml::node& node) {
    const std::string& text = node.as_string()->get();
    const auto name = dns::parse_name(text);
    if (!name) {
      tell(Fault::kBadZoneName, node.source(), std::string(dns::describe(name.error().error)), "");
      return false;
    }
    zone.apex = *name;
    const auto same = [&](const NamedZone& other) { return other.apex == zone.apex; };
    if (std::ranges::none_of(loaded_.options.store.zones, same)) return true;
    tell(Fault::kZoneTwice, node.source(), dns::to_text(zone.apex) + " was named before", "");
    return false;
  }

  void tell(Fault fault, const toml::source_region& region, std::string message, std::string help) {
    const std::uint64_t begin = offset(region.begin), end = region.end.line == region.begin.line ? offset(region.end) : begin;
    found_.push_back({.code = &config_code(fault),
                      .at = {0, begin},
                      .length = end > begin ? end - begin : 1,
                      .message = std::move(message),
                      .help = std::move(help)});
  }

  // The parser counts lines, and characters within them; we count octets.
  std::uint64_t offset(const toml::source_position& position) const {
    std::size_t at = 0;
    for (toml::source_index line = 1; line < position.line; ++line) {
      const std::size_t end = text_.find('\n', at);
      if (end == std::string_view::npos) break;
      at = end + 1;
    }
    const auto continues = [&](std::size_t i) { return i < text_.size() && (static_cast<unsigned char>(text_[i]) & 0xc0) == 0x80; };
    for (toml::source_index column = 1; column < position.column && at < text_.size() && text_[at] != '\n'; ++column)
      do ++at;
      while (continues(at));
    return at;
  }

  LoadedConfig& loaded_;
  std::string directory_;
  std::string_view text_;
  std::vector<dns::Diagnostic> found_;
};

}  // namespace

dns::Result<LoadedConfig, std::string> load_config(std::string_view path, dns::SourceReader& reader, dns::Diagnostics& diagnostics) {
  auto opened = reader.open(path, "");
  if (!opened) return dns::Failure<std::string>(opened.error());
  LoadedConfig loaded;
  loaded.sources.add(std::move(*opened), std::nullopt);
  for (dns::Diagnostic& fault : Reading(loaded, path).read()) diagnostics.add(std::move(fault));
  return loaded;
}

}  // namespace server
