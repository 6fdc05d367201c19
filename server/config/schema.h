// The keys of waymark.toml: one row per key, used by the reader, the manual and the tests.
//
//     KeyRow<T> = key, kind, range, words, default, meaning    + the function that stores the value in a T
//
// A key of a subtable is written with the table's name: "ttl.max". A new option needs a row here, a member in its
// room's options, and a line in the example file that contains every key. The manual adds text where a row is not
// enough.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "server/config/draft.h"
#include "server/config/options.h"

namespace server {

enum class ValueKind : std::uint8_t {
  kNumber,      // from low to high
  kNumbers,     // a list of them
  kFlag,        // true, false
  kText,        // at most `high` octets
  kUrlPath,     // path of a URL
  kUrlHost,     // host of a URL, with or without a port
  kCommand,     // a program and its arguments; a program with a '/' is relative to the file
  kWord,        // one of `words`
  kWords,       // a list of them, none twice
  kDuration,    // "500ms", low to high milliseconds
  kSeconds,     // the same in whole seconds
  kPercent,     // "0.3%"
  kEndpoints,   // an address with a port or a list of them
  kAddress,     // an address
  kAddresses,   // an address or a list of them, none twice
  kPrefixes,    // a prefix or a list of them, none twice
  kPath,        // relative to the file
  kPaths,       // a path or a list of them
  kReference,   // the name of a section or of something in one
  kReferences,  // a name or a list of them, none twice
  kObjectName,  // what others refer to
  kDomain,      // a domain name
  kType,        // a type of records
  kDate,        // 2027-03-31
  kDscp,        // a word or a number
  kHex,         // octets
  kRouters,     // { name = address or addresses, ... } or a list of addresses
  kTables,      // subtables with their own rows
};

// A parsed value that satisfies its row.
struct ConfigValue {
  std::int64_t number = 0;            // kNumber, kFlag, kDuration and kSeconds (milliseconds), kWord (its index), kDscp
  std::vector<std::int64_t> numbers;  // kNumbers, kWords
  double share = 0;                   // kPercent: 0 to 1
  std::string text;                   // kText, kUrlPath, kPath, kObjectName
  HttpHost url_host;                  // kUrlHost
  std::vector<std::string> texts;     // kPaths, kCommand
  std::vector<ListenAddress> endpoints;             // kEndpoints
  std::vector<boost::asio::ip::address> addresses;  // kAddress, kAddresses
  std::vector<dns::Prefix> prefixes;
  std::vector<Reference> references;  // kReference, kReferences
  dns::Name name;                     // kDomain
  dns::Type type{};
  std::chrono::year_month_day date{};
  std::vector<std::uint8_t> octets;  // kHex
  std::vector<RouterDraft> routers;
  SourceSpans spans;  // of a list's elements

  std::size_t size() const { return static_cast<std::size_t>(number); }
  unsigned count() const { return static_cast<unsigned>(number); }
  std::chrono::milliseconds duration() const { return std::chrono::milliseconds(number); }
  double seconds() const { return std::chrono::duration<double>(duration()).count(); }
  Reference reference() const { return references.front(); }
};

inline constexpr std::string_view kRequired = "required";  // as a default: the key must be given

struct KeyText {
  std::string_view key;
  ValueKind kind;
  std::int64_t low, high;
  std::span<const std::string_view> words;
  std::string_view fallback;  // the default as it would be written; kRequired; or a text if it depends on other keys
  std::string_view about;     // the meaning, for the manual
};

template <class Target>
struct KeyRow : KeyText {
  void (*set)(Target& target, ConfigValue value);
};

std::span<const KeyRow<Options>> server_keys();
std::span<const KeyRow<Options>> tcp_keys();
std::span<const KeyRow<Options>> log_keys();
std::span<const KeyRow<ZoneDraft>> zone_keys();
std::span<const KeyRow<TemplateDraft>> template_keys();
std::span<const KeyRow<AclDraft>> acl_keys();
std::span<const KeyRow<KeyDraft>> key_keys();
std::span<const KeyRow<RemoteDraft>> remote_keys();
std::span<const KeyRow<SteeringDraft>> steering_keys();
std::span<const KeyRow<VirtualRouterDraft>> vrrp_keys();
std::span<const KeyRow<MonitorDraft>> monitor_keys();
std::span<const KeyRow<LinkDraft>> link_keys();
std::span<const KeyRow<SlaDraft>> sla_keys();
std::span<const KeyRow<ViewDraft>> view_keys();
std::span<const KeyRow<RecordDraft>> record_keys();
std::span<const KeyRow<MemberDraft>> member_keys();

// The words of enumerations, in the order of their enums.
std::span<const std::string_view> policy_words();
std::span<const std::string_view> link_class_words();
std::span<const std::string_view> monitor_types();

enum class SectionForm : std::uint8_t {
  kOne,     // [tcp]
  kNamed,   // [link.NAME]
  kList,    // [[record]]
  kWithin,  // a list within a section: members of a record
};

struct Section {
  std::string_view name;
  SectionForm form;
  std::string_view about;
  std::vector<const KeyText*> keys;
};

// All sections, in the order of the manual.
const std::vector<Section>& config_sections();

// "[tcp]", "[link.NAME]", "[[record]]", "members".
std::string section_title(const Section& section);

}  // namespace server
