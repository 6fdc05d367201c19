// waymark.toml to Options: strict, and every fault at once.
//
//     [server]  listen, workers, user ...     [tcp]  limits and timeouts     [log]  level, format     [[zone]]  name, file
//
// An unknown key, a wrong type or a value out of range is an error at its line and column, with the nearest word that would
// have been right: a misspelt limit that is silently ignored is found on the day it is needed. The keys are a table
// (schema.h). Paths are relative to the configuration file. Faults have the look and the format of those of zone files; codes C1xx.
// No I/O but through `reader`. Any thread.
#pragma once

#include "server/config/options.h"
#include "zone/file/diagnostic.h"

namespace server {

struct LoadedConfig {
  Options options;        // what was understood; not to be used where there were errors
  dns::Sources sources;   // what the diagnostics point into
};

// The error is why the file cannot be opened; all else goes to `diagnostics`.
dns::Result<LoadedConfig, std::string> load_config(std::string_view path, dns::SourceReader& reader, dns::Diagnostics& diagnostics);

// What `waymark explain C102` tells.
std::span<const dns::CodeRow> config_codes();

}  // namespace server
