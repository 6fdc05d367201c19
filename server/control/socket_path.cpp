#include "server/control/socket_path.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "server/zonefiles/files.h"

namespace server {
namespace {

constexpr std::string_view kSocketName = "control.sock";
constexpr mode_t kDirectoryMode = 0755;  // the socket's own mode decides who may connect

}  // namespace

std::string control_path(const std::string& configured, const std::string& state) {
  return configured.empty() && !state.empty() ? join_path(state, kSocketName) : configured;
}

std::vector<std::string> default_socket_paths() {
  std::vector<std::string> directories{"/run/waymark"};
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime == '/')
    directories.insert(::getuid() == 0 ? directories.end() : directories.begin(), std::string(runtime) + "/waymark");
  std::vector<std::string> paths;
  for (const std::string& directory : directories) {
    paths.push_back(join_path(directory, kSocketName));
    if (paths.back().size() > kMaxSocketPath) paths.pop_back();
  }
  return paths;
}

void make_socket_directory(const PrivilegeOptions& privileges) {
  const auto identity = find_identity(privileges);
  if (!identity) return;  // dropping the privileges reports it
  for (const std::string& path : default_socket_paths()) {
    const std::string directory = directory_of(path);
    if (::mkdir(directory.c_str(), kDirectoryMode) != 0) {
      if (errno == EEXIST) return;
      continue;
    }
    if (identity->user || identity->group)
      (void)!::chown(directory.c_str(), identity->user.value_or(static_cast<uid_t>(-1)),
                     identity->group.value_or(static_cast<gid_t>(-1)));
    return;
  }
}

std::string usable_socket_path() {
  for (std::string& path : default_socket_paths())
    if (::access(directory_of(path).c_str(), W_OK | X_OK) == 0) return std::move(path);
  return {};
}

std::string second_socket_path(const std::string& path, std::uint16_t port) {
  return join_path(directory_of(path), "control-" + std::to_string(port) + ".sock");
}

std::string found_socket_path() {
  const std::vector<std::string> paths = default_socket_paths();
  const auto found = std::ranges::find_if(paths, [](const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
  });
  return found != paths.end() ? *found : paths.front();
}

}  // namespace server
