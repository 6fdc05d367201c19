// The transports: one row for each, with all that the query path must know of it.
//
// A listener marks its requests with the row of its transport. The query path reads the row and compares no transports,
// so a new transport is a row and a Listener (listen/listeners.h). Constants; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace server {

struct Transport {
  // What limits the size of a reply.
  enum class Budget : std::uint8_t {
    kDatagram,  // what the client offers with EDNS, and `udp-size`
    kMessage,   // the largest DNS message
  };

  std::string_view name;  // in messages, in the names of counters, and in the configuration
  std::uint8_t number;    // its place in Counters::queries, and its bit in access rules
  Budget budget;
  bool stream;  // its sockets carry connections, not datagrams

  static const Transport kUdp, kTcp;
};

inline constexpr Transport Transport::kUdp{
    .name = "udp", .number = 0, .budget = Transport::Budget::kDatagram, .stream = false};
inline constexpr Transport Transport::kTcp{
    .name = "tcp", .number = 1, .budget = Transport::Budget::kMessage, .stream = true};

// All rows, by number.
inline constexpr std::array kTransports = {&Transport::kUdp, &Transport::kTcp};

}  // namespace server
