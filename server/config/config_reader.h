// Reads a configuration text into drafts: TOML, sections, keys, values. Other files check references and combinations
// of keys (rules.h). No I/O. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/config/draft.h"
#include "server/config/options.h"

namespace server {

struct ConfigDraft {
  Options options;  // complete for the sections without rules
  ZonesDraft zones;
  SteeringDraft steering;
  SectionSource server;
};

// The text with asterisks in place of the values of keys named `secret`; the positions of all else stay. The text need
// not be valid.
std::string without_secrets(std::string text);

// Paths in the text are relative to `directory`.
ConfigDraft read_config(std::string_view text, std::string directory, ConfigErrors& errors);

}  // namespace server
