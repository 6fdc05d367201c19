// Questions to a server over UDP and TCP: what `query` and `health` ask with. Plain sockets, one exchange at a time.
//
// Every wait is bounded: an exchange takes at most tries x timeout. A UDP reply is accepted only from the
// queried server (the socket is connected) with the ID and the question of the request; others are counted and ignored.
// The caller repeats a truncated query over TCP if it wants that.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/listen/endpoint.h"
#include "zone/message/message.h"

namespace tools {

inline constexpr std::uint16_t kDefaultPort = 5300;  // where `serve` listens when nothing is said

struct ServerAddress {
  std::string host;  // address or name, without brackets
  std::uint16_t port = 0;

  friend bool operator==(const ServerAddress&, const ServerAddress&) = default;
};

// "192.0.2.1", "192.0.2.1:5300", "[2001:db8::1]:5300", "2001:db8::1", "localhost:5300". Nothing where it is none of
// these.
std::optional<ServerAddress> parse_server(std::string_view text, std::uint16_t default_port);

// Where a server on this machine is to be found: the first address of WAYMARK_LISTEN (an unspecified one is asked at
// the loopback address of its family), else 127.0.0.1:5300. Nothing where the variable is not an address.
std::optional<ServerAddress> local_server();

std::string to_text(const ServerAddress& server);

struct QuestionMessage {
  dns::Name name;
  dns::Type type = dns::Type::A;
  dns::Class klass = dns::Class::IN;
  bool recursion_desired = true;
  bool edns = true;
  bool dnssec_ok = false;
  bool nsid = false;
  std::uint16_t payload = dns::kDefaultUdpSize;
};

// The request as octets, with an id of its own.
std::vector<std::uint8_t> encode(const QuestionMessage& question);

enum class Protocol : std::uint8_t { kUdp, kTcp };

struct ExchangeOptions {
  Protocol protocol = Protocol::kUdp;
  std::chrono::milliseconds timeout{2000};
  unsigned tries = 3;  // UDP; TCP is tried once, the system repeats for itself
};

struct ExchangeResult {
  std::vector<std::uint8_t> reply;
  std::chrono::microseconds duration{};
  Protocol protocol = Protocol::kUdp;
};

// The reply to `request`, or words that say why there is none.
dns::Result<ExchangeResult, std::string> exchange(const ServerAddress& server, dns::Bytes request,
                                                  const ExchangeOptions& options);

}  // namespace tools
