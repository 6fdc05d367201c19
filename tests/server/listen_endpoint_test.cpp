#include <net/if.h>
#include <netinet/in.h>

#include <doctest/doctest.h>

#include "server/listen/endpoint.h"
#include "server/listen/socket.h"

TEST_CASE("endpoint: parses addresses and ports, rejects invalid text") {
  struct Row {
    const char *text, *endpoints;
  };
  static constexpr Row rows[] = {
      {"192.0.2.1", "192.0.2.1:53"},
      {"192.0.2.1:5300", "192.0.2.1:5300"},
      {"192.0.2.1@5300", "192.0.2.1:5300"},
      {"2001:db8::1", "[2001:db8::1]:53"},
      {"[2001:db8::1]", "[2001:db8::1]:53"},
      {"[2001:db8::1]:0", "[2001:db8::1]:0"},
      {"2001:db8::1@5300", "[2001:db8::1]:5300"},
      {"*", "0.0.0.0:53 [::]:53"},
      {"*:5300", "0.0.0.0:5300 [::]:5300"},
      {"::", "[::]:53"},
      {"", "the address is empty"},
      {"localhost", "not an IPv4 or IPv6 address"},
      {"192.0.2.256", "not an IPv4 or IPv6 address"},
      {"192.0.2.1.", "not an IPv4 or IPv6 address"},
      {":53", "not an IPv4 or IPv6 address"},
      {"192.0.2.1:", "the port must be a number from 0 to 65535"},
      {"192.0.2.1:65536", "the port must be a number from 0 to 65535"},
      {"192.0.2.1:-1", "the port must be a number from 0 to 65535"},
      {"192.0.2.1:53x", "the port must be a number from 0 to 65535"},
      {"[2001:db8::1", "write an IPv6 address with a port as [2001:db8::1]:53"},
      {"[fe80::1%eth0]", "[fe80::1%eth0]:53"},
      {"[fe80::1%eth0]:5300", "[fe80::1%eth0]:5300"},
      {"fe80::1%eth0", "[fe80::1%eth0]:53"},
      {"fe80::1%3@5300", "[fe80::1%3]:5300"},
      {"[febf::1%br-lan.7]", "[febf::1%br-lan.7]:53"},
      {"fe80::1", "write a link-local address with its interface: [fe80::1%eth0]:53"},
      {"[fe80::1]:53", "write a link-local address with its interface: [fe80::1%eth0]:53"},
      {"[fe80::1%]", "not the name of an interface behind %: write [fe80::1%eth0]:53"},
      {"fe80::1%eth0:53", "not the name of an interface behind %: write [fe80::1%eth0]:53"},
      {"[fe80::1%a%b]", "not the name of an interface behind %: write [fe80::1%eth0]:53"},
      {"[fe80::1%a b]", "not the name of an interface behind %: write [fe80::1%eth0]:53"},
      {"[fe80::1%sixteen-octets-x]", "not the name of an interface behind %: write [fe80::1%eth0]:53"},
      {"[2001:db8::1%eth0]", "only a link-local address (fe80::/10) has an interface behind %"},
      {"192.0.2.1%eth0", "only a link-local address (fe80::/10) has an interface behind %"},
      {"[fe80::g%eth0]", "not an IPv4 or IPv6 address"},
      {"[2001:db8::1]53", "write an IPv6 address with a port as [2001:db8::1]:53"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto parsed = server::parse_endpoints(row.text);
    std::string shown;
    if (!parsed) shown = server::describe(parsed.error());
    else
      for (const server::ListenAddress& endpoint : *parsed)
        shown += (shown.empty() ? "" : " ") + server::to_text(endpoint);
    CHECK(shown == row.endpoints);
  }
}

TEST_CASE("endpoint: converts to sockaddr_storage and back") {
  for (const char* text : {"192.0.2.1:5300", "[2001:db8::1]:53", "0.0.0.0:0", "[::]:65535"}) {
    const auto parsed = server::parse_endpoints(text);
    sockaddr_storage address;
    CHECK(server::to_sockaddr(parsed->front(), address) > 0);
    CHECK(server::to_text({server::to_endpoint(&address), {}}) == text);
  }
}

TEST_CASE("endpoint: a link-local address becomes an address with the index of its interface") {
  sockaddr_storage address;
  const std::string index = std::to_string(::if_nametoindex("lo"));
  for (const std::string& interface : {std::string("lo"), index}) {
    CHECK(server::to_sockaddr(server::parse_endpoints("fe80::1%" + interface)->front(), address) > 0);
    CHECK(std::to_string(reinterpret_cast<const sockaddr_in6&>(address).sin6_scope_id) == index);
  }
  for (const char* absent : {"fe80::1%no-such-one", "fe80::1%4000000000", "fe80::1%0", "fe80::1%1x"})
    CHECK(server::to_sockaddr(server::parse_endpoints(absent)->front(), address) == 0);
}

TEST_CASE("endpoint: detects wildcard and loopback addresses") {
  CHECK(server::is_wildcard(server::parse_endpoints("0.0.0.0")->front()));
  CHECK(server::is_wildcard(server::parse_endpoints("::")->front()));
  CHECK_FALSE(server::is_wildcard(server::parse_endpoints("::1")->front()));
  CHECK(server::is_loopback(server::parse_endpoints("::1")->front()));
  CHECK(server::is_loopback(server::parse_endpoints("127.9.9.9")->front()));
  CHECK_FALSE(server::is_loopback(server::parse_endpoints("1.0.0.127")->front()));
}

TEST_CASE("endpoint: finds two endpoints that cannot both be bound") {
  struct Row {
    std::vector<const char*> texts;
    const char* found;
  };
  const Row rows[] = {
      {{"192.0.2.1:53", "192.0.2.2:53", "192.0.2.1:54", "[2001:db8::1]:53"}, ""},
      {{"192.0.2.1:53", "192.0.2.2:53", "192.0.2.1:53"}, "192.0.2.1:53 and 192.0.2.1:53"},
      {{"*:53", "192.0.2.1:53"}, "0.0.0.0:53 and 192.0.2.1:53"},
      {{"[fe80::1%a]:53", "[fe80::1%b]:53", "[fe80::2%a]:53"}, ""},
      {{"[fe80::1%a]:53", "[fe80::1%a]:53"}, "[fe80::1%a]:53 and [fe80::1%a]:53"},
      {{"[2001:db8::1]:53", "[::]:53"}, "[2001:db8::1]:53 and [::]:53"},
      {{"0.0.0.0:53", "[::1]:53"}, ""},
      {{"127.0.0.1:0", "127.0.0.1:0"}, ""},
  };
  for (const Row& row : rows) {
    std::vector<server::ListenAddress> endpoints;
    for (const char* text : row.texts) {
      const auto parsed = server::parse_endpoints(text);
      endpoints.insert(endpoints.end(), parsed->begin(), parsed->end());
    }
    CHECK(server::overlapping(endpoints) == row.found);
  }
}
