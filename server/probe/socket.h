// Opens sockets for probes with the source address, device and DSCP of a check.
//
// No privileges are needed (SO_BINDTODEVICE on an unbound socket: Linux 5.7).
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include "server/probe/options.h"

namespace server {

boost::system::error_code open_for(boost::asio::ip::tcp::socket& socket, const CheckOptions& check);
// Connected: receives only the target's packets, and its ICMP errors as socket errors.
boost::system::error_code open_for(boost::asio::ip::udp::socket& socket, const CheckOptions& check, std::uint16_t port);

// The octet of the IP header that carries a DSCP: its upper six bits (RFC 2474).
inline int traffic_class(std::uint8_t dscp) { return dscp << 2; }

}  // namespace server
