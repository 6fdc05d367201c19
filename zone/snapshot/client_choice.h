// A choice: an address set that is not the same for every client. Precomputed when health changes, chosen from when
// asked.
//
//     leaf of www:   A       -> the set that a transfer shows                        (an ordinary set; always there)
//                    CHOICE  -> of A: | rules: view, sticky, 256 slots -> variant | variants: address sets, none =
//                    NODATA |
//
// `pick` is pure and takes constant time: the client's view names the rule, the hash of its prefix names the slot, the
// slot names the variant. How slots are dealt out by weight, and what moves when a weight changes: weighted_slots.h. A
// Choice lives in the leaf beside the set that it stands for, under a type that no message and no zone file may carry
// (65535 is reserved, RFC 6895 3.1); it travels in a Change like any other set, and is copied, compared and undone like
// one.
//
//     first RDATA   | variants 8 | rules 8 | rules: view, sticky | variants: offset 32, TTL 32, count 16 | slots of
//     each rule, packed | each other    | packed RDATA of variants, one after another |           offsets are from the
//     beginning of the packed set
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "zone/rr/rrset.h"
#include "zone/snapshot/views.h"
#include "zone/snapshot/weighted_slots.h"

namespace dns {

inline constexpr Type kClientChoiceType = kReservedType;
inline constexpr std::array<Type, 2> kChoosableTypes = {Type::A, Type::AAAA};  // there are choices of these

enum class Sticky : std::uint8_t {
  kClient,  // by the client's prefix: /24 of IPv4, /48 of IPv6
  kNone,    // by client port and message ID: each question anew
};

// What a pick may depend on: of one question. `views` may be null: no view then.
struct ClientInfo {
  Bytes address{};  // address, 4 or 16 octets; empty: nobody (a transfer, an explanation): the first slot of no view
  Bytes local{};    // address of ours that was asked; empty: unknown
  std::uint32_t salt = 0;  // port and message ID
  const ViewTable* views = nullptr;
};

struct ViewRule {
  std::uint8_t view = kNoView;  // index in the ViewTable; kNoView: whoever no other rule names. At most one rule a view
  Sticky sticky = Sticky::kClient;
  Slots slots{};  // each an index of ClientChoice::variants

  friend bool operator==(const ViewRule&, const ViewRule&) = default;
};

inline constexpr std::size_t kMaxVariants = 255;
inline constexpr std::size_t kMaxVariantBytes = 65535;  // packed

// A Choice before it is packed.
struct ClientChoice {
  std::vector<Rrset> variants;  // of the type chosen for; count 0: NODATA. At least 1, at most kMaxVariants
  std::vector<ViewRule> rules;  // views without a rule, where there is none for kNoView, get NODATA

  friend bool operator==(const ClientChoice&, const ClientChoice&) = default;
};

// Packed as a set of kClientChoiceType, which SetChange::covered = `of` tells from the choice of the other family. The
// plan keeps the limits above, and its slots are indexes of its variants.
Rrset encode(const ClientChoice& plan);
std::optional<ClientChoice> decode(const RrsetView& choice, Type of);  // nothing where it is damaged

// Why a set was chosen, for explanations.
struct ChosenRrset {
  std::uint8_t view = kNoView;  // of the client
  std::uint8_t rule = 0;        // that stands for it; kNoRule where the view has none
  std::uint8_t slot = 0;
  std::uint8_t variant = 0;
  RrsetView set{};  // of the type chosen for; count 0: NODATA
};
inline constexpr std::uint8_t kNoRule = 255;

// The set for `client`. No allocation. `choice` is as `encode` made it.
ChosenRrset choose_rrset(const RrsetView& choice, Type of, const ClientInfo& client);
inline RrsetView choose_set(const RrsetView& choice, Type of, const ClientInfo& client) {
  return choose_rrset(choice, of, client).set;
}

// The slot of a client: 0 to kChoiceSlots - 1.
std::size_t slot_of(Sticky sticky, const ClientInfo& client);

}  // namespace dns
