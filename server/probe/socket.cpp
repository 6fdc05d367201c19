#include "server/probe/socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace server {
namespace {

using boost::system::error_code;
namespace ip = boost::asio::ip;

error_code last_error() { return {errno, boost::system::system_category()}; }

error_code set_integer(int socket, int level, int option, int value) {
  return ::setsockopt(socket, level, option, &value, sizeof value) == 0 ? error_code() : last_error();
}

// Sets the options that must be set before the first packet.
template <class Socket>
error_code apply_options(Socket& socket, const CheckOptions& check) {
  const int handle = socket.native_handle();
  ::fcntl(handle, F_SETFD, FD_CLOEXEC);
  if (!check.device.empty() && ::setsockopt(handle, SOL_SOCKET, SO_BINDTODEVICE, check.device.c_str(),
                                            static_cast<socklen_t>(check.device.size() + 1)) != 0)
    return last_error();
  error_code error;
  if (check.monitor.dscp != 0) {
    const int octet = traffic_class(check.monitor.dscp);
    error = check.target.is_v4() ? set_integer(handle, IPPROTO_IP, IP_TOS, octet)
                                 : set_integer(handle, IPPROTO_IPV6, IPV6_TCLASS, octet);
  }
  if (!error && !check.source.is_unspecified()) socket.bind({check.source, 0}, error);
  return error;
}

template <class Protocol>
Protocol protocol_of(const ip::address& address) {
  return address.is_v4() ? Protocol::v4() : Protocol::v6();
}

}  // namespace

error_code open_for(ip::tcp::socket& socket, const CheckOptions& check) {
  error_code error;
  socket.open(protocol_of<ip::tcp>(check.target), error);
  if (!error) socket.non_blocking(true, error);
  return error ? error : apply_options(socket, check);
}

error_code open_for(ip::udp::socket& socket, const CheckOptions& check, std::uint16_t port) {
  error_code error;
  socket.open(protocol_of<ip::udp>(check.target), error);
  if (!error) error = apply_options(socket, check);
  if (!error) socket.connect({check.target, port}, error);
  if (!error) socket.non_blocking(true, error);
  return error;
}

}  // namespace server
