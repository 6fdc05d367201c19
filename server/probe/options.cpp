#include "server/probe/options.h"

#include <algorithm>

#include <fmt/format.h>

#include "zone/base/ascii.h"

namespace server {
namespace {

using dns::Failure;

constexpr std::size_t kMaxLabelSize = 63, kMaxNameSize = 253;
constexpr unsigned kMaxPort = 65'535;

bool is_port(std::string_view text) {
  unsigned port = 0;
  for (const char digit : text) {
    if (!dns::is_digit(digit) || port > kMaxPort) return false;
    port = port * 10 + static_cast<unsigned>(digit - '0');
  }
  return port >= 1 && port <= kMaxPort;
}

bool is_visible(char c) { return c > 0x20 && c < 0x7f; }

bool is_host_label(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabelSize && std::ranges::all_of(label, [](char c) {
    return dns::is_letter(c) || dns::is_digit(c) || c == '-' || c == '_';
  });
}

// A last label of digits alone would make the name a malformed IPv4 address.
bool is_host_name(std::string_view name) {
  if (name.size() > kMaxNameSize) return false;
  std::string_view label;
  for (std::size_t begin = 0; begin <= name.size(); begin += label.size() + 1) {
    label = name.substr(begin, std::min(name.find('.', begin), name.size()) - begin);
    if (!is_host_label(label)) return false;
  }
  return !std::ranges::all_of(label, dns::is_digit);
}

}  // namespace

dns::Result<HttpHost, std::string> parse_http_host(std::string_view text) {
  if (!std::ranges::all_of(text, is_visible))  // of 192.0.2.1 with an octet 0, make_address_v4 sees the address alone
    return Failure(fmt::format("`{}` contains spaces or characters outside ASCII", text));
  boost::system::error_code error;
  HttpHost host{.text = std::string(text), .name = {}, .address = {}};
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = std::min(text.find(']'), text.size());
    host.address = boost::asio::ip::make_address_v6(std::string(text.substr(1, end - 1)), error);
    if (error || end == text.size() || host.address.to_v6().scope_id() != 0)
      return Failure(fmt::format("`{}` is not an IPv6 address in brackets", text));
    port = text.substr(end + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (text.find(':', colon + 1) < text.size())
      return Failure(fmt::format("`{}` has two colons; an IPv6 address needs brackets", text));
    std::string_view name = text.substr(0, colon);
    port = text.substr(colon);
    host.address = boost::asio::ip::make_address_v4(std::string(name), error);
    if (error) {
      if (name.ends_with('.')) name.remove_suffix(1);
      if (!is_host_name(name)) return Failure(fmt::format("`{}` is not a host name or an address", name));
      host.name = name;
    }
  }
  if (!port.empty() && (!port.starts_with(':') || !is_port(port.substr(1))))
    return Failure(fmt::format("`{}` is not a port after a colon", port));
  return host;
}

bool is_http_path(std::string_view text) { return text.starts_with('/') && std::ranges::all_of(text, is_visible); }

}  // namespace server
