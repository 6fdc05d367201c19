// Where the control socket of a server is. A server and its clients come to the same path.
//
//     as configured ([server] control, --control), else control.sock in the state directory, else the first of
//     /run/waymark/control.sock and $XDG_RUNTIME_DIR/waymark/control.sock whose directory can be used
//
// A user other than root has $XDG_RUNTIME_DIR first. A second server of the host has control-PORT.sock beside the first
// one's; its clients must name it. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/runtime/privileges.h"

namespace server {

// Octets: a new socket has ".new" behind its path, and the kernel takes 107 octets.
inline constexpr std::size_t kMaxSocketPath = 103;

// Empty: one of default_socket_paths().
std::string control_path(const std::string& configured, const std::string& state);

// In the order in which they are tried.
std::vector<std::string> default_socket_paths();

// Creates the directory of the first default path where that is possible, for the user that the server changes to. Call
// it before privileges are dropped.
void make_socket_directory(const PrivilegeOptions& privileges);

// The first default path whose directory this process can write to; empty if there is none.
std::string usable_socket_path();

// "/run/waymark/control-5300.sock"
std::string second_socket_path(const std::string& path, std::uint16_t port);

// The first default path where there is a socket, otherwise the first one.
std::string found_socket_path();

}  // namespace server
