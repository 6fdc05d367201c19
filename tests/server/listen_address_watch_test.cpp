#include <doctest/doctest.h>

#include "server/listen/address_watch.h"

namespace {

using namespace server;

std::string text(const std::vector<AddressWatch::Change>& changes) {
  std::string words;
  for (const AddressWatch::Change& change : changes) words += to_text(change.endpoint) + (change.present ? "+ " : "- ");
  return words;
}

}  // namespace

TEST_CASE("address watch: reports each address that comes or goes once") {
  std::string present = "192.0.2.1:53";
  AddressWatch watch({parse_endpoints("192.0.2.1")->front(), parse_endpoints("192.0.2.2")->front()},
                     [&](const ListenAddress& endpoint) { return present.contains(to_text(endpoint)); });
  CHECK(watch.absent().empty());
  CHECK(text(watch.update()) == "192.0.2.2:53- ");
  CHECK(watch.absent().size() == 1);
  CHECK(text(watch.update()).empty());
  present = "192.0.2.2:53";
  CHECK(text(watch.update()) == "192.0.2.1:53- 192.0.2.2:53+ ");
  CHECK(to_text(watch.absent().front()) == "192.0.2.1:53");
}

TEST_CASE("address watch: this machine has loopback and wildcard addresses, and no documentation address") {
  CHECK(is_local(parse_endpoints("127.0.0.1:1")->front()));
  CHECK(is_local(parse_endpoints("0.0.0.0:1")->front()));
  CHECK(!is_local(parse_endpoints("192.0.2.1:1")->front()));
}
