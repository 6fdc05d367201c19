#include <doctest/doctest.h>

#include "server/probe/options.h"

namespace {

using namespace server;

std::string parsed(std::string_view text) {
  const auto host = parse_http_host(text);
  if (!host) return "error: " + host.error();
  CHECK(host->text == text);
  CHECK(host->name.empty() != host->address.is_unspecified());
  return host->name.empty() ? "address " + host->address.to_string() : "name " + host->name;
}

}  // namespace

TEST_CASE("http host: a name or an address, with or without a port") {
  CHECK(parsed("www.example.com") == "name www.example.com");
  CHECK(parsed("www.example.com:8443") == "name www.example.com");
  CHECK(parsed("www.example.com.") == "name www.example.com");
  CHECK(parsed("www.example.com.:443") == "name www.example.com");
  CHECK(parsed("_x.a-b.xn--zckzah") == "name _x.a-b.xn--zckzah");
  CHECK(parsed("1.2.3.example") == "name 1.2.3.example");
  CHECK(parsed(std::string(63, 'a')) == "name " + std::string(63, 'a'));
  CHECK(parsed("192.0.2.1") == "address 192.0.2.1");
  CHECK(parsed("192.0.2.1:65535") == "address 192.0.2.1");
  CHECK(parsed("[2001:db8::1]") == "address 2001:db8::1");
  CHECK(parsed("[2001:db8::1]:1") == "address 2001:db8::1");
  CHECK(parsed("[::ffff:192.0.2.1]") == "address ::ffff:192.0.2.1");
}

TEST_CASE("http host: a text without a name or an address is an error") {
  for (const std::string_view text : {"",
                                      ":",
                                      ":443",
                                      "[]",
                                      "[]:443",
                                      "[",
                                      "]",
                                      "[::1",
                                      "::1",
                                      "2001:db8::1",
                                      "::ffff:192.0.2.1",
                                      "[192.0.2.1]",
                                      "[www.example.com]",
                                      "[fe80::1%1]",
                                      "[::1]443",
                                      "[::1]x:443",
                                      "www.example.com:",
                                      "www.example.com:0",
                                      "www.example.com:65536",
                                      "www.example.com:99999999999999999999",
                                      "www.example.com:+1",
                                      "www.example.com:443:1",
                                      "192.0.2",
                                      "192.0.2.256",
                                      "192.0.2.1.",
                                      "1",
                                      ".",
                                      "..",
                                      ".www",
                                      "www..example",
                                      "www.example..",
                                      "w w",
                                      "www.example.com\r\nX: y",
                                      "www.example.com/",
                                      "user@www.example.com",
                                      "*.example.com",
                                      "b\xc3\xbc"
                                      "cher.example"}) {
    CAPTURE(text);
    CHECK(parsed(text).starts_with("error: `"));
  }
  CHECK(parsed(std::string(64, 'a')).starts_with("error: "));
  CHECK(parsed(std::string_view("a\0b", 3)).starts_with("error: "));
  CHECK(parsed(std::string_view("192.0.2.1\0b", 11)).starts_with("error: "));
  std::string name = "a";
  while (name.size() < 253) name += ".a";
  CHECK(parsed(name) == "name " + name);
  CHECK(parsed(name + ".").starts_with("name "));
  CHECK(parsed(name + ".a").starts_with("error: "));
}

TEST_CASE("http path: begins with a slash and has no spaces or control characters") {
  CHECK(is_http_path("/"));
  CHECK(is_http_path("/a?b=%20c#~"));
  for (const std::string_view text : {"", "a", " /", "/ ", "/a b", "/\r\nX: y", "/\xc3\xbc", "/\x7f"})
    CHECK(!is_http_path(text));
}
