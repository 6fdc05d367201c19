// The faults of a configuration: by code, and as they are collected.
//
// C1xx: what cannot be read. C2xx: what is read and cannot be meant. C3xx: what the zones contradict.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "zone/diagnostic/diagnostic.h"

namespace server {

enum class ConfigError : std::uint8_t {
  kSyntax,
  kUnknownKey,
  kUnknownSection,
  kWrongType,
  kOutOfRange,
  kNotAWord,
  kBadAddress,
  kBadDuration,
  kBadName,
  kMissingKey,
  kZoneTwice,
  kBadPercent,
  kBadPrefix,
  kBadDate,
  kBadHex,
  kBadDscp,
  kBadType,
  kBadObjectName,
  kListedTwice,
  kEmptyList,

  kNoSuchReference,
  kUnused,
  kNeverUsable,
  kWrongFamily,
  kMemberTwice,
  kRecordTwice,
  kViewsOverlap,
  kNoWeight,
  kGoodWorseThanBad,
  kTooReliable,
  kSlowProbe,
  kTtlOrder,
  kLocalRouterMissing,
  kTtlMinWithoutUnicast,
  kVersionAndFamily,
  kWithoutEffect,
  kStaticWithHealth,
  kLinkMissing,
  kNoLastResort,
  kDeprecated,
  kStillDeprecated,
  kStateMissing,
  kVirtualRouterTwice,
  kTargetsAndMonitor,
  kTooMany,
  kMigration,
  kNameTwice,
  kNoBounds,

  kNoDefaultSet,
  kIsNameServer,
  kNotInAZone,
  kOwnsAlias,
};

const dns::CodeRow& config_code(ConfigError error);

// What `waymark explain C102` tells.
std::span<const dns::CodeRow> config_codes();

// Octets of the configuration file.
struct SourceSpan {
  std::uint64_t offset = 0;
  std::size_t length = 1;
};

class ConfigErrors {
 public:
  void add(ConfigError error, SourceSpan at, std::string message, std::string help = "");

  // In the order of their places; those of one place as they were told. Leaves none.
  std::vector<dns::Diagnostic> take();

 private:
  std::vector<dns::Diagnostic> found_;
};

// "a, b, c".
std::string list_words(std::span<const std::string_view> words);

// "did you mean listen?", or nothing where no word is near.
std::string did_you_mean(std::string_view typed, std::span<const std::string_view> words);

}  // namespace server
