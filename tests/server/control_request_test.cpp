#include <algorithm>
#include <cstdlib>

#include <doctest/doctest.h>

#include "server/control/request.h"
#include "server/control/socket_path.h"

namespace {

std::string error_of(std::string_view line) {
  const auto request = server::parse_request(line);
  return request ? "" : request.error();
}

}  // namespace

TEST_CASE("control request: parses command, subject, for and as") {
  const auto request =
      server::parse_request(R"({"command":"drain","subject":["isp-a","*:via-b"],"for":600,"as":"down"})");
  REQUIRE(request);
  CHECK(request->command == server::Command::kDrain);
  CHECK(request->subjects == std::vector<std::string>{"isp-a", "*:via-b"});
  CHECK(request->duration == std::chrono::seconds(600));
  CHECK(request->as == "down");
}

TEST_CASE("control request: parses the output of to_line to the same request") {
  const server::Request requests[] = {
      {.command = server::Command::kStatus},
      {.command = server::Command::kStatus, .subjects = {"www.example.com"}},
      {.command = server::Command::kExplain,
       .subjects = {"www.example.com"},
       .type = "A",
       .client = "10.0.0.1",
       .view = "closed",
       .local = "192.0.2.1"},
      {.command = server::Command::kReload},
      {.command = server::Command::kEvents, .follow = true, .count = 7},
      {.command = server::Command::kSimulate, .subjects = {"isp-a", "lan-gw"}},
      {.command = server::Command::kFailover,
       .subjects = {"www.example.com/A@closed"},
       .member = "via-b",
       .duration = std::chrono::seconds(1)},
      {.command = server::Command::kDrain, .subjects = {"isp-a"}, .as = "up"},
      {.command = server::Command::kFreeze, .subjects = {"*"}, .undo = true},
  };
  for (const server::Request& request : requests) {
    const auto again = server::parse_request(server::to_line(request));
    REQUIRE(again);
    CHECK(*again == request);
  }
}

TEST_CASE("control request: rejects an invalid request and suggests the nearest word") {
  CHECK(error_of("") == "not a JSON object");
  CHECK(error_of("[]") == "not a JSON object");
  CHECK(error_of("{\"command\":\"status\"") == "not a JSON object");
  CHECK(error_of("{}") == "`command` is missing: give a string");
  CHECK(error_of(R"({"command":"statsu"})") == "unknown command `statsu`; did you mean `status`?");
  CHECK(error_of(R"({"command":"freeze","subject":"*","undi":true})") == "unknown key `undi`; did you mean `undo`?");
  CHECK(error_of(R"({"command":"status","undo":true})") == "unknown key `undo`");
  CHECK(error_of(R"({"command":"freeze","subject":"*","undo":1})") == "`undo` must be true or false");
  CHECK(error_of(R"({"command":"freeze","subject":7})") == "`subject` must be a string");
  CHECK(error_of(R"({"command":"freeze","subject":"*","for":0})") == "`for` must be a whole number from 1 to 31622400");
  CHECK(error_of(R"({"command":"freeze","subject":"*","for":-5})") ==
        "`for` must be a whole number from 1 to 31622400");
  CHECK(error_of(R"({"command":"freeze","subject":"*","for":1e9})") ==
        "`for` must be a whole number from 1 to 31622400");
  CHECK(error_of(R"({"command":"drain","subject":"a","as":"off"})") == "`as` must be drain, down or up");
  CHECK(error_of(std::string(server::kMaxRequestLine + 1, ' ')) == "longer than 65536 octets");
}

TEST_CASE("control request: rejects 60000 nested brackets") {
  CHECK(error_of(std::string(60'000, '[')) == "not a JSON object");
}

TEST_CASE("control socket: as configured, in the state directory, or in one of the default directories") {
  CHECK(server::control_path("/run/x.sock", "/var/lib/waymark") == "/run/x.sock");
  CHECK(server::control_path("", "/var/lib/waymark") == "/var/lib/waymark/control.sock");
  CHECK(server::control_path("", "").empty());
  CHECK(server::second_socket_path("/run/waymark/control.sock", 5300) == "/run/waymark/control-5300.sock");
  const char* const before = std::getenv("XDG_RUNTIME_DIR");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
  const auto paths = server::default_socket_paths();
  REQUIRE(paths.size() == 2);
  CHECK(std::ranges::find(paths, "/run/waymark/control.sock") != paths.end());
  CHECK(std::ranges::find(paths, "/run/user/7/waymark/control.sock") != paths.end());
  ::setenv("XDG_RUNTIME_DIR", ("/" + std::string(200, 'x')).c_str(), 1);
  CHECK(server::default_socket_paths() == std::vector<std::string>{"/run/waymark/control.sock"});
  if (before == nullptr) ::unsetenv("XDG_RUNTIME_DIR");
  else ::setenv("XDG_RUNTIME_DIR", kept.c_str(), 1);
}
