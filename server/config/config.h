// waymark.toml to Options: strict, and every fault at once.
//
//     [server] [tcp] [log] [[zone]]                                                 the server
//     [steering] [vrrp.NAME] [monitor.NAME] [link.NAME] [sla.NAME] [view.NAME] [[answer]]      what is steered
//
// An unknown key, a wrong type, a value out of range, a name that nothing has, keys that contradict each other: an error at its
// line and column, with the nearest word that would have been right: a misspelt limit that is silently ignored is found on the
// day it is needed. The keys are a table (schema.h). Paths are relative to the configuration file. Faults have the look and the
// format of those of zone files; codes C1xx to C3xx (rules/codes.h). No I/O but through `reader`. Any thread.
#pragma once

#include <chrono>
#include <optional>

#include "server/config/options.h"
#include "server/rules/codes.h"
#include "zone/diagnostic/diagnostic.h"

namespace server {

// Where an answer and its members stand in the file, by their indices in SteeringOptions.
struct AnswerMarks {
  Mark at;                      // of the answer's name
  std::vector<Mark> members;
};

struct LoadedConfig {
  Options options;        // what was understood; not to be used where there were errors
  dns::Sources sources;   // what the diagnostics point into
  std::vector<AnswerMarks> answers;
};

// The error is why the file cannot be opened; all else goes to `diagnostics`. A link in use is in error once it is past its date,
// on the day that is given: a check asks for that, a server does not, since a date must not end a service.
dns::Result<LoadedConfig, std::string> load_config(std::string_view path, dns::SourceReader& reader, dns::Diagnostics& diagnostics,
                                                   std::optional<std::chrono::year_month_day> today = std::nullopt);

}  // namespace server
