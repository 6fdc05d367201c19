// A client choice: an address RRset that is not the same for every client. It is computed when health changes, and each
// query selects one variant from it.
//
//     leaf of www:   A       -> the RRset that a transfer shows              (an ordinary RRset; always present)
//                    CHOICE  -> for A:  rules: view, sticky, 256 slots -> variant
//                                       variants: address RRsets; an empty one means NODATA
//
// `choose_rrset` is pure and takes constant time: the client's view selects the rule, the hash of the client's prefix
// selects the slot, the slot selects the variant. weighted_slots.h describes how slots are assigned by weight and which
// clients move when a weight changes.
//
// A client choice is stored in the leaf beside the RRset that it replaces, under a type that no message and no zone
// file may contain (65535 is reserved, RFC 6895 3.1). In a Change it is an RRset like any other: it is copied, compared
// and undone in the same way.
//
//     first RDATA   | variants 8 | rules 8 | rules: view, sticky | variants: offset 32, TTL 32, count 16 |
//                   | slots of each rule, packed |
//     other RDATA   | packed RDATA of variants, one after another |
//
// Offsets count from the beginning of the packed RRset.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "zone/rr/rrset.h"
#include "zone/snapshot/views.h"
#include "zone/snapshot/weighted_slots.h"

namespace dns {

inline constexpr Type kClientChoiceType = kReservedType;
inline constexpr std::array<Type, 2> kChoosableTypes = {Type::A, Type::AAAA};  // types that can have a client choice

enum class Sticky : std::uint8_t {
  kClient,  // by the client's prefix: /24 of IPv4, /48 of IPv6
  kNone,    // by client port and message ID: a new choice for each query
};

// The properties of one query that a choice or an access rule may depend on. Without `views` every client has kNoView.
struct ClientInfo {
  // 4 or 16 octets. Empty: no client (a transfer, an explanation), which gets the first slot of kNoView.
  Bytes address{};
  Bytes local{};           // the local address that received the query; empty: unknown
  std::uint32_t salt = 0;  // port and message ID
  // For access rules (policy.h). Both are half of a word, which a plain query sets with one instruction.
  std::uint16_t transport = 0;  // a number below kMaxTransports
  std::uint16_t key = 0;        // number of the TSIG key that signed the request; 0: it is not signed
  const ViewTable* views = nullptr;
};

struct ViewRule {
  std::uint8_t view = kNoView;  // index in the ViewTable, at most one rule each; kNoView: all views without a rule
  Sticky sticky = Sticky::kClient;
  Slots slots{};  // each an index of ClientChoice::variants

  friend bool operator==(const ViewRule&, const ViewRule&) = default;
};

inline constexpr std::size_t kMaxVariants = 255;
inline constexpr std::size_t kMaxVariantBytes = 65535;  // packed

// A client choice before it is packed.
struct ClientChoice {
  std::vector<Rrset> variants;  // of type A or AAAA; count 0: NODATA. From 1 to kMaxVariants
  std::vector<ViewRule> rules;  // without a rule for kNoView, a view without a rule gets NODATA

  friend bool operator==(const ClientChoice&, const ClientChoice&) = default;
};

// Packs the choice as an RRset of kClientChoiceType. RrsetChange::covered distinguishes the choices for A and for AAAA.
// `plan` must keep the limits above, and its slots must be indexes of its variants.
Rrset encode(const ClientChoice& plan);
std::optional<ClientChoice> decode(const RrsetView& choice, Type of);  // nothing for damaged data

// Which RRset was chosen and why, for `waymark explain`.
struct ChosenRrset {
  std::uint8_t view = kNoView;  // of the client
  std::uint8_t rule = 0;        // index of the rule used; kNoRule: the view has none
  std::uint8_t slot = 0;
  std::uint8_t variant = 0;
  RrsetView set{};  // of type A or AAAA; count 0: NODATA
};
inline constexpr std::uint8_t kNoRule = 255;

// The RRset for `client`. Allocates no memory. `choice` must be as `encode` made it.
ChosenRrset choose_rrset(const RrsetView& choice, Type of, const ClientInfo& client);

// The slot of a client: 0 to kChoiceSlots - 1.
std::size_t slot_of(Sticky sticky, const ClientInfo& client);

}  // namespace dns
