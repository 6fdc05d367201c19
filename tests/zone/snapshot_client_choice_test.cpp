// Client choices: encode, decode and the choice of a variant.
#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "tests/support/choices.h"
#include "tests/support/random_names.h"
#include "zone/snapshot/client_choice.h"

namespace dns {
namespace {

using test::address;
using test::address_set;
using test::arm_of;
using test::view;

std::string text(const RrsetView& set) {
  std::string out;
  for (const Bytes rdata : set) {
    if (!out.empty()) out += ' ';
    Prefix whole{.address = {},
                 .size = static_cast<std::uint8_t>(rdata.size()),
                 .length = static_cast<std::uint8_t>(rdata.size() * 8)};
    std::ranges::copy(rdata, whole.address.begin());
    out += to_text(whole);
  }
  return out.empty() ? "nodata" : out;
}

ClientChoice random_plan(test::Random& random) {
  ClientChoice plan;
  for (std::size_t count = 1 + test::below(random, 5); count > 0; --count) {
    Rrset set(Type::A, static_cast<std::uint32_t>(test::below(random, 300)));
    for (std::size_t records = test::below(random, 4); records > 0; --records)
      set.add(std::vector<std::uint8_t>{192, 0, 2, static_cast<std::uint8_t>(random())});
    plan.variants.push_back(std::move(set));
  }
  for (std::uint8_t view = 0; view < kMaxViews + 1; ++view) {
    if (test::below(random, 8) != 0) continue;
    ViewRule arm{
        .view = view == kMaxViews ? kNoView : view, .sticky = static_cast<Sticky>(test::below(random, 2)), .slots = {}};
    for (std::uint8_t& slot : arm.slots) slot = static_cast<std::uint8_t>(test::below(random, plan.variants.size()));
    plan.rules.push_back(arm);
  }
  return plan;
}

TEST_CASE("client choice: decode returns the encoded client choice") {
  test::Random random(30);
  for (int round = 0; round < 300; ++round) {
    const ClientChoice plan = random_plan(random);
    const Rrset choice = encode(plan);
    CHECK(choice.view().packed_size() == choice.packed.size());
    const auto again = decode(choice.view(), Type::A);
    REQUIRE(again);
    CHECK(*again == plan);
  }
}

TEST_CASE("client choice: decode returns the encoded client choice of maximum size") {
  ClientChoice plan;
  for (std::size_t i = 0; i < kMaxVariants; ++i) {
    Rrset set(Type::AAAA, 60);
    std::vector<std::uint8_t> octets(16, static_cast<std::uint8_t>(i));
    for (std::uint8_t last = 0; last < 60; ++last) {
      octets[15] = last;
      set.add(octets);
    }
    plan.variants.push_back(set);
  }
  for (std::uint8_t view = 0; view < kMaxViews; ++view) plan.rules.push_back(arm_of(view, view));
  plan.rules.push_back(arm_of(kNoView, kMaxVariants - 1));
  const Rrset choice = encode(plan);
  CHECK(choice.packed.size() > 65535);
  CHECK(decode(choice.view(), Type::AAAA) == plan);
  const auto client = address("192.0.2.1");
  CHECK(Rrset(choose_rrset(choice.view(), Type::AAAA, {.address = client}).set) == plan.variants.back());
}

TEST_CASE("client choice: decode rejects damaged data, or returns another valid client choice") {
  test::Random random(31);
  const ClientChoice plan = random_plan(random);
  const Rrset choice = encode(plan);
  // The RDATA lengths are not damaged. They belong to the RRset, and its reader has checked them.
  for (const Bytes rdata : choice.view())
    for (const std::uint8_t& octet : rdata) {
      Rrset damaged = choice;
      std::uint8_t& hit = damaged.packed[static_cast<std::size_t>(&octet - choice.packed.data())];
      hit = static_cast<std::uint8_t>(hit ^ 0x80);
      const auto read = decode(damaged.view(), Type::A);
      if (read) CHECK(encode(*read) == damaged);  // another valid client choice
    }
  Rrset other = choice;
  other.type = Type::A;
  CHECK(!decode(other.view(), Type::A));
  Rrset empty(kClientChoiceType, 0);
  CHECK(!decode(empty.view(), Type::A));
}

TEST_CASE("client choice: the view selects the rule; without a rule the result is NODATA") {
  const ViewTable views(
      {view("closed", {"10.0.0.0/8"}), view("partner", {"198.51.100.0/24"}), view("lab", {"203.0.113.0/24"})});
  ClientChoice plan{.variants = {address_set({"10.0.0.1"}), address_set({"192.0.2.1"}), address_set({})},
                    .rules = {arm_of(2, 2), arm_of(0, 0), arm_of(kNoView, 1)}};
  const auto chosen = [&](std::string_view client, const ViewTable* table) {
    const Rrset choice = encode(plan);
    const auto octets = client.empty() ? std::vector<std::uint8_t>() : address(client);
    return text(choose_rrset(choice.view(), Type::A, {.address = octets, .views = table}).set);
  };
  CHECK(chosen("10.2.3.4", &views) == "10.0.0.1");
  CHECK(chosen("::ffff:10.2.3.4", &views) == "10.0.0.1");
  CHECK(chosen("10.2.3.4", nullptr) == "192.0.2.1");
  CHECK(chosen("198.51.100.1", &views) == "192.0.2.1");
  CHECK(chosen("192.0.2.77", &views) == "192.0.2.1");
  CHECK(chosen("203.0.113.77", &views) == "nodata");
  CHECK(chosen("", &views) == "192.0.2.1");
  plan.rules.pop_back();
  CHECK(chosen("10.2.3.4", &views) == "10.0.0.1");
  CHECK(chosen("198.51.100.1", &views) == "nodata");
  CHECK(chosen("192.0.2.77", &views) == "nodata");
}

TEST_CASE("client choice: a query without a client address gets the first slot") {
  ClientChoice plan{.variants = {address_set({"192.0.2.1"}), address_set({"192.0.2.2"})},
                    .rules = {arm_of(kNoView, 1)}};
  plan.rules[0].slots[0] = 0;
  CHECK(text(choose_rrset(encode(plan).view(), Type::A, {}).set) == "192.0.2.1");
}

TEST_CASE("client choice: 10,000 clients match the weights within 2 percent, and sticky clients keep their slot") {
  const std::vector<std::uint64_t> keys = {member_key("via-a"), member_key("via-b")};
  const Slots dealt = test::dealt(std::vector<std::uint32_t>{70, 30}, keys);
  test::Random random(32);
  for (const Sticky sticky : {Sticky::kClient, Sticky::kNone}) {
    for (const std::size_t size : {4U, 16U}) {
      const ClientChoice plan{.variants = {address_set({"192.0.2.1"}), address_set({"192.0.2.2"})},
                              .rules = {{.view = kNoView, .sticky = sticky, .slots = dealt}}};
      const Rrset choice = encode(plan);
      int first = 0;
      for (int question = 0; question < 10000; ++question) {
        std::vector<std::uint8_t> client(size);
        for (std::uint8_t& octet : client) octet = static_cast<std::uint8_t>(random());
        const ClientInfo client_info{
            .address = client, .local = {}, .salt = static_cast<std::uint32_t>(random()), .views = nullptr};
        const ChosenRrset chosen = choose_rrset(choice.view(), Type::A, client_info);
        first += chosen.variant == 0 ? 1 : 0;
        client[size == 4 ? 3 : 6] ^= 0x5a;  // another client in the same prefix, with another salt
        const ClientInfo neighbour{.address = client, .local = {}, .salt = client_info.salt + 1, .views = nullptr};
        if (sticky == Sticky::kClient) CHECK(choose_rrset(choice.view(), Type::A, neighbour).slot == chosen.slot);
      }
      CHECK(std::abs(first - 7000) < 200);
    }
  }
}

TEST_CASE("client choice: neighbouring prefixes are spread over all slots") {
  // Consecutive prefixes, as in real networks. Each slot expects 256 prefixes, with a standard deviation of 16.
  for (const std::string_view base : {"10.0.0.0", "2001:db8::"}) {
    std::array<int, kChoiceSlots> clients{};
    std::vector<std::uint8_t> client = address(base);
    for (std::uint32_t i = 0; i < 65536; ++i) {
      store16(client.data() + (client.size() == 4 ? 1 : 4), static_cast<std::uint16_t>(i));
      ++clients[slot_of(Sticky::kClient, {.address = client})];
    }
    double chi_square = 0;
    for (const int count : clients) chi_square += (count - 256.0) * (count - 256.0) / 256.0;
    CAPTURE(chi_square);
    CHECK(chi_square < 350);  // 255 degrees of freedom: probability 1 in 15,000
    CHECK(chi_square > 170);  // a lower value would be suspiciously even
  }
}

TEST_CASE("client choice: the slot of a sticky client does not depend on restarts or machines") {
  struct Row {
    std::string_view client;
    std::size_t slot;
  };
  const Row rows[] = {{"192.0.2.1", 190},
                      {"::ffff:192.0.2.255", 190},
                      {"198.51.100.7", 219},
                      {"2001:db8::1", 115},
                      {"2001:db8:1::1", 131}};
  for (const Row& row : rows) {
    CAPTURE(row.client);
    const auto client = address(row.client);
    CHECK(slot_of(Sticky::kClient, {.address = client}) == row.slot);
  }
}

}  // namespace
}  // namespace dns
