// A choice: an address set that is not the same for every client. Precomputed when health changes, picked from when asked.
//
//     leaf of www:   A       -> the set that a transfer shows                        (an ordinary set; always there)
//                    CHOICE  -> of A: | arms: view, sticky, 256 slots -> variant | variants: address sets, none = NODATA |
//
// `pick` is pure and takes constant time: the client's view names the arm, the hash of its prefix names the slot, the slot names
// the variant. Slots are dealt out by weight, exact to one slot of 256, in such a way that a member which leaves moves its own slots
// only (sticky clients of the others stay) and a growing share only ever gains slots (staged migration is monotonic).
// A Choice lives in the leaf beside the set that it stands for, under a type that no message and no zone file may carry
// (65535 is reserved, RFC 6895 3.1); it travels in a Change like any other set, and is copied, compared and undone like one.
#pragma once

#include <array>
#include <vector>

#include "zone/rr/rrset.h"
#include "zone/snapshot/views.h"

namespace dns {

inline constexpr Type kChoiceType = static_cast<Type>(65535);
inline constexpr std::size_t kChoiceSlots = 256;

enum class Sticky : std::uint8_t {
  kClient,   // by the client's prefix: /24 of IPv4, /48 of IPv6
  kNone,     // by client port and message ID: each question anew
};

// What a pick may depend on: of one question. `views` may be null: no view then.
struct Asker {
  Bytes client;                 // address, 4 or 16 octets; empty: nobody (a transfer, an explanation): the first slot of no view
  Bytes local;                  // address of ours that was asked; empty: unknown
  std::uint32_t salt = 0;       // port and message ID
  const ViewTable* views = nullptr;
};

struct ChoiceArm {
  std::uint8_t view = kNoView;  // index in the ViewTable; kNoView: whoever no other arm names. At most one arm a view
  Sticky sticky = Sticky::kClient;
  std::array<std::uint8_t, kChoiceSlots> slots{};   // each an index of ChoicePlan::variants

  friend bool operator==(const ChoiceArm&, const ChoiceArm&) = default;
};

// A Choice before it is packed.
struct ChoicePlan {
  std::vector<Rrset> variants;   // of the type chosen for; count 0: NODATA. At most 255
  std::vector<ChoiceArm> arms;   // views without an arm, where there is none for kNoView, get NODATA

  friend bool operator==(const ChoicePlan&, const ChoicePlan&) = default;
};

// Packed as a set of kChoiceType, which SetChange::covered = `of` tells from the choice of the other family.
Rrset encode(const ChoicePlan& plan);
std::optional<ChoicePlan> decode(const RrsetView& choice, Type of);   // nothing where it is damaged

// The set for `asker`: of type `of`, count 0: NODATA. No allocation. `choice` is as `encode` made it.
RrsetView pick(const RrsetView& choice, Type of, const Asker& asker);

// Slots dealt out by weight: member i gets its share of 256, exact to one slot; weights of 0 get none, unless all are 0 (then
// all are equal). `keys` tell members apart over time and decide which slots are whose: a stable hash of the member's name.
std::array<std::uint8_t, kChoiceSlots> deal_slots(std::span<const std::uint32_t> weights, std::span<const std::uint64_t> keys);

// The slot of an asker: 0 to kChoiceSlots - 1.
std::size_t slot_of(Sticky sticky, const Asker& asker);

}  // namespace dns
