// Why a server cannot start, in words, with the ways out.
#pragma once

#include <string>

#include "server/listen/socket.h"

namespace server {

struct StartFault {
  enum class Kind : std::uint8_t {
    kAddressInUse, kNotPermitted, kAddress, kPrivileges, kState, kNoZones, kConfiguration, kSystem
  } kind{};
  std::string message;   // "cannot listen on 127.0.0.53:53 (udp): Address already in use"
  std::string help;      // what to do about it, lines apart by '\n'; may be empty
};

StartFault start_fault(const SocketFault& fault);

}  // namespace server
