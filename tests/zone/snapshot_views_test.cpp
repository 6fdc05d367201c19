// Prefixes, and the view of a client.
#include <algorithm>

#include <doctest/doctest.h>

#include "tests/support/choices.h"
#include "tests/support/random_names.h"
#include "zone/snapshot/views.h"

namespace dns {
namespace {

using test::address;
using test::view;

TEST_CASE("views: parses and prints prefixes") {
  struct Row {
    std::string_view text, printed;  // `printed` is empty for invalid text
  };
  const Row rows[] = {
      {"10.0.0.0/8", "10.0.0.0/8"},
      {"192.0.2.1", "192.0.2.1"},
      {"192.0.2.1/32", "192.0.2.1"},
      {"0.0.0.0/0", "0.0.0.0/0"},
      {"::/0", "::/0"},
      {"2001:db8::/32", "2001:db8::/32"},
      {"2001:DB8:0::1", "2001:db8::1"},
      {"::ffff:10.0.0.0/104", "10.0.0.0/8"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"10.0.0.1/8", ""},
      {"2001:db8::1/32", ""},
      {"10.0.0.0/33", ""},
      {"::/129", ""},
      {"10.0.0.0/", ""},
      {"10.0.0.0/08", ""},
      {"10.0.0.0/8 ", ""},
      {"10.0.0.0/-1", ""},
      {"10.0.0/8", ""},
      {"", ""},
      {"/8", ""},
      {"10.0.0.0/8/8", ""},
      {"www.example.com", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto prefix = parse_prefix(row.text);
    CHECK(prefix.has_value() == !row.printed.empty());
    if (!prefix) continue;
    CHECK(to_text(*prefix) == row.printed);
    CHECK(parse_prefix(row.printed) == prefix);
  }
}

TEST_CASE("views: contains reports whether a prefix contains an address") {
  struct Row {
    std::string_view prefix, address;
    bool inside;
  };
  const Row rows[] = {
      {"10.0.0.0/8", "10.255.255.255", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"10.0.0.0/8", "::ffff:10.1.2.3", true},
      {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1", "192.0.2.2", false},
      {"0.0.0.0/0", "198.51.100.1", true},
      {"0.0.0.0/0", "2001:db8::1", false},
      {"::/0", "2001:db8::1", true},
      {"::/0", "192.0.2.1", false},
      {"::/0", "::ffff:192.0.2.1", false},
      {"2001:db8::/33", "2001:db8:8000::", false},
      {"2001:db8::/33", "2001:db8:7fff::", true},
      {"172.16.0.0/12", "172.31.0.1", true},
      {"172.16.0.0/12", "172.32.0.1", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.prefix);
    CAPTURE(row.address);
    CHECK(contains(*parse_prefix(row.prefix), address(row.address)) == row.inside);
  }
}

TEST_CASE("views: find returns the first view that lists the client and the local address") {
  const ViewTable views({view("closed", {"10.0.0.0/8", "fd00::/8"}, {"10.1.0.53"}),
                         view("partner", {"10.9.0.0/16", "198.51.100.0/24"}),
                         view("public", {}, {"203.0.113.53", "2001:db8::53"})});
  const auto find = [&](std::string_view client, std::string_view local) {
    return static_cast<int>(views.find(address(client), local.empty() ? Bytes() : Bytes(address(local))));
  };
  CHECK(find("10.9.0.1", "10.1.0.53") == 0);
  CHECK(find("::ffff:10.9.0.1", "::ffff:10.1.0.53") == 0);
  CHECK(find("10.9.0.1", "10.1.0.54") == 1);
  CHECK(find("10.9.0.1", "203.0.113.53") == 1);
  CHECK(find("10.8.0.1", "203.0.113.53") == 2);
  CHECK(find("10.8.0.1", "10.1.0.54") == kNoView);
  CHECK(find("192.0.2.1", "2001:db8::53") == 2);
  CHECK(find("192.0.2.1", "") == kNoView);
  CHECK(find("198.51.100.255", "") == 1);
  CHECK(views.find({}, address("203.0.113.53")) == 2);
}

TEST_CASE("views: the range lookup equals a linear search over all prefixes") {
  test::Random random(20);
  // Few different addresses: prefixes nest, touch and repeat. Some are at the ends of the address space.
  const auto random_address = [&](std::size_t size) {
    std::vector<std::uint8_t> octets(size, test::below(random, 3) == 0 ? 0xff : 0);
    octets[0] = static_cast<std::uint8_t>(test::below(random, 3) * 127);
    octets[1] = static_cast<std::uint8_t>(test::below(random, 4) << 6);
    octets[size - 1] = static_cast<std::uint8_t>(test::below(random, 4));
    return octets;
  };
  const auto random_prefixes = [&] {
    std::vector<Prefix> prefixes;
    for (std::size_t count = test::below(random, 5); count > 0; --count) {
      Prefix prefix{
          .address = {}, .size = static_cast<std::uint8_t>(test::below(random, 2) == 0 ? 4 : 16), .length = 0};
      const std::vector<std::uint8_t> octets = random_address(prefix.size);
      prefix.length = static_cast<std::uint8_t>(test::below(random, prefix.size * 8U + 1));
      for (std::size_t bit = 0; bit < prefix.length; ++bit)
        prefix.address[bit / 8] =
            static_cast<std::uint8_t>(prefix.address[bit / 8] | (octets[bit / 8] & (0x80U >> bit % 8)));
      prefixes.push_back(prefix);
    }
    return prefixes;
  };
  const auto lists = [](const std::vector<Prefix>& list, Bytes octets) {
    return list.empty() || std::ranges::any_of(list, [&](const Prefix& prefix) { return contains(prefix, octets); });
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<View> views;
    for (std::size_t count = test::below(random, round == 0 ? 1 : 8); count > 0; --count)
      views.push_back({"v", random_prefixes(), random_prefixes()});
    if (round % 50 == 7) views.resize(kMaxViews, {"v", random_prefixes(), {}});
    const ViewTable table(views);
    for (int question = 0; question < 60; ++question) {
      const std::vector<std::uint8_t> client = random_address(test::below(random, 2) == 0 ? 4 : 16);
      const std::vector<std::uint8_t> local = random_address(test::below(random, 2) == 0 ? 4 : 16);
      std::size_t expected = 0;
      while (expected < views.size() &&
             !(lists(views[expected].clients, client) && lists(views[expected].local, local)))
        ++expected;
      CHECK(table.find(client, local) == (expected == views.size() ? kNoView : expected));
    }
  }
}

}  // namespace
}  // namespace dns
