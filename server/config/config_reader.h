// From the text of a configuration to drafts: TOML, sections, keys, values. What they refer to and whether they agree
// is for network_rules.h and record_rules.h. No I/O. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/config/draft.h"
#include "server/config/options.h"

namespace server {

struct ConfigDraft {
  Options options;  // of the sections that need no rules: complete
  std::vector<ZoneDraft> zones;
  SteeringDraft steering;
};

// Paths in it are relative to `directory`.
ConfigDraft read_config(std::string_view text, std::string directory, ConfigErrors& errors);

}  // namespace server
