// The options of replies: sizes, and what the server tells about itself.
#pragma once

#include <cstdint>
#include <string>

#include "zone/message/message.h"

namespace server {

inline constexpr std::size_t kMaxNsid = 128;  // octets; a longer one would leave too little of 512 octets

struct ResponderOptions {
  std::uint16_t udp_size_max = dns::kDefaultUdpSize;  // octets, 512 to 4096
  std::string version;                                // answer to version.bind. CH TXT; empty: REFUSED
  std::string identity;                               // answer to id.server. and hostname.bind. CH TXT; empty: REFUSED
  std::string nsid;                                   // octets of the NSID option, at most kMaxNsid; empty: not sent
};

}  // namespace server
