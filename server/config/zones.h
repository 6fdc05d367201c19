// What the zones say against a configuration's answers: findings of server/steering/managed.h, at the place of the answer.
// Pure; any thread.
#pragma once

#include "server/config/config.h"
#include "zone/snapshot/snapshot.h"

namespace server {

// `snapshot` holds the zones that the configuration names, as loaded.
void check_against_zones(const LoadedConfig& config, const dns::Snapshot& snapshot, dns::Diagnostics& diagnostics);

}  // namespace server
