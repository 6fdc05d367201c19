// Why a server cannot start, as a text for the operator, and what to do about it.
#pragma once

#include <string>

#include "server/listen/socket.h"

namespace server {

struct StartError {
  enum class Kind : std::uint8_t {
    kAddressInUse,
    kNotPermitted,
    kAddress,
    kPrivileges,
    kState,
    kNoZones,
    kConfiguration,
    kSystem
  } kind{};
  std::string message;  // "cannot listen on 127.0.0.53:53 (udp): Address already in use"
  std::string help;     // what to do about it, lines separated by '\n'; may be empty
};

StartError to_start_error(const SocketError& error);
// For start_thread's error `why`: "cannot start a store thread: Resource temporarily unavailable".
StartError no_thread(const std::string& what, const std::string& why);

}  // namespace server
