// Load on a name server: questions sent at a rate or as fast as they are answered, and what became of each.
//
//     rate       question i is due at start + i / rate, whatever came back so far (an open loop). Its latency counts
//     from the
//                moment it was due, so that a server which stalls pays for all that it kept waiting, not for one
//                question.
//     saturate   a window of questions is always in flight: the highest rate that the server, or this program, can do
//
// Many source ports, because servers and kernels spread load by port. A reply counts where its id is one in flight on
// its socket and it repeats the question; what is not answered in time is lost. Receive times are the kernel's, so that
// this program's own turn does not add to them; how far it ran behind its schedule is reported beside the result.
// `run_load` blocks for the duration; threads are its own.
#pragma once

#include <array>
#include <chrono>

#include "tools/load/latencies.h"
#include "tools/load/question_list.h"

namespace tools {

inline constexpr std::size_t kMaxPorts = 1024;     // of one thread
inline constexpr std::size_t kMaxBurst = 32;       // one send may be cut into 64
inline constexpr std::size_t kMaxInFlight = 4096;  // on one socket

// Whether questions that a port sends at a time leave in one send where they are of equal size (UDP_SEGMENT).
enum class SendMode : std::uint8_t { kEach, kTogether };

struct LoadOptions {
  ServerAddress server;
  Protocol protocol = Protocol::kUdp;
  double rate = 0;  // questions a second in all; 0: saturate
  std::chrono::nanoseconds duration = std::chrono::seconds(10);
  std::chrono::nanoseconds timeout = std::chrono::seconds(2);
  unsigned threads = 1;
  std::size_t ports = 64;                // UDP sockets, or TCP connections, of each thread
  std::size_t burst = 32;                // UDP: questions that one port sends at a time, at most
  SendMode send_mode = SendMode::kEach;  // UDP: how they leave
  std::size_t window = 512;              // saturate: questions in flight of each thread
  std::size_t per_connection = 0;        // TCP: questions after which a connection is closed and opened anew; 0: never
};

struct LoadResult {
  std::uint64_t sent = 0, answered = 0, lost = 0;
  std::uint64_t unexpected = 0;             // replies to nothing in flight: late, forged or of another question
  std::uint64_t refused = 0;                // sends and connections that the kernel turned down
  std::uint64_t truncated = 0, octets = 0;  // of answers
  std::array<std::uint64_t, 16> rcodes{};
  Latencies latencies;
  Latencies behind;                    // how late questions were sent, against their schedule
  std::chrono::nanoseconds elapsed{};  // from the first question to the last answer, the wait for lost ones left out

  void merge(const LoadResult& other);
};

// The error is words for a person: the server's name does not resolve, sockets are not to be had. `questions` is not
// empty.
dns::Result<LoadResult, std::string> run_load(const QuestionList& questions, const LoadOptions& options);

}  // namespace tools
