// What a start on this host would meet: `check_start`.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "server/config/config.h"
#include "server/probe/probe.h"
#include "server/zonefiles/files.h"

namespace server {
namespace {

void check_user(const LoadedConfig& config, ConfigErrors& errors) {
  const PrivilegeOptions& privileges = config.options.privileges;
  const auto identity = find_identity({privileges.user, {}});
  if (!identity) errors.add(ConfigError::kNoSuchUser, config.server.value_span("user"), identity.error());
  const auto group = find_identity({{}, privileges.group});
  if (!group) errors.add(ConfigError::kNoSuchUser, config.server.value_span("group"), group.error());
}

// True if the mode of the directory lets the server create files in it after it has dropped its capabilities.
bool may_write(const struct stat& directory, const NewIdentity& identity) {
  if (!identity.user) return true;  // unknown: the server may run as another user than this process
  if (directory.st_uid == *identity.user) return (directory.st_mode & S_IWUSR) != 0;
  if (identity.group && directory.st_gid == *identity.group) return (directory.st_mode & S_IWGRP) != 0;
  return (directory.st_mode & S_IWOTH) != 0;
}

// Empty if the state directory can be used or created, as far as this process can see.
std::string state_fault(const std::string& state, const PrivilegeOptions& privileges) {
  const auto identity = find_identity(privileges);
  struct stat status{};
  const bool exists = ::stat(state.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) return errno == EACCES ? "" : state + ": " + std::strerror(errno);
  if (exists && !S_ISDIR(status.st_mode)) return state + " is not a directory";
  const std::string parent = directory_of(state);
  if (!exists && ::stat(parent.c_str(), &status) != 0)
    return errno == ENOENT ? state + " cannot be created: there is no directory " + parent : "";
  if (!identity || may_write(status, *identity)) return {};
  return "user " + privileges.user + " cannot " + (exists ? "write to " : "create ") + state;
}

}  // namespace

void check_start(const LoadedConfig& config, OtherZones other_zones, dns::Diagnostics& diagnostics) {
  ConfigErrors errors;
  const Options& options = config.options;
  if (options.store.paths.empty() && options.store.zones.empty() && other_zones == OtherZones::kNone)
    errors.add(ConfigError::kNoZones, config.server.at, "no zones to serve",
               "add to [server]: zones = [\"/etc/waymark/zones\"]");
  check_user(config, errors);
  if (const std::string fault = options.state.empty() ? "" : state_fault(options.state, options.privileges);
      !fault.empty())
    errors.add(ConfigError::kStateUnusable, config.server.value_span("state"), fault);
  for (const LocalMonitor& monitor : config.local_monitors) {
    std::string fault;
    if (monitor.options.kind == ProbeKind::kExec) {
      fault = program_fault(monitor.options);
    } else if (const auto result = read_state_file(monitor.options, std::chrono::system_clock::now());
               result.outcome == Outcome::kUnknown) {
      fault = result.detail;
    }
    if (!fault.empty())
      errors.add(ConfigError::kCannotRun, monitor.at, "monitor " + monitor.options.name + " gives no result: " + fault);
  }
  for (dns::Diagnostic& fault : errors.take()) diagnostics.add(std::move(fault));
}

}  // namespace server
