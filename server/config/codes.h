// The faults of a configuration, by code.
#pragma once

#include "zone/file/diagnostic.h"

namespace server {

enum class ConfigFault : std::uint8_t {
  kSyntax, kUnknownKey, kUnknownSection, kWrongType, kOutOfRange, kNotAWord, kBadAddress, kBadDuration, kBadZoneName, kMissingKey, kZoneTwice,
};

const dns::CodeRow& config_code(ConfigFault fault);

}  // namespace server
