// The errors of a configuration: their codes, and a collector.
//
// C1xx: the text is invalid. C2xx: the values do not make sense together. C3xx: they do not match the loaded zones.
// C4xx: a start on this host would fail, or something that it needs is missing.
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
  kBadUrl,
  kBadSecret,

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
  kListenOverlap,
  kSocketPathTooLong,
  kOnlyInViews,
  kWithoutShare,
  kBoundNotSeen,
  kRuleNeverUsed,
  kSecretMissing,
  kWeakAlgorithm,
  kOldKey,
  kRemotesAndClients,
  kKeyTwice,

  kNoZoneRecords,
  kIsNameServer,
  kNotInAZone,
  kOwnsAlias,
  kSignedZone,
  kNoSuchZone,

  kCannotRun,
  kNoSuchUser,
  kStateUnusable,
  kNoZones,
  kSecretFile,
};

const dns::CodeRow& config_code(ConfigError error);

// The texts of `waymark explain C102`.
std::span<const dns::CodeRow> config_codes();

// A range of octets in the configuration file.
struct SourceSpan {
  std::uint64_t offset = 0;
  std::size_t length = 1;
};

class ConfigErrors {
 public:
  void add(ConfigError error, SourceSpan at, std::string message, std::string help = "");

  // Sorted by position; errors at one position stay in the order in which they were added. Empties the collector.
  std::vector<dns::Diagnostic> take();

 private:
  std::vector<dns::Diagnostic> found_;
};

// "a, b, c".
std::string list_words(std::span<const std::string_view> words);

// "did you mean listen?", or an empty text if no word is near.
std::string did_you_mean(std::string_view typed, std::span<const std::string_view> words);

}  // namespace server
