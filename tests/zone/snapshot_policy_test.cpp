// Access rules, and the policies of zones in snapshots.
#include <algorithm>
#include <map>

#include <doctest/doctest.h>

#include "tests/support/choices.h"
#include "tests/support/random_names.h"
#include "tests/support/zone_from_text.h"
#include "zone/answer/answer.h"
#include "zone/build/builder.h"
#include "zone/snapshot/policy.h"

namespace dns {
namespace {

using test::address;
using Action = AccessRule::Action;

constexpr std::uint8_t kQueries = 1U << static_cast<unsigned>(Operation::kQuery),
                       kTransfers = 1U << static_cast<unsigned>(Operation::kTransfer);

AccessRule rule(Action action, std::initializer_list<std::string_view> clients, std::uint8_t transports = 0,
                std::uint8_t operations = kQueries) {
  return {.action = action,
          .clients = test::view("rule", clients).clients,
          .transports = transports,
          .operations = operations};
}

bool allows(const ZonePolicy& policy, Operation operation, std::string_view client, std::uint8_t transport = 0) {
  const std::vector<std::uint8_t> octets = client.empty() ? std::vector<std::uint8_t>() : address(client);
  return policy.allows(operation, {.address = octets, .transport = transport});
}

// The meaning of rules, word for word.
bool expected(const std::vector<AccessRule>& rules, Operation operation, Bytes client, std::uint8_t transport) {
  const unsigned asked = static_cast<unsigned>(operation);
  bool otherwise = operation == Operation::kQuery;
  for (const AccessRule& each : rules) {
    if ((each.operations >> asked & 1) == 0) continue;
    if (each.action == Action::kAllow) otherwise = false;
    const bool listed = each.clients.empty() || std::ranges::any_of(each.clients, [&](const Prefix& prefix) {
                          return contains(prefix, client);
                        });
    if (listed && (each.transports == 0 || (each.transports >> transport & 1) != 0))
      return each.action == Action::kAllow;
  }
  return otherwise;
}

std::shared_ptr<const ZonePolicy> policy_with(std::initializer_list<std::string_view> clients) {
  return std::make_shared<const ZonePolicy>(std::vector{rule(Action::kAllow, clients)});
}

}  // namespace

TEST_CASE("policy: the first rule that matches decides; without one, queries are allowed if no rule allows some") {
  const ZonePolicy office({rule(Action::kDeny, {"10.9.0.0/16", "2001:db8:9::/48"}),
                           rule(Action::kAllow, {"10.0.0.0/8"}),
                           rule(Action::kAllow, {"192.0.2.7"}, 0b10, kTransfers)});
  CHECK(allows(office, Operation::kQuery, "10.8.0.1"));
  CHECK(allows(office, Operation::kQuery, "::ffff:10.8.0.1"));
  CHECK_FALSE(allows(office, Operation::kQuery, "10.9.0.1"));
  CHECK_FALSE(allows(office, Operation::kQuery, "192.0.2.7"));
  CHECK_FALSE(allows(office, Operation::kQuery, "2001:db8::1"));
  CHECK_FALSE(allows(office, Operation::kQuery, ""));
  CHECK(allows(office, Operation::kTransfer, "192.0.2.7", 1));
  CHECK_FALSE(allows(office, Operation::kTransfer, "192.0.2.7", 0));
  CHECK_FALSE(allows(office, Operation::kTransfer, "10.8.0.1", 1));

  const ZonePolicy blocked({rule(Action::kDeny, {"10.9.0.0/16"}), rule(Action::kAllow, {}, 0, kTransfers)});
  CHECK(allows(blocked, Operation::kQuery, "192.0.2.1"));
  CHECK_FALSE(allows(blocked, Operation::kQuery, "10.9.0.1"));
  CHECK(allows(blocked, Operation::kTransfer, "10.9.0.1"));

  CHECK(is_allowed(nullptr, Operation::kQuery, {}));
  CHECK_FALSE(is_allowed(nullptr, Operation::kTransfer, {}));
}

TEST_CASE("policy: random rules decide as their definition, up to the largest number of rules") {
  test::Random random(8945);
  const std::string_view prefixes[] = {"0.0.0.0/0",    "10.0.0.0/8", "10.9.0.0/16",   "10.9.1.0/24", "10.9.1.1",
                                       "192.0.2.0/31", "::/0",       "2001:db8::/32", "2001:db8::1", "255.255.255.255"};
  const std::string_view clients[] = {"10.9.1.1",  "10.9.1.2",    "10.9.2.1",    "10.1.0.0", "192.0.2.1",
                                      "192.0.2.2", "2001:db8::1", "2001:db8::2", "::",       "255.255.255.255"};
  for (int round = 0; round < 200; ++round) {
    std::vector<AccessRule> rules(round == 0 ? kMaxAccessRules : 1 + test::below(random, 6));
    for (AccessRule& each : rules) {
      each.action = test::below(random, 2) == 0 ? Action::kAllow : Action::kDeny;
      for (std::size_t i = test::below(random, 4); i > 0; --i)
        each.clients.push_back(*parse_prefix(prefixes[test::below(random, std::size(prefixes))]));
      each.transports = static_cast<std::uint8_t>(test::below(random, 4));
      each.operations = static_cast<std::uint8_t>(1 + test::below(random, 3));
    }
    const ZonePolicy policy(rules);
    for (const std::string_view client : clients)
      for (const Operation operation : {Operation::kQuery, Operation::kTransfer})
        for (const std::uint8_t transport : {std::uint8_t{0}, std::uint8_t{1}}) {
          CAPTURE(client);
          REQUIRE(allows(policy, operation, client, transport) ==
                  expected(rules, operation, address(client), transport));
        }
  }
}

TEST_CASE("policy: a snapshot finds the policy with the zone, and old snapshots keep theirs") {
  test::Random random(20261130);
  std::vector<Name> apexes;
  for (int i = 0; i < 12; ++i) apexes.push_back(test::random_name(random, 3));
  struct Version {
    std::shared_ptr<const Snapshot> snapshot;
    std::shared_ptr<const ZonePolicies> policies;
  };
  std::vector<Version> versions{{Snapshot::of({}), nullptr}};
  for (int round = 0; round < 200; ++round) {
    Version next = versions.back();
    if (test::below(random, 3) == 0) {
      std::vector<std::pair<Name, ZonePolicies::Policy>> zones;
      for (const Name& apex : apexes)
        if (test::below(random, 2) == 0 &&
            std::ranges::none_of(zones, [&](const auto& zone) { return zone.first == apex; }))
          zones.emplace_back(apex, policy_with({"10.0.0.0/8"}));
      next.policies = test::below(random, 4) == 0
                          ? nullptr
                          : std::make_shared<const ZonePolicies>(
                                std::move(zones), test::below(random, 2) == 0 ? nullptr : policy_with({"::/0"}));
    }
    std::vector<std::shared_ptr<const Zone>> added;
    std::vector<Name> removed;
    for (std::size_t i = test::below(random, 5); i > 0; --i)
      added.push_back(ZoneBuilder(apexes[test::below(random, apexes.size())]).finish().zone);
    if (test::below(random, 3) == 0) removed.push_back(apexes[test::below(random, apexes.size())]);
    // Now and then from an older version: it starts a new storage.
    const Version& from = test::below(random, 10) == 0 ? versions.front() : versions.back();
    next.snapshot = from.snapshot->with(added, removed, nullptr, next.policies);
    versions.push_back(next);
    if (versions.size() > 4) versions.erase(versions.begin());
    for (const Version& version : versions) {
      REQUIRE(version.snapshot->policies() == version.policies);
      for (const auto& zone : version.snapshot->zones()) {
        const Key key(zone->apex());
        Snapshot::ZoneRequest request{&key};
        version.snapshot->find_all({&request, 1});
        const ZonePolicy* const policy = version.policies == nullptr ? nullptr : version.policies->find(zone->apex());
        REQUIRE(request.entry.policy == policy);
        REQUIRE(version.snapshot->find_entry(key).policy == policy);
      }
    }
  }
}

TEST_CASE("policy: a CNAME chain ends before a zone that the client may not query") {
  const auto snapshot = Snapshot::of({test::zone_of("open.",
                                                    "@ SOA ns.open. a. 1 1 1 1 1\n@ NS ns.open.\n"
                                                    "www CNAME host.closed.\nmail CNAME host.other.\n"),
                                      test::zone_of("closed.",
                                                    "@ SOA ns.open. a. 1 1 1 1 1\n@ NS ns.open.\n"
                                                    "host A 192.0.2.1\n"),
                                      test::zone_of("other.",
                                                    "@ SOA ns.open. a. 1 1 1 1 1\n@ NS ns.open.\n"
                                                    "host A 192.0.2.2\n")});
  std::vector<std::pair<Name, ZonePolicies::Policy>> zones{{test::name_of("closed."), policy_with({"10.0.0.0/8"})}};
  const auto with = snapshot->with({}, {}, nullptr, std::make_shared<const ZonePolicies>(std::move(zones), nullptr));
  const auto records = [&](std::string_view name, std::string_view client) {
    const std::vector<std::uint8_t> octets = address(client);
    const ClientInfo asker{.address = octets};
    const Name owner = test::name_of(name);
    Answer answer;
    solve(*with, {owner, Type::A, Class::IN}, {.dnssec_ok = false, .client = &asker}, answer);
    return answer.count;
  };
  CHECK(records("www.open.", "10.0.0.1") == 2);
  CHECK(records("www.open.", "192.0.2.1") == 1);
  CHECK(records("mail.open.", "192.0.2.1") == 2);
}

}  // namespace dns
