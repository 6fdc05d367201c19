#include "tools/query/server_choice.h"

#include <algorithm>

#include <fmt/format.h>

namespace tools {
namespace {

constexpr std::string_view kOperand = "@ADDR[:PORT]";
constexpr std::string_view kAbout = "Server to ask: an address or a host name";

using Chosen = dns::Result<ServerAddress, std::string>;

Chosen named_server(const std::string& word, std::optional<std::uint16_t> port) {
  const std::string_view typed = std::string_view(word).substr(1);
  const auto server = parse_server(typed, 0);
  if (!server)
    return dns::Failure(
        fmt::format("`{}` is not the address of a server; expected @ADDR, @ADDR:PORT or @[IPV6]:PORT", word));
  if (server::lacks_interface(server->host))
    return dns::Failure(
        fmt::format("`{}` is a link-local address; write it with its interface: @{}%eth0", word, server->host));
  if (server->port == 0) return ServerAddress{server->host, port.value_or(server::kDnsPort)};
  if (port && *port != server->port)
    return dns::Failure(fmt::format("two different ports: `{}` and -p {}", word, *port));
  return *server;
}

void add_port(CommandLine& line, std::optional<std::uint16_t>& port) {
  line.option("-p,--port", port, "PORT", "Port of the server")
      .range(1, 65535)
      .fallback("53 with @ADDR, else that of the default server");
}

}  // namespace

void add_server_options(CommandLine& line, std::optional<std::uint16_t>& port) {
  line.row(kOperand, kAbout).fallback("127.0.0.1:5300").show_env("WAYMARK_LISTEN");
  add_port(line, port);
}

void add_server_operand(CommandLine& line, std::vector<std::string>& words, std::optional<std::uint16_t>& port) {
  line.operand(words, kOperand, kAbout).fallback("127.0.0.1:5300").show_env("WAYMARK_LISTEN");
  add_port(line, port);
}

Chosen take_server(std::vector<std::string>& words, std::optional<std::uint16_t> port) {
  const auto named =
      std::ranges::stable_partition(words, [](const std::string& word) { return !word.starts_with('@'); });
  const std::vector<std::string> servers(named.begin(), named.end());
  words.erase(named.begin(), named.end());
  if (servers.size() > 1) return dns::Failure(fmt::format("two servers: `{}` and `{}`", servers[0], servers[1]));
  if (!servers.empty()) return named_server(servers.front(), port);
  auto local = local_server();
  if (!local) return dns::Failure(std::string("WAYMARK_LISTEN is not a list of ADDR:PORT"));
  local->port = port.value_or(local->port);
  return *local;
}

}  // namespace tools
