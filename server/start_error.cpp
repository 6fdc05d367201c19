#include "server/start_error.h"

#include <cerrno>
#include <system_error>

namespace server {
namespace {

using Kind = StartError::Kind;

constexpr std::uint16_t kFirstUnprivilegedPort = 1024;

// The stub resolver of systemd-resolved listens there. Then a wildcard address cannot use port 53 either.
bool meets_the_stub_resolver(const ListenAddress& endpoint) {
  return endpoint.port == kDnsPort && (is_wildcard(endpoint) || address_text(endpoint) == "127.0.0.53");
}

std::string help_in_use(const SocketError& error) {
  const std::string port = std::to_string(error.endpoint.port);
  std::string help =
      std::string("see which program uses it: ss -lpn") + error.transport->name.front() + " 'sport = :" + port + "'";
  if (meets_the_stub_resolver(error.endpoint)) {
    help +=
        "\nsystemd-resolved uses 127.0.0.53:53 on many systems: listen on an address of this machine (--listen "
        "192.0.2.1:53),"
        "\nor set DNSStubListener=no in /etc/systemd/resolved.conf and restart systemd-resolved";
  }
  return help + "\nor listen on another port: --listen 127.0.0.1:5300";
}

std::string help_not_permitted(const SocketError& error) {
  if (error.endpoint.port >= kFirstUnprivilegedPort) return {};
  const std::string port = std::to_string(error.endpoint.port);
  return "ports below 1024 need a privilege; one of these gives it:"
         "\n  sudo setcap cap_net_bind_service=+ep \"$(command -v waymark)\""
         "\n  sudo sysctl net.ipv4.ip_unprivileged_port_start=" +
         port +
         "\n  start as root with a user to change to: --user waymark"
         "\nor listen on a high port: --listen 127.0.0.1:5300";
}

}  // namespace

StartError to_start_error(const SocketError& error) {
  StartError words;
  words.message = "cannot listen on " + to_text(error.endpoint) + " (" + std::string(error.transport->name) +
                  "): " + std::generic_category().message(error.code);
  switch (error.code) {
    case EADDRINUSE:
      words.kind = Kind::kAddressInUse;
      words.help = help_in_use(error);
      break;
    case EACCES:
    case EPERM:
      words.kind = Kind::kNotPermitted;
      words.help = help_not_permitted(error);
      break;
    case EADDRNOTAVAIL:
      words.kind = Kind::kAddress;
      words.help = "this machine has no address " + address_text(error.endpoint) +
                   " (see: ip address); absent-addresses = \"wait\" in [server] waits for it";
      break;
    case ENODEV:
      words.kind = Kind::kAddress;
      words.help = "this machine has no interface " + error.endpoint.interface + " (see: ip link)";
      break;
    case EAFNOSUPPORT:
      words.kind = Kind::kAddress;
      words.help = "this machine has no " + std::string(error.endpoint.address_size == 16 ? "IPv6" : "IPv4");
      break;
    default:
      words.kind = Kind::kSystem;
      words.message += " (" + std::string(error.call) + ")";
      break;
  }
  return words;
}

StartError no_thread(const std::string& what, const std::string& why) {
  return {.kind = Kind::kSystem,
          .message = "cannot start a " + what + " thread: " + why,
          .help = "raise the limit of processes and threads: ulimit -u, TasksMax= in systemd, pids.max of a container"};
}

}  // namespace server
