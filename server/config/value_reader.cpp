#include "server/config/value_reader.h"

#include <algorithm>

#include "server/config/values.h"
#include "server/zonefiles/files.h"
#include "zone/field/text.h"
#include "zone/name/text.h"

namespace server {
namespace {

using Error = ConfigError;
using enum ValueKind;

constexpr std::int64_t kSecondMs = 1'000;

std::string_view type_word(ValueKind kind) {
  switch (kind) {
    case kNumber: return "a number";
    case kNumbers: return "a number or a list of numbers";
    case kFlag: return "true or false";
    case kCommand: return "a list of strings, such as [\"/bin/check\", \"-v\"]";
    case kText:
    case kUrlPath:
    case kUrlHost:
    case kWord:
    case kObjectName:
    case kReference: return "a string in quotes";
    case kWords:
    case kReferences: return "a string in quotes or a list of strings";
    case kDuration:
    case kSeconds: return "a duration in quotes, such as \"10s\"";
    case kPercent: return "a percentage in quotes, such as \"0.5%\"";
    case kEndpoints:
    case kAddresses: return "an address in quotes or a list of addresses";
    case kAddress: return "an address in quotes";
    case kPrefixes: return "a prefix in quotes or a list of prefixes";
    case kPath: return "a path in quotes";
    case kPaths: return "a path in quotes or a list of paths";
    case kDomain: return "a domain name in quotes";
    case kType: return "a record type in quotes, such as \"A\"";
    case kDate: return "a date without quotes, such as 2027-03-31";
    case kDscp: return "a DSCP: a name in quotes or a number, such as \"ef\" or 46";
    case kHex: return "hexadecimal digits in quotes";
    case kRouters: return "names with addresses, such as { rtr-a = \"192.0.2.2\" }, or a list of addresses";
    case kTables: return "tables, such as [{ name = \"a\" }]";
  }
  return {};
}

bool is_list(ValueKind kind) {
  switch (kind) {
    case kNumbers:
    case kCommand:
    case kWords:
    case kEndpoints:
    case kAddresses:
    case kPrefixes:
    case kPaths:
    case kReferences: return true;
    case kNumber:
    case kFlag:
    case kText:
    case kUrlPath:
    case kUrlHost:
    case kWord:
    case kDuration:
    case kSeconds:
    case kPercent:
    case kAddress:
    case kPath:
    case kReference:
    case kObjectName:
    case kDomain:
    case kType:
    case kDate:
    case kDscp:
    case kHex:
    case kRouters:
    case kTables: return false;
  }
  return false;
}

// Checks the elements that were added last: an element that is already in the list is an error.
template <class T>
bool twice(const std::vector<T>& list) {
  return std::find(list.begin(), list.end() - 1, list.back()) != list.end() - 1;
}

bool last_is_twice(ValueKind kind, const ConfigValue& value) {
  if (kind == kWords) return twice(value.numbers);
  if (kind == kAddresses) return twice(value.addresses);
  if (kind == kPrefixes) return twice(value.prefixes);
  if (kind != kReferences) return false;
  const auto same = [&](const Reference& other) { return other.text == value.references.back().text; };
  return std::ranges::count_if(value.references, same) > 1;
}

}  // namespace

ValueReader::ValueReader(ConfigErrors& errors, std::string_view text, std::string directory)
    : errors_(errors), text_(text), directory_(std::move(directory)), lines_{0} {
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    lines_.push_back(at + 1);
}

std::optional<ConfigValue> ValueReader::read(const KeyText& row, const toml::node& node) {
  if (row.kind == kRouters) return read_routers(row, node);
  if (is_list(row.kind)) return read_list(row, node);
  ConfigValue value;
  if (!add(row, node, value)) return std::nullopt;
  return value;
}

// A single value or a list. All errors are reported.
std::optional<ConfigValue> ValueReader::read_list(const KeyText& row, const toml::node& node) {
  ConfigValue value;
  const toml::array* const list = node.as_array();
  if (list == nullptr && (row.kind == kCommand || node.is_table())) {
    wrong_type(row, node);
    return std::nullopt;
  }
  if (list == nullptr) return add(row, node, value) ? std::optional(std::move(value)) : std::nullopt;
  if (list->empty() && row.kind != kEndpoints && row.kind != kPaths && row.kind != kNumbers) {
    errors_.add(Error::kEmptyList, span(node.source()), std::string(row.key) + " is an empty list");
    return std::nullopt;
  }
  bool all = true;
  for (const toml::node& element : *list) {
    if (!add(row, element, value)) {
      all = false;
    } else if (last_is_twice(row.kind, value)) {
      errors_.add(Error::kListedTwice, span(element.source()), std::string(row.key) + " contains this value twice");
      all = false;
    }
  }
  return all ? std::optional(std::move(value)) : std::nullopt;
}

std::optional<ConfigValue> ValueReader::read_routers(const KeyText& row, const toml::node& node) {
  ConfigValue value;
  bool all = true;
  if (const toml::table* const table = node.as_table()) {
    for (const auto& [key, addresses] : *table)
      all = read_router(row, {.options = {.name = std::string(key.str()), .addresses = {}}, .at = span(key.source())},
                        addresses, value) &&
            all;
    std::ranges::stable_sort(value.routers, {},
                             [](const RouterDraft& router) { return router.at.offset; });  // the parser sorts by name
  } else if (const toml::array* const list = node.as_array()) {
    for (const toml::node& address : *list)
      all = read_router(row, {.options = {}, .at = span(address.source())}, address, value) && all;
  } else {
    all = wrong_type(row, node);
  }
  if (all && value.routers.empty()) {
    errors_.add(Error::kEmptyList, span(node.source()), "routers is empty");
    all = false;
  }
  return all ? std::optional(std::move(value)) : std::nullopt;
}

// A router without a name gets its address as its name.
bool ValueReader::read_router(const KeyText& row, RouterDraft router, const toml::node& addresses, ConfigValue& value) {
  static constexpr KeyText kRow{"routers", kAddresses, 0, 0, {}, "", ""};
  if (!addresses.is_array() && !addresses.is_string()) return wrong_type(row, addresses);
  auto read = read_list(kRow, addresses);
  if (!read) return false;
  router.options.addresses = std::move(read->addresses);
  if (router.options.name.empty()) router.options.name = router.options.addresses.front().to_string();
  else if (!is_object_name(router.options.name)) {
    errors_.add(Error::kBadObjectName, router.at, "invalid router name '" + router.options.name + "'",
                "use 1 to 63 letters, digits, '-', '_' and '.'");
    return false;
  }
  value.routers.push_back(std::move(router));
  return true;
}

bool ValueReader::add(const KeyText& row, const toml::node& node, ConfigValue& value) {
  const SourceSpan at = span(node.source());
  value.spans.push_back(at);
  if (row.kind == kNumber || row.kind == kNumbers) return add_number(row, node, value);
  if (row.kind == kDate) return add_date(node, value);
  if (row.kind == kDscp) return add_dscp(row, node, value);
  if (row.kind == kFlag) {
    if (!node.is_boolean()) return wrong_type(row, node);
    value.number = node.as_boolean()->get() ? 1 : 0;
    return true;
  }
  if (!node.is_string()) return wrong_type(row, node);
  return add_text(row, node.as_string()->get(), at, value);
}

bool ValueReader::add_number(const KeyText& row, const toml::node& node, ConfigValue& value) {
  if (!node.is_integer()) return wrong_type(row, node);
  value.number = node.as_integer()->get();
  value.numbers.push_back(value.number);
  return in_range(row, value.number, span(node.source()));
}

// The parser has already rejected invalid dates.
bool ValueReader::add_date(const toml::node& node, ConfigValue& value) {
  if (!node.is_date()) {
    errors_.add(Error::kBadDate, span(node.source()), "not a date",
                "write a date without quotes and without a time: 2027-03-31");
    return false;
  }
  const toml::date& date = node.as_date()->get();
  value.date = std::chrono::year_month_day(std::chrono::year(date.year), std::chrono::month(date.month),
                                           std::chrono::day(date.day));
  return true;
}

bool ValueReader::add_dscp(const KeyText& row, const toml::node& node, ConfigValue& value) {
  if (!node.is_string() && !node.is_integer()) return wrong_type(row, node);
  const std::string text = node.is_string() ? node.as_string()->get() : std::to_string(node.as_integer()->get());
  const auto dscp = parse_dscp(text);
  if (dscp) value.number = *dscp;
  else
    errors_.add(Error::kBadDscp, span(node.source()), "not a DSCP: " + text,
                "write a name such as \"ef\", \"af41\" or \"cs6\", or a number from 0 to 63");
  return dscp.has_value();
}

bool ValueReader::add_text(const KeyText& row, const std::string& text, SourceSpan at, ConfigValue& value) {
  switch (row.kind) {
    case kText:
    case kCommand:
    case kObjectName:
    case kReference:
    case kReferences:
    case kPath:
    case kPaths: return add_scalar_text(row, text, at, value);
    case kUrlPath:
    case kUrlHost: return add_scalar_text(row, text, at, value) && add_url(row, text, at, value);
    case kWord:
    case kWords: return add_word(row, text, at, value);
    case kDuration:
    case kSeconds: return add_duration(row, text, at, value);
    case kAddress:
    case kAddresses: return add_address(text, at, value);
    case kEndpoints: return add_endpoints(text, at, value);
    case kPrefixes: return add_prefix(text, at, value);
    case kDomain: return add_domain(text, at, value);
    case kPercent:
      if (const auto share = parse_percent(text)) return value.share = *share, true;
      errors_.add(Error::kBadPercent, at, "not a percentage: " + text, "write a number from 0 to 100 with %: \"0.5%\"");
      return false;
    case kType:
      if (const auto type = dns::parse_type(text); type && !dns::is_meta(*type)) return value.type = *type, true;
      errors_.add(Error::kBadType, at, "not a record type: " + text,
                  dns::nearest_type(text).empty() ? "" : "did you mean " + std::string(dns::nearest_type(text)) + "?");
      return false;
    case kHex:
      if (auto octets = parse_hex(text); octets && octets->size() <= static_cast<std::size_t>(row.high))
        return value.octets = std::move(*octets), true;
      errors_.add(Error::kBadHex, at,
                  std::string(row.key) + " must be 1 to " + std::to_string(row.high) +
                      " bytes, each written as two hexadecimal digits");
      return false;
    case kNumber:
    case kNumbers:
    case kFlag:
    case kDate:
    case kDscp:
    case kRouters:
    case kTables: break;
  }
  return false;
}

bool ValueReader::add_scalar_text(const KeyText& row, const std::string& text, SourceSpan at, ConfigValue& value) {
  if (row.kind == kPath || row.kind == kPaths) {
    value.text = text.empty() ? text : join_path(directory_, text);
    value.texts.push_back(value.text);
    if (!text.empty()) return true;
    errors_.add(Error::kOutOfRange, at, std::string(row.key) + " is empty");
    return false;
  }
  if (row.kind == kCommand && value.texts.empty()) {
    if (text.empty()) {
      errors_.add(Error::kOutOfRange, at, std::string(row.key) + " begins with an empty program");
      return false;
    }
    std::string program = text.contains('/') ? join_path(directory_, text) : text;
    if (text.contains('/') && !program.contains('/')) program = "./" + program;  // not one of PATH
    value.texts.push_back(std::move(program));
    return true;
  }
  value.text = text;
  value.texts.push_back(text);
  value.references.push_back({text, at});
  if (row.kind == kObjectName) {
    if (is_object_name(text)) return true;
    errors_.add(Error::kBadObjectName, at, "invalid name '" + text + "'",
                "use 1 to 63 letters, digits, '-', '_' and '.'");
    return false;
  }
  const bool refers = row.kind == kReference || row.kind == kReferences;
  const std::size_t low = refers ? 1 : static_cast<std::size_t>(row.low);
  if (text.size() < low) {
    errors_.add(Error::kOutOfRange, at, std::string(row.key) + " is empty");
    return false;
  }
  if (refers || text.size() <= static_cast<std::size_t>(row.high)) return true;
  errors_.add(Error::kOutOfRange, at,
              std::string(row.key) + " must have at most " + std::to_string(row.high) + " bytes");
  return false;
}

bool ValueReader::add_url(const KeyText& row, const std::string& text, SourceSpan at, ConfigValue& value) {
  if (row.kind == kUrlPath) {
    if (is_http_path(text)) return true;
    errors_.add(Error::kBadUrl, at, std::string(row.key) + " must begin with '/' and have no spaces",
                "write a space as %20");
    return false;
  }
  auto host = parse_http_host(text);
  if (!host) {
    errors_.add(Error::kBadUrl, at, host.error(), "write a name, 192.0.2.1 or [2001:db8::1], with or without :PORT");
    return false;
  }
  value.url_host = std::move(*host);
  return true;
}

bool ValueReader::add_word(const KeyText& row, const std::string& text, SourceSpan at, ConfigValue& value) {
  const auto word = std::ranges::find(row.words, text);
  if (word == row.words.end()) {
    errors_.add(Error::kNotAWord, at, std::string(row.key) + " must be one of: " + list_words(row.words),
                did_you_mean(text, row.words));
    return false;
  }
  value.number = word - row.words.begin();
  value.numbers.push_back(value.number);
  return true;
}

bool ValueReader::add_duration(const KeyText& row, const std::string& text, SourceSpan at, ConfigValue& value) {
  const auto duration = parse_duration(text);
  if (!duration || (row.kind == kSeconds && *duration % kSecondMs != 0)) {
    errors_.add(Error::kBadDuration, at,
                "not a duration" + std::string(row.kind == kSeconds ? " in whole seconds: " : ": ") + text,
                "write a whole number with the unit " +
                    std::string(row.kind == kSeconds ? "s, m or h" : "ms, s, m or h") + ": \"10s\"");
    return false;
  }
  value.number = *duration;
  return in_range(row, *duration, at);
}

bool ValueReader::add_address(const std::string& text, SourceSpan at, ConfigValue& value) {
  const auto address = parse_address(text);
  const std::size_t percent = std::min(text.find('%'), text.size());
  if (address) value.addresses.push_back(*address);
  else if (parse_address(text.substr(0, percent)))
    errors_.add(Error::kBadAddress, at, "an address without an interface is required: " + text,
                "remove \"" + text.substr(percent) + "\"; the key `device` of a link names the interface");
  else errors_.add(Error::kBadAddress, at, "not an IPv4 or IPv6 address: " + text);
  return address.has_value();
}

bool ValueReader::add_endpoints(const std::string& text, SourceSpan at, ConfigValue& value) {
  const auto endpoints = parse_endpoints(text);
  if (endpoints) value.endpoints.insert(value.endpoints.end(), endpoints->begin(), endpoints->end());
  else errors_.add(Error::kBadAddress, at, std::string(describe(endpoints.error())));
  return endpoints.has_value();
}

bool ValueReader::add_prefix(const std::string& text, SourceSpan at, ConfigValue& value) {
  const auto prefix = dns::parse_prefix(text);
  if (prefix) value.prefixes.push_back(*prefix);
  else
    errors_.add(Error::kBadPrefix, at, "not a prefix: " + text,
                "write an address, or a network address with its prefix length: \"10.0.0.0/8\"");
  return prefix.has_value();
}

bool ValueReader::add_domain(const std::string& text, SourceSpan at, ConfigValue& value) {
  const auto name = dns::parse_name(text);
  if (name) value.name = *name;
  else errors_.add(Error::kBadName, at, std::string(dns::describe(name.error().error)));
  return name.has_value();
}

bool ValueReader::in_range(const KeyText& row, std::int64_t number, SourceSpan at) {
  if (number >= row.low && number <= row.high) return true;
  const bool time = row.kind == kDuration || row.kind == kSeconds;
  const auto text = [time](std::int64_t bound) { return time ? duration_text(bound) : std::to_string(bound); };
  errors_.add(Error::kOutOfRange, at,
              std::string(row.key) + " must be from " + text(row.low) + " to " + text(row.high));
  return false;
}

bool ValueReader::wrong_type(const KeyText& row, const toml::node& node) {
  errors_.add(Error::kWrongType, span(node.source()),
              std::string(row.key) + " must be " + std::string(type_word(row.kind)));
  return false;
}

SourceSpan ValueReader::span(const toml::source_region& region) const {
  const std::uint64_t begin = offset(region.begin),
                      end = region.end.line == region.begin.line ? offset(region.end) : begin;
  return {begin, end > begin ? static_cast<std::size_t>(end - begin) : 1};
}

// The parser counts lines and characters; positions here are octets.
std::uint64_t ValueReader::offset(const toml::source_position& position) const {
  if (position.line == 0 || position.line > lines_.size()) return position.line == 0 ? 0 : text_.size();
  std::size_t at = lines_[position.line - 1];
  const auto continues = [&](std::size_t i) {
    return i < text_.size() && (static_cast<unsigned char>(text_[i]) & 0xc0) == 0x80;
  };
  for (toml::source_index column = 1; column < position.column && at < text_.size() && text_[at] != '\n'; ++column) do
      ++at;
    while (continues(at));
  return at;
}

}  // namespace server
