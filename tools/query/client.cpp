#include "tools/query/client.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>

#include <fmt/format.h>

#include "zone/message/reader.h"

namespace tools {
namespace {

using Clock = std::chrono::steady_clock;

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

std::string system_words(int error) { return std::strerror(error); }

dns::Result<Addresses, std::string> resolve(const ServerAddress& server, int socket_type) {
  addrinfo hints{};
  hints.ai_socktype = socket_type;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(server.host.c_str(), std::to_string(server.port).c_str(), &hints, &found);
  if (failed != 0) return dns::Failure(std::string(::gai_strerror(failed)));
  return Addresses(found);
}

// Waits for `events`. False if the deadline passes first.
bool wait_for(int descriptor, short events, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd waited{descriptor, events, 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

constexpr std::string_view kNoReply = "no reply in time";

std::string with_mismatches(const std::string& why, unsigned mismatches) {
  if (mismatches == 0) return why;
  return fmt::format("{}; ignored {} to another question", why,
                     mismatches == 1 ? "a reply" : fmt::format("{} replies", mismatches));
}

dns::Result<std::vector<std::uint8_t>, std::string> over_udp(const addrinfo& to, dns::Bytes request,
                                                             const ExchangeOptions& options) {
  const Socket socket(::socket(to.ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0 || ::connect(socket.get(), to.ai_addr, to.ai_addrlen) != 0)
    return dns::Failure(system_words(errno));
  std::vector<std::uint8_t> reply(dns::kMaxMessage);
  std::string why(kNoReply);
  unsigned mismatches = 0;  // replies to other questions
  for (unsigned attempt = 0; attempt < options.tries; ++attempt) {
    const auto deadline = Clock::now() + options.timeout;
    if (::send(socket.get(), request.data(), request.size(), 0) < 0) why = system_words(errno);
    while (wait_for(socket.get(), POLLIN, deadline)) {
      const ssize_t size = ::recv(socket.get(), reply.data(), reply.size(), 0);
      if (size < 0 && errno == ECONNREFUSED) return dns::Failure(system_words(errno));
      if (size < 0) continue;
      if (!dns::is_reply_to(request, dns::Bytes(reply).first(static_cast<std::size_t>(size)))) {
        ++mismatches;
        continue;
      }
      reply.resize(static_cast<std::size_t>(size));
      return reply;
    }
  }
  return dns::Failure(with_mismatches(why, mismatches));
}

// Sends or receives all of `left`; `move` is send or recv with its flags. Returns an error message if that fails.
template <class Span, class Move>
std::optional<std::string> transfer(int descriptor, Span left, short events, Clock::time_point deadline, Move move) {
  while (!left.empty()) {
    if (!wait_for(descriptor, events, deadline)) return std::string(kNoReply);
    const ssize_t moved = move(descriptor, left.data(), left.size());
    if (moved == 0) return "connection closed by the server";
    if (moved < 0 && errno != EAGAIN && errno != EINTR) return system_words(errno);
    if (moved > 0) left = left.subspan(static_cast<std::size_t>(moved));
  }
  return std::nullopt;
}

std::optional<std::string> connect_in_time(int descriptor, const addrinfo& to, Clock::time_point deadline) {
  if (::connect(descriptor, to.ai_addr, to.ai_addrlen) == 0) return std::nullopt;
  if (errno != EINPROGRESS) return system_words(errno);
  if (!wait_for(descriptor, POLLOUT, deadline)) return std::string(kNoReply);
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 ? std::nullopt : std::optional(system_words(error));
}

// A connection that carries messages with their lengths (RFC 1035 4.2.2).
class Connection {
 public:
  using Message = dns::Result<std::vector<std::uint8_t>, std::string>;

  // Connects and sends `request`. Returns an error message if that fails.
  std::optional<std::string> begin(const addrinfo& to, dns::Bytes request, Clock::time_point deadline) {
    socket_.emplace(::socket(to.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket_->get() < 0) return system_words(errno);
    if (auto fault = connect_in_time(socket_->get(), to, deadline)) return fault;
    std::vector<std::uint8_t> framed(2 + request.size());
    dns::store16(framed.data(), static_cast<std::uint16_t>(request.size()));
    std::ranges::copy(request, framed.begin() + 2);
    const auto send = [](int to_socket, const std::uint8_t* from, std::size_t size) {
      return ::send(to_socket, from, size, MSG_NOSIGNAL);
    };
    return transfer(socket_->get(), dns::Bytes(framed), POLLOUT, deadline, send);
  }
  Message receive(Clock::time_point deadline) {
    const auto receive = [](int from, std::uint8_t* to_buffer, std::size_t size) {
      return ::recv(from, to_buffer, size, 0);
    };
    std::array<std::uint8_t, 2> length{};
    if (auto fault = transfer(socket_->get(), dns::MutableBytes(length), POLLIN, deadline, receive))
      return dns::Failure(*fault);
    std::vector<std::uint8_t> reply(dns::load16(length.data()));
    if (auto fault = transfer(socket_->get(), dns::MutableBytes(reply), POLLIN, deadline, receive))
      return dns::Failure(*fault);
    return reply;
  }

 private:
  std::optional<Socket> socket_;
};

constexpr const char* kOtherQuestion = "the reply belongs to another question";

Connection::Message over_tcp(const addrinfo& to, dns::Bytes request, const ExchangeOptions& options) {
  const auto deadline = Clock::now() + options.timeout;
  Connection connection;
  if (auto fault = connection.begin(to, request, deadline)) return dns::Failure(*fault);
  auto reply = connection.receive(deadline);
  if (reply && !dns::is_reply_to(request, *reply)) return dns::Failure(std::string(kOtherQuestion));
  return reply;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (fault != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

std::optional<ServerAddress> parse_server(std::string_view text, std::uint16_t default_port) {
  std::string_view host = text, port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    host = text.substr(1, close - 1);
    port = text.substr(close + 1);
    if (!port.empty() && port.front() != ':') return std::nullopt;
  } else if (std::ranges::count(text, ':') == 1) {
    host = text.substr(0, text.find(':'));
    port = text.substr(text.find(':'));
  }
  if (host.empty()) return std::nullopt;
  if (port.empty()) return ServerAddress{std::string(host), default_port};
  const auto number = parse_port(port.substr(1));
  if (!number) return std::nullopt;
  return ServerAddress{std::string(host), *number};
}

std::optional<ServerAddress> local_server() {
  const char* variable = std::getenv("WAYMARK_LISTEN");
  if (variable == nullptr || *variable == '\0') return ServerAddress{"127.0.0.1", kDefaultPort};
  const std::string_view list = variable;
  const auto endpoints = server::parse_endpoints(list.substr(0, list.find(',')));
  if (!endpoints) return std::nullopt;
  const server::ListenAddress& first = endpoints->front();
  const std::string_view loopback = first.address_size == 4 ? "127.0.0.1" : "::1";
  return ServerAddress{server::is_wildcard(first) ? std::string(loopback) : server::address_text(first), first.port};
}

std::string to_text(const ServerAddress& server) {
  const bool colons = server.host.contains(':');
  return fmt::format("{}{}{}:{}", colons ? "[" : "", server.host, colons ? "]" : "", server.port);
}

std::vector<std::uint8_t> encode(const QuestionMessage& question) {
  constexpr std::uint16_t kNsidOption = 3;
  std::vector<std::uint8_t> out;
  const auto put16 = [&out](std::uint16_t value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8));
    out.push_back(static_cast<std::uint8_t>(value));
  };
  std::random_device random;
  put16(static_cast<std::uint16_t>(random()));
  put16(question.recursion_desired ? dns::Flag::kRd : 0);
  put16(1);
  put16(0);
  put16(0);
  put16(question.edns ? 1 : 0);
  const dns::Bytes name = question.name.view().bytes();
  out.insert(out.end(), name.begin(), name.end());
  put16(static_cast<std::uint16_t>(question.type));
  put16(static_cast<std::uint16_t>(question.klass));
  if (!question.edns) return out;
  out.push_back(0);
  put16(static_cast<std::uint16_t>(dns::Type::OPT));
  put16(question.payload);
  put16(0);  // extended rcode and version
  put16(question.dnssec_ok ? 0x8000 : 0);
  put16(question.nsid ? 4 : 0);
  if (question.nsid) {
    put16(kNsidOption);
    put16(0);
  }
  return out;
}

dns::Result<ExchangeResult, std::string> exchange(const ServerAddress& server, dns::Bytes request,
                                                  const ExchangeOptions& options) {
  const bool tcp = options.protocol == Protocol::kTcp;
  const auto addresses = resolve(server, tcp ? SOCK_STREAM : SOCK_DGRAM);
  if (!addresses) return dns::Failure(addresses.error());
  const auto start = Clock::now();
  std::string why;
  for (const addrinfo* to = addresses->get(); to != nullptr; to = to->ai_next) {
    auto reply = tcp ? over_tcp(*to, request, options) : over_udp(*to, request, options);
    if (reply) {
      const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
      return ExchangeResult{std::move(*reply), duration, options.protocol};
    }
    why = reply.error();
  }
  return dns::Failure(why);
}

dns::Result<void, std::string> exchange_stream(const ServerAddress& server, dns::Bytes request,
                                               std::chrono::milliseconds timeout,
                                               const std::function<bool(dns::Bytes)>& on_message) {
  const auto addresses = resolve(server, SOCK_STREAM);
  if (!addresses) return dns::Failure(addresses.error());
  Connection connection;
  std::optional<std::string> fault;
  for (const addrinfo* to = addresses->get(); to != nullptr; to = to->ai_next)
    if (fault = connection.begin(*to, request, Clock::now() + timeout); !fault) break;
  if (fault) return dns::Failure(*fault);
  for (bool first = true;; first = false) {
    const auto reply = connection.receive(Clock::now() + timeout);
    if (!reply) return dns::Failure(reply.error());
    // Only the first message must have the question (RFC 5936 2.2.2).
    const bool belongs =
        first ? dns::is_reply_to(request, *reply)
              : reply->size() >= dns::kHeaderSize && dns::equal(request.first(2), dns::Bytes(*reply).first(2));
    if (!belongs) return dns::Failure(std::string(kOtherQuestion));
    if (!on_message(*reply)) return {};
  }
}

}  // namespace tools
