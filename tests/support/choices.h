// Short functions that make choices for tests.
#pragma once

#include <initializer_list>

#include "zone/field/address.h"
#include "zone/snapshot/change.h"
#include "zone/snapshot/client_choice.h"

namespace dns::test {

inline std::vector<std::uint8_t> address(std::string_view text) {
  std::vector<std::uint8_t> octets(4);
  if (parse_ipv4(text, octets.data())) return octets;
  octets.resize(16);
  require(parse_ipv6(text, octets.data()).has_value(), "a test's address is well-formed");
  return octets;
}

// An address set. Its type follows from the addresses; without addresses it is `none`.
inline Rrset address_set(std::initializer_list<std::string_view> addresses, std::uint32_t ttl = 60,
                         Type none = Type::A) {
  Rrset set(none, ttl);
  for (const std::string_view text : addresses) {
    const std::vector<std::uint8_t> octets = address(text);
    set.type = octets.size() == 4 ? Type::A : Type::AAAA;
    set.add(octets);
  }
  return set;
}

inline View view(std::string name, std::initializer_list<std::string_view> clients,
                 std::initializer_list<std::string_view> local = {}) {
  View made{.name = std::move(name), .clients = {}, .local = {}};
  for (const std::string_view text : clients) made.clients.push_back(*parse_prefix(text));
  for (const std::string_view text : local) made.local.push_back(*parse_prefix(text));
  return made;
}

// Slots with these weights, for members that are all healthy.
inline Slots dealt(std::span<const std::uint32_t> weights, std::span<const std::uint64_t> keys) {
  std::vector<WeightedMember> shares;
  for (std::size_t i = 0; i < weights.size(); ++i) shares.push_back({keys[i], weights[i], weights[i]});
  return assign_slots(shares);
}

// A rule that gives all of its clients one variant.
inline ViewRule arm_of(std::uint8_t view, std::uint8_t variant) {
  ViewRule arm{.view = view, .sticky = Sticky::kClient, .slots = {}};
  arm.slots.fill(variant);
  return arm;
}

inline ViewRule arm_of(std::uint8_t view, const Slots& slots) {
  return {.view = view, .sticky = Sticky::kClient, .slots = slots};
}

// The change that adds a choice to `owner`'s set of `type` and replaces the choice that it may have.
inline RrsetChange choice_change(const Zone& zone, const Name& owner, Type type, const ClientChoice& plan) {
  const auto node = zone.find_exact(owner);
  const auto held = node ? node->client_choice_of(type) : std::nullopt;
  return {owner, kClientChoiceType, type, held ? Rrset(*held) : Rrset(), encode(plan)};
}

inline std::shared_ptr<const Zone> with_choice(const std::shared_ptr<const Zone>& zone, const Name& owner, Type type,
                                               const ClientChoice& plan) {
  auto next = dns::apply(zone, {zone->apex(), {choice_change(*zone, owner, type, plan)}});
  require(next.has_value(), "a test's choice has a set");
  return *next;
}

}  // namespace dns::test
