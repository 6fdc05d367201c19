// What the operator decides about sockets: addresses, workers, limits and timeouts of TCP.
#pragma once

#include <chrono>
#include <vector>

#include "server/listen/endpoint.h"

namespace server {

struct TcpOptions {
  std::size_t workers = 1;                         // threads; apart from the UDP workers, which TCP cannot disturb
  std::size_t connections_max = 1000;              // of one worker
  std::size_t connections_per_address = 16;        // an address's share once half of all places are taken
  std::chrono::milliseconds idle_timeout{10'000};  // between whole messages (RFC 7766 6.2.3)
  std::chrono::milliseconds first_timeout{2'000};  // from accept to the first octet
  std::chrono::milliseconds message_timeout{500};  // from a message's first octet to its last; and unwritable at most

  friend bool operator==(const TcpOptions&, const TcpOptions&) = default;
};

// Which worker a datagram goes to.
enum class Spread : std::uint8_t {
  kFlow,  // by hash of addresses and ports: what the kernel does by itself
  kCpu,   // by the CPU that received it: where receive queues are bound to CPUs and there is a worker on each
};

// Which answers of a batch leave in one send (gso_batch.h).
enum class SendTogether : std::uint8_t {
  kPort,  // those to one client's port
  kNone,  // each leaves alone: for paths with a device that damages what is cut behind it, and to measure what it gains
};

// What becomes of an address to answer on that this machine does not have: a virtual one that another router holds now,
// or one that comes later while the system starts.
enum class AbsentAddress : std::uint8_t {
  kFail,  // the start fails: it may be a slip
  kWait,  // it is answered on as soon as it is there (IP_FREEBIND)
};

struct ListenOptions {
  std::vector<Endpoint> addresses;                    // empty: default_addresses()
  std::size_t workers = 0;                            // UDP threads an address; 0: one for each CPU that we may use
  std::size_t receive_buffer = std::size_t{4} << 20;  // octets asked of the kernel for each UDP socket
  Spread spread = Spread::kFlow;
  SendTogether send_together = SendTogether::kPort;
  AbsentAddress absent = AbsentAddress::kFail;
  TcpOptions tcp;
};

// 127.0.0.1:5300: a first start needs no rights and meets no other resolver.
std::vector<Endpoint> default_addresses();

}  // namespace server
