#include "zone/snapshot/client_choice.h"

#include <algorithm>

#include "zone/base/result.h"

namespace dns {
namespace {

// The layout of the first RDATA. With few variants and rules, `choose_rrset` reads only two cache lines: a slot takes
// only the bits that the index of a variant needs, and no bits with one variant.
constexpr std::size_t kVariantsAt = 0, kRulesAt = 1, kHead = 2;
constexpr std::size_t kRuleSize = 2;      // | view 8 | sticky 8 |
constexpr std::size_t kVariantSize = 10;  // | offset 32 | TTL 32 | count 16 |
constexpr std::size_t kMaxRules = kMaxViews + 1;
constexpr std::size_t kLength = 2;  // before each RDATA
static_assert(kHead + kMaxRules * (kRuleSize + kChoiceSlots) + kMaxVariants * kVariantSize <= 65535,
              "the first RDATA holds any plan");

// The bits of one slot.
constexpr unsigned width_of(std::size_t variants) {
  return variants <= 1 ? 0 : variants <= 2 ? 1 : variants <= 4 ? 2 : variants <= 16 ? 4 : 8;
}
constexpr std::size_t slots_size(std::size_t variants) { return kChoiceSlots * width_of(variants) / 8; }
constexpr std::size_t head_size_of(std::size_t rules, std::size_t variants) {
  return kHead + rules * (kRuleSize + slots_size(variants)) + variants * kVariantSize;
}

std::size_t place_of(std::uint8_t view) { return view == kNoView ? kMaxViews : view; }

bool is_valid(const ClientChoice& plan) {
  if (plan.variants.empty() || plan.variants.size() > kMaxVariants || plan.rules.size() > kMaxRules) return false;
  for (const Rrset& variant : plan.variants)
    if (variant.packed.size() > kMaxVariantBytes) return false;
  std::array<std::uint8_t, kMaxRules> seen{};
  for (const ViewRule& rule : plan.rules) {
    if (rule.view != kNoView && rule.view >= kMaxViews) return false;
    if (seen[place_of(rule.view)]++ != 0) return false;
    if (std::ranges::any_of(rule.slots, [&](std::uint8_t variant) { return variant >= plan.variants.size(); }))
      return false;
  }
  return true;
}

// Where each variant is stored. Each RDATA holds as many variants as fit.
struct VariantLayout {
  std::vector<std::size_t> sizes;      // of each RDATA behind the first
  std::vector<std::uint32_t> offsets;  // of each variant
  std::size_t end = 0;                 // of the packed RRset
};

VariantLayout lay_out_variants(const ClientChoice& plan, std::size_t head_size) {
  VariantLayout layout_of_variants;
  std::size_t at = kLength + head_size;
  for (const Rrset& variant : plan.variants) {
    const std::size_t size = variant.packed.size();
    if (layout_of_variants.sizes.empty() || layout_of_variants.sizes.back() + size > kMaxVariantBytes) {
      layout_of_variants.sizes.push_back(0);
      at += kLength;
    }
    layout_of_variants.offsets.push_back(static_cast<std::uint32_t>(at));
    layout_of_variants.sizes.back() += size;
    at += size;
  }
  layout_of_variants.end = at;
  return layout_of_variants;
}

// Writes parts one after another into a buffer that is large enough.
struct PackedWriter {
  std::uint8_t* at;

  void put8(std::size_t value) { *at++ = static_cast<std::uint8_t>(value); }
  void put16(std::size_t value) {
    store16(at, static_cast<std::uint16_t>(value));
    at += 2;
  }
  void put32(std::uint32_t value) {
    store32(at, value);
    at += 4;
  }
  void put(Bytes octets) { at = std::ranges::copy(octets, at).out; }
  void put_slots(const Slots& slots, unsigned width) {
    unsigned octet = 0, bits = 0;
    for (std::size_t i = 0; width != 0 && i < slots.size(); ++i) {
      octet |= unsigned{slots[i]} << bits;
      bits += width;
      if (bits < 8) continue;
      put8(octet);
      octet = bits = 0;
    }
  }
};

// The parts of a packed client choice.
struct PackedChoice {
  const std::uint8_t* head;

  explicit PackedChoice(const RrsetView& choice) : head(choice.packed + kLength) {}
  std::size_t variants() const { return head[kVariantsAt]; }
  std::size_t rules() const { return head[kRulesAt]; }
  // The rule for a view: its own, or else the one for kNoView.
  std::uint8_t rule_of(std::uint8_t view) const {
    std::uint8_t rest = kNoRule;
    for (std::size_t i = 0; i < rules(); ++i) {
      const std::uint8_t of = *rule(i);
      if (of == view) return static_cast<std::uint8_t>(i);
      if (of == kNoView) rest = static_cast<std::uint8_t>(i);
    }
    return rest;
  }
  const std::uint8_t* rule(std::size_t index) const { return head + kHead + index * kRuleSize; }
  const std::uint8_t* variant(std::size_t index) const { return rule(rules()) + index * kVariantSize; }
  const std::uint8_t* slots(std::size_t rule) const { return variant(variants()) + rule * slots_size(variants()); }
  std::uint8_t slot(std::size_t rule, std::size_t index) const {
    const unsigned width = width_of(variants());
    if (width == 0) return 0;
    const std::size_t bit = index * width;
    return static_cast<std::uint8_t>(slots(rule)[bit / 8] >> (bit % 8) & ((1U << width) - 1));
  }
  std::size_t size() const { return head_size_of(rules(), variants()); }
  RrsetView set(std::size_t index, Type of) const {
    const std::uint8_t* const at = variant(index);
    return {of, load16(at + 8), load32(at + 4), head - kLength + load32(at)};
  }
};

// The size of the first `count` packed RDATA in `bytes`; nothing if `bytes` is too short.
std::optional<std::size_t> packed_size_in(Bytes bytes, std::size_t count) {
  std::size_t at = 0;
  for (; count > 0; --count) {
    if (at + kLength > bytes.size()) return std::nullopt;
    at += kLength + load16(&bytes[at]);
    if (at > bytes.size()) return std::nullopt;
  }
  return at;
}

}  // namespace

Rrset encode(const ClientChoice& plan) {
  require(is_valid(plan), "a choice keeps its limits");
  const std::size_t head_size = head_size_of(plan.rules.size(), plan.variants.size());
  const VariantLayout layout_of_variants = lay_out_variants(plan, head_size);
  Rrset choice(kClientChoiceType, 0);
  choice.count = static_cast<std::uint16_t>(1 + layout_of_variants.sizes.size());
  choice.packed.resize(layout_of_variants.end);
  PackedWriter writer{choice.packed.data()};
  writer.put16(head_size);
  writer.put8(plan.variants.size());
  writer.put8(plan.rules.size());
  for (const ViewRule& rule : plan.rules) {
    writer.put8(rule.view);
    writer.put8(static_cast<std::uint8_t>(rule.sticky));
  }
  for (std::size_t i = 0; i < plan.variants.size(); ++i) {
    writer.put32(layout_of_variants.offsets[i]);
    writer.put32(plan.variants[i].ttl);
    writer.put16(plan.variants[i].count);
  }
  for (const ViewRule& rule : plan.rules) writer.put_slots(rule.slots, width_of(plan.variants.size()));
  auto size = layout_of_variants.sizes.begin();
  for (std::size_t i = 0; i < plan.variants.size(); ++i) {
    if (writer.at != choice.packed.data() + layout_of_variants.offsets[i]) writer.put16(*size++);
    writer.put(plan.variants[i].packed);
  }
  return choice;
}

std::optional<ClientChoice> decode(const RrsetView& choice, Type of) {
  if (choice.type != kClientChoiceType || choice.count < 2) return std::nullopt;
  const std::size_t head_size = load16(choice.packed);
  const PackedChoice layout(choice);
  if (head_size < kHead || head_size != layout.size()) return std::nullopt;
  ClientChoice plan;
  const std::size_t whole = choice.packed_size();
  for (std::size_t i = 0; i < layout.variants(); ++i) {
    const std::size_t offset = load32(layout.variant(i));
    if (offset > whole) return std::nullopt;
    const RrsetView set = layout.set(i, of);
    if (!packed_size_in({choice.packed + offset, whole - offset}, set.count)) return std::nullopt;
    plan.variants.emplace_back(set);
  }
  for (std::size_t i = 0; i < layout.rules(); ++i) {
    const std::uint8_t* const at = layout.rule(i);
    if (at[1] > static_cast<std::uint8_t>(Sticky::kNone)) return std::nullopt;
    ViewRule rule{.view = at[0], .sticky = static_cast<Sticky>(at[1]), .slots = {}};
    for (std::size_t slot = 0; slot < kChoiceSlots; ++slot) rule.slots[slot] = layout.slot(i, slot);
    plan.rules.push_back(rule);
  }
  // Damage that the checks above miss (rules of views, overlapping offsets) shows when the choice is packed again.
  if (!is_valid(plan)) return std::nullopt;
  const Rrset again = encode(plan);
  if (again.ttl != choice.ttl || again.count != choice.count || !equal(again.packed, {choice.packed, whole}))
    return std::nullopt;
  return plan;
}

ChosenRrset choose_rrset(const RrsetView& choice, Type of, const ClientInfo& client) {
  const PackedChoice layout(choice);
  ChosenRrset chosen;
  if (client.views != nullptr && !client.address.empty())
    chosen.view = client.views->find(client.address, client.local);
  chosen.rule = layout.rule_of(chosen.view);
  chosen.set.type = of;
  if (chosen.rule == kNoRule) return chosen;
  chosen.slot = static_cast<std::uint8_t>(slot_of(static_cast<Sticky>(layout.rule(chosen.rule)[1]), client));
  chosen.variant = layout.slot(chosen.rule, chosen.slot);
  chosen.set = layout.set(chosen.variant, of);
  return chosen;
}

std::size_t slot_of(Sticky sticky, const ClientInfo& client) {
  const Bytes address = unmapped(client.address);
  if (address.empty()) return 0;
  // Use the upper octet: its bits are mixed best.
  if (sticky == Sticky::kNone) return mix_bits(client.salt) >> 56;
  if (address.size() == 4) return mix_bits(load32(address.data()) >> 8) >> 56;
  const std::uint64_t prefix = load64(address.data()) >> 16;  // /48
  return mix_bits(prefix | std::uint64_t{6} << 60) >> 56;
}

}  // namespace dns
