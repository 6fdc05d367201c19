#include <doctest/doctest.h>

#include "server/config/options.h"
#include "server/config/schema.h"

namespace {

// A value that differs from the default of every key.
server::ConfigValue unusual() {
  server::ConfigValue value;
  value.number = 1;
  value.text = "unusual";
  value.texts = {"unusual"};
  value.endpoints = *server::parse_endpoints("192.0.2.1:5353");
  return value;
}

// A reload applies these keys: it searches for the zones again.
bool is_about_zones(std::string_view key) { return key == "zones" || key == "includes" || key == "load-threads"; }

void check_each(std::span<const server::KeyRow<server::Options>> rows) {
  for (const server::KeyRow<server::Options>& row : rows) {
    CAPTURE(std::string(row.key));
    const server::Options running;
    server::Options read;
    server::ConfigValue value = unusual();
    if (std::string_view(row.fallback) == "1") value.number = 2;
    row.set(read, value);
    CHECK(server::needs_restart(running, running).empty());
    CHECK(server::needs_restart(running, read).size() == (is_about_zones(row.key) ? 0 : 1));
  }
}

}  // namespace

TEST_CASE("options: a change of a [server] or [tcp] key needs a restart, except for the keys about zones") {
  check_each(server::server_keys());
  check_each(server::tcp_keys());
}

TEST_CASE("options: changed managed records and zones need no restart, a changed log level needs one") {
  const server::Options running;
  server::Options read;
  read.steering.records.emplace_back();
  CHECK(server::needs_restart(running, read).empty());
  read.store.zones.push_back({.apex = {}, .path = "root"});
  CHECK(server::needs_restart(running, read).empty());
  read.log.level = server::LogLevel::kDebug;
  CHECK((server::needs_restart(running, read) == std::vector<std::string_view>{"[log]"}));
}
