// Bytes and a client in, a reply out: the one way to an answer, whatever the transport. Couriers in listen/ call it.
//
//     parse -> gate (cookie, rate and access have their place here) -> opcode -> solve -> render -> finish (NSID, EDE, counters)
//
// One responder a worker: it owns the scratch space of a query (an Answer, the batch's lookups) and its counters. It
// allocates when made and never after; nothing here locks, logs or throws.
#pragma once

#include <string>

#include "server/observe/counters.h"
#include "zone/answer/render.h"

namespace server {

enum class Transport : std::uint8_t { kUdp, kTcp };

// A client's or our own address: IPv4 as four octets, IPv6 as sixteen.
struct Endpoint {
  std::array<std::uint8_t, 16> address{};
  std::uint8_t address_size = 0;       // 4 or 16
  std::uint16_t port = 0;
};

struct Inbound {
  dns::Bytes bytes;
  Endpoint client;
  Transport transport = Transport::kUdp;
};

struct ResponderOptions {
  std::uint16_t udp_size_max = dns::kDefaultUdpSize;  // octets, 512 to 4096
  std::string version;                 // answer to version.bind. CH TXT; empty: REFUSED
  std::string identity;                // answer to id.server. and hostname.bind. CH TXT; empty: REFUSED
  std::string nsid;                    // octets of the NSID option; empty: not sent
};

class Responder {
 public:
  Responder(const ResponderOptions& options, Counters& counters);

  // Writes the reply into `out` (65,535 octets on TCP; at least udp_size_max on UDP) and returns its size; 0: say nothing.
  std::size_t respond(const Inbound& inbound, const dns::Snapshot& snapshot, dns::MutableBytes out);

  struct Slot {
    Inbound inbound;
    dns::MutableBytes out;
    std::size_t size = 0;              // set: octets of the reply, 0 for silence
  };
  // The same for a batch: parses all, descends for all with prefetch, then answers each.
  void respond(std::span<Slot> batch, const dns::Snapshot& snapshot);

 private:
  const ResponderOptions& options_;
  Counters& counters_;
  dns::Answer answer_;
};

}  // namespace server
