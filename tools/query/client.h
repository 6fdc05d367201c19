// Sends queries over UDP and TCP, for `query` and `health`. Blocking; one exchange at a time.
//
// Every wait is bounded: an exchange takes at most tries x timeout for each address of the server. A UDP reply is
// accepted only from the queried server (the socket is connected) and with the ID and the question of the request;
// other replies are counted and ignored. The caller decides whether to repeat a truncated query over TCP.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/listen/endpoint.h"
#include "zone/message/message.h"

namespace tools {

inline constexpr std::uint16_t kDefaultPort = 5300;  // default of `serve`

struct ServerAddress {
  std::string host;  // address or name, without brackets
  std::uint16_t port = 0;

  friend bool operator==(const ServerAddress&, const ServerAddress&) = default;
};

// Parses "192.0.2.1", "192.0.2.1:5300", "[2001:db8::1]:5300", "2001:db8::1" or "localhost:5300". Nothing if `text` has
// another form.
std::optional<ServerAddress> parse_server(std::string_view text, std::uint16_t default_port);

// The address of the server on this host: the first address of WAYMARK_LISTEN, else 127.0.0.1:5300. A wildcard address
// is replaced by the loopback address of its family. Nothing if the variable is not a valid address.
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

// Encodes the request, with a random ID.
std::vector<std::uint8_t> encode(const QuestionMessage& question);

enum class Protocol : std::uint8_t { kUdp, kTcp };

struct ExchangeOptions {
  Protocol protocol = Protocol::kUdp;
  std::chrono::milliseconds timeout{2000};
  unsigned tries = 3;  // UDP only; over TCP the kernel retransmits
};

struct ExchangeResult {
  std::vector<std::uint8_t> reply;
  std::chrono::microseconds duration{};
  Protocol protocol = Protocol::kUdp;
};

// Sends `request` and returns the reply. The error is a message for the user.
dns::Result<ExchangeResult, std::string> exchange(const ServerAddress& server, dns::Bytes request,
                                                  const ExchangeOptions& options);

// Sends `request` over TCP and calls `on_message` for each message of the reply, until it returns false. The timeout is
// for the connection and for each message. The error is a message for the user.
dns::Result<void, std::string> exchange_stream(const ServerAddress& server, dns::Bytes request,
                                               std::chrono::milliseconds timeout,
                                               const std::function<bool(dns::Bytes)>& on_message);

}  // namespace tools
