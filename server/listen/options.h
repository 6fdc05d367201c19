// The options of the listeners: addresses, workers, limits and timeouts of TCP.
#pragma once

#include <chrono>
#include <vector>

#include "server/listen/endpoint.h"

namespace server {

struct TcpOptions {
  std::size_t workers = 1;                   // threads, besides the UDP workers
  std::size_t connections_max = 1000;        // of one worker
  std::size_t connections_per_address = 16;  // the limit for one address when more than half of all places are taken
  std::chrono::milliseconds idle_timeout{10'000};  // between whole messages (RFC 7766 6.2.3)
  std::chrono::milliseconds first_timeout{2'000};  // from accept to the first octet
  // From the first octet of a message to its last; also without progress in sending.
  std::chrono::milliseconds message_timeout{500};

  friend bool operator==(const TcpOptions&, const TcpOptions&) = default;
};

// How the kernel selects the worker for a datagram.
enum class SocketSelection : std::uint8_t {
  kFlow,  // by a hash of addresses and ports, the kernel's default
  kCpu,   // by the CPU that received it, if receive queues are bound to CPUs and each has a worker
};

// Which answers of a batch leave in one send (gso_batch.h).
enum class GsoGrouping : std::uint8_t {
  kPort,  // answers to one client's port
  kNone,  // none: for paths with a device that damages segmented datagrams, and for measurements
};

// What to do with a listen address that this machine does not have: a virtual address that another router has now, or
// one that is configured later while the system starts.
enum class AbsentAddress : std::uint8_t {
  kFail,  // the start fails: it may be a mistake
  kWait,  // the server answers on it as soon as it exists (IP_FREEBIND)
};

struct ListenOptions {
  std::vector<ListenAddress> addresses;  // empty: default_addresses()
  std::size_t workers = 0;               // UDP threads for each address; 0: one for each CPU of this process
  std::size_t receive_buffer = std::size_t{4} << 20;  // octets, requested from the kernel for each UDP socket
  SocketSelection spread = SocketSelection::kFlow;
  GsoGrouping send_together = GsoGrouping::kPort;
  AbsentAddress absent = AbsentAddress::kFail;
  TcpOptions tcp;
};

// 127.0.0.1:5300: needs no privileges and does not conflict with a resolver.
std::vector<ListenAddress> default_addresses();

}  // namespace server
