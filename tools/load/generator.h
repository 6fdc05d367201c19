// The load generator: sends queries to a name server and counts the replies, the losses and the latencies.
//
//     rate       Query i is due at start + i / rate, independent of the replies (an open loop). The latency counts from
//                the due time. Therefore a stall of the server adds to the latency of every query that had to wait, and
//                not only to one.
//     saturate   A window of queries is always in flight. This finds the highest rate of the server, or of this
//                program.
//
// It uses many source ports, because servers and kernels distribute load by port. A reply counts if its ID is in flight
// on its socket and if it repeats the question. A query without a reply within the timeout is lost. UDP receive times
// are kernel timestamps, so delays in this program do not add to the latency. The result also contains how late this
// program sent its queries. `run_load` starts its own threads and blocks until they end.
#pragma once

#include <array>
#include <chrono>

#include "tools/load/latencies.h"
#include "tools/load/question_list.h"

namespace tools {

inline constexpr std::size_t kMaxPorts = 1024;     // per thread
inline constexpr std::size_t kMaxBurst = 32;       // the kernel's limit for UDP_SEGMENT is 64
inline constexpr std::size_t kMaxInFlight = 4096;  // per socket

// kEach: each query of a burst is sent on its own. kTogether: queries of equal size are sent together (UDP_SEGMENT).
enum class SendMode : std::uint8_t { kEach, kTogether };

struct LoadOptions {
  ServerAddress server;
  Protocol protocol = Protocol::kUdp;
  double rate = 0;  // queries per second, of all threads together; 0: saturate
  std::chrono::nanoseconds duration = std::chrono::seconds(10);
  std::chrono::nanoseconds timeout = std::chrono::seconds(2);
  unsigned threads = 1;
  std::size_t ports = 64;                // UDP sockets or TCP connections per thread
  std::size_t burst = 32;                // UDP: most queries that one port sends at a time
  SendMode send_mode = SendMode::kEach;  // UDP: how a burst is sent
  std::size_t window = 512;              // saturate: queries in flight per thread
  std::size_t per_connection = 0;        // TCP: queries per connection, then a new one is opened; 0: no limit
};

struct LoadResult {
  std::uint64_t sent = 0, answered = 0, lost = 0;
  std::uint64_t unexpected = 0;  // replies that match no query in flight: late, forged, or to another question
  std::uint64_t refused = 0;     // sends that the kernel refused, and connections that failed
  std::uint64_t truncated = 0, octets = 0;  // of the counted replies
  std::array<std::uint64_t, 16> rcodes{};
  Latencies latencies;
  Latencies behind;                    // time from the due time of a query to its transmission
  std::chrono::nanoseconds elapsed{};  // from the start to the last reply, without the wait for lost queries

  void merge(const LoadResult& other);
};

// `questions` must not be empty. The error is a message for the user: the server's name cannot be resolved, or a socket
// cannot be opened.
dns::Result<LoadResult, std::string> run_load(const QuestionList& questions, const LoadOptions& options);

}  // namespace tools
