#include "zone/snapshot/choice.h"

#include <algorithm>

#include "zone/base/result.h"

namespace dns {
namespace {

// The first RDATA, from its own beginning. What a pick reads of a plan of few variants and arms lies on two cache lines: slots
// take the bits that an index of a variant needs, and none where there is one variant.
constexpr std::size_t kVariantsAt = 0, kArmsAt = 1, kHead = 2;
constexpr std::size_t kArmSize = 2;                              // | view 8 | sticky 8 |
constexpr std::size_t kVariantSize = 10;                         // | offset 32 | TTL 32 | count 16 |
constexpr std::size_t kMaxArms = kMaxViews + 1;
constexpr std::size_t kLength = 2;                               // before each RDATA
static_assert(kHead + kMaxArms * (kArmSize + kChoiceSlots) + kMaxVariants * kVariantSize <= 65535, "the first RDATA holds any plan");

// Bits of a slot.
constexpr unsigned width_of(std::size_t variants) { return variants <= 1 ? 0 : variants <= 2 ? 1 : variants <= 4 ? 2 : variants <= 16 ? 4 : 8; }
constexpr std::size_t slots_size(std::size_t variants) { return kChoiceSlots * width_of(variants) / 8; }
constexpr std::size_t head_size_of(std::size_t arms, std::size_t variants) {
  return kHead + arms * (kArmSize + slots_size(variants)) + variants * kVariantSize;
}

std::size_t place_of(std::uint8_t view) { return view == kNoView ? kMaxViews : view; }

bool is_sound(const ChoicePlan& plan) {
  if (plan.variants.empty() || plan.variants.size() > kMaxVariants || plan.arms.size() > kMaxArms) return false;
  for (const Rrset& variant : plan.variants)
    if (variant.packed.size() > kMaxVariantBytes) return false;
  std::array<std::uint8_t, kMaxArms> seen{};
  for (const ChoiceArm& arm : plan.arms) {
    if (arm.view != kNoView && arm.view >= kMaxViews) return false;
    if (seen[place_of(arm.view)]++ != 0) return false;
    if (std::ranges::any_of(arm.slots, [&](std::uint8_t variant) { return variant >= plan.variants.size(); })) return false;
  }
  return true;
}

// Which RDATA holds each variant and where: as many to an RDATA as it has room for.
struct Placed {
  std::vector<std::size_t> sizes;      // of the RDATA behind the first
  std::vector<std::uint32_t> offsets;  // of each variant
  std::size_t end = 0;                 // of the packed set
};

Placed place(const ChoicePlan& plan, std::size_t head_size) {
  Placed placed;
  std::size_t at = kLength + head_size;
  for (const Rrset& variant : plan.variants) {
    const std::size_t size = variant.packed.size();
    if (placed.sizes.empty() || placed.sizes.back() + size > kMaxVariantBytes) {
      placed.sizes.push_back(0);
      at += kLength;
    }
    placed.offsets.push_back(static_cast<std::uint32_t>(at));
    placed.sizes.back() += size;
    at += size;
  }
  placed.end = at;
  return placed;
}

// Writes one part behind the other into room that is large enough.
struct Pen {
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

// The parts of a packed choice.
struct Layout {
  const std::uint8_t* head;

  explicit Layout(const RrsetView& choice) : head(choice.packed + kLength) {}
  std::size_t variants() const { return head[kVariantsAt]; }
  std::size_t arms() const { return head[kArmsAt]; }
  // The arm that stands for a view: its own, or the one for whoever has none.
  std::uint8_t arm_of(std::uint8_t view) const {
    std::uint8_t rest = kNoArm;
    for (std::size_t i = 0; i < arms(); ++i) {
      const std::uint8_t of = *arm(i);
      if (of == view) return static_cast<std::uint8_t>(i);
      if (of == kNoView) rest = static_cast<std::uint8_t>(i);
    }
    return rest;
  }
  const std::uint8_t* arm(std::size_t index) const { return head + kHead + index * kArmSize; }
  const std::uint8_t* variant(std::size_t index) const { return arm(arms()) + index * kVariantSize; }
  const std::uint8_t* slots(std::size_t arm) const { return variant(variants()) + arm * slots_size(variants()); }
  std::uint8_t slot(std::size_t arm, std::size_t index) const {
    const unsigned width = width_of(variants());
    if (width == 0) return 0;
    const std::size_t bit = index * width;
    return static_cast<std::uint8_t>(slots(arm)[bit / 8] >> (bit % 8) & ((1U << width) - 1));
  }
  std::size_t size() const { return head_size_of(arms(), variants()); }
  RrsetView set(std::size_t index, Type of) const {
    const std::uint8_t* const at = variant(index);
    return {of, load16(at + 8), load32(at + 4), head - kLength + load32(at)};
  }
};

// The octets of `count` packed RDATA that begin `bytes`, or nothing where they do not fit.
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

Rrset encode(const ChoicePlan& plan) {
  require(is_sound(plan), "a choice keeps its limits");
  const std::size_t head_size = head_size_of(plan.arms.size(), plan.variants.size());
  const Placed placed = place(plan, head_size);
  Rrset choice(kChoiceType, 0);
  choice.count = static_cast<std::uint16_t>(1 + placed.sizes.size());
  choice.packed.resize(placed.end);
  Pen pen{choice.packed.data()};
  pen.put16(head_size);
  pen.put8(plan.variants.size());
  pen.put8(plan.arms.size());
  for (const ChoiceArm& arm : plan.arms) {
    pen.put8(arm.view);
    pen.put8(static_cast<std::uint8_t>(arm.sticky));
  }
  for (std::size_t i = 0; i < plan.variants.size(); ++i) {
    pen.put32(placed.offsets[i]);
    pen.put32(plan.variants[i].ttl);
    pen.put16(plan.variants[i].count);
  }
  for (const ChoiceArm& arm : plan.arms) pen.put_slots(arm.slots, width_of(plan.variants.size()));
  auto size = placed.sizes.begin();
  for (std::size_t i = 0; i < plan.variants.size(); ++i) {
    if (pen.at != choice.packed.data() + placed.offsets[i]) pen.put16(*size++);
    pen.put(plan.variants[i].packed);
  }
  return choice;
}

std::optional<ChoicePlan> decode(const RrsetView& choice, Type of) {
  if (choice.type != kChoiceType || choice.count < 2) return std::nullopt;
  const std::size_t head_size = load16(choice.packed);
  const Layout layout(choice);
  if (head_size < kHead || head_size != layout.size()) return std::nullopt;
  ChoicePlan plan;
  const std::size_t whole = choice.packed_size();
  for (std::size_t i = 0; i < layout.variants(); ++i) {
    const std::size_t offset = load32(layout.variant(i));
    if (offset > whole) return std::nullopt;
    const RrsetView set = layout.set(i, of);
    if (!packed_size_in({choice.packed + offset, whole - offset}, set.count)) return std::nullopt;
    plan.variants.emplace_back(set);
  }
  for (std::size_t i = 0; i < layout.arms(); ++i) {
    const std::uint8_t* const at = layout.arm(i);
    if (at[1] > static_cast<std::uint8_t>(Sticky::kNone)) return std::nullopt;
    ChoiceArm arm{.view = at[0], .sticky = static_cast<Sticky>(at[1]), .slots = {}};
    for (std::size_t slot = 0; slot < kChoiceSlots; ++slot) arm.slots[slot] = layout.slot(i, slot);
    plan.arms.push_back(arm);
  }
  // What is left to be damaged (the arms of views, offsets that overlap) shows when it is packed again.
  if (!is_sound(plan)) return std::nullopt;
  const Rrset again = encode(plan);
  if (again.ttl != choice.ttl || again.count != choice.count || !equal(again.packed, {choice.packed, whole})) return std::nullopt;
  return plan;
}

Picked pick_of(const RrsetView& choice, Type of, const Asker& asker) {
  const Layout layout(choice);
  Picked picked;
  if (asker.views != nullptr && !asker.client.empty()) picked.view = asker.views->find(asker.client, asker.local);
  picked.arm = layout.arm_of(picked.view);
  picked.set.type = of;
  if (picked.arm == kNoArm) return picked;
  picked.slot = static_cast<std::uint8_t>(slot_of(static_cast<Sticky>(layout.arm(picked.arm)[1]), asker));
  picked.variant = layout.slot(picked.arm, picked.slot);
  picked.set = layout.set(picked.variant, of);
  return picked;
}

std::size_t slot_of(Sticky sticky, const Asker& asker) {
  const Bytes client = unmapped(asker.client);
  if (client.empty()) return 0;
  // The upper octet: the finisher's best bits.
  if (sticky == Sticky::kNone) return mixed(asker.salt) >> 56;
  if (client.size() == 4) return mixed(load32(client.data()) >> 8) >> 56;
  const std::uint64_t prefix = load64(client.data()) >> 16;   // /48
  return mixed(prefix | std::uint64_t{6} << 60) >> 56;
}

}  // namespace dns
