// One version of one zone. Immutable; any thread may read it without locks.
//
//     Zone --- root Node --- twigs ... --- leaf: owner (relative to the apex, case kept) + RRset entries
//                                          entry: type -> body (TTL, packed RDATA); equal bodies are stored once
//
// `find` makes one descent and returns all that the algorithm of RFC 1034 4.3.2 needs: the node, the zone cut or DNAME
// above it, the closest encloser, the wildcard, and whether the name is an empty non-terminal. `predecessor` finds the
// owner of the NSEC record that covers a name.
//
// `ZoneBuilder` makes a whole zone, `apply` a new version from a Change. The versions of a zone share one storage.
// Destroy a version only on the writer's thread: this frees the cells that only this version used.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <type_traits>

#include "zone/message/prerendered.h"
#include "zone/name/key.h"
#include "zone/rr/rrset.h"
#include "zone/rr/serial.h"
#include "zone/snapshot/nsec3_parameters.h"
#include "zone/tree/node.h"
#include "zone/tree/versions.h"

namespace dns {

class Nsec3ChainView;  // the NSEC3 records of a version: zone/snapshot/nsec3_chain.h
class ZoneStorage;     // arenas, free lists and versions of one zone: zone/snapshot/storage.h

// Properties of a leaf that the tree keeps in the node, so readers need not fetch the leaf.
enum Mark : std::uint64_t {
  kMarkCut = 1,           // NS below the apex: a delegation
  kMarkDname = 2,         // DNAME: redirects all names below
  kMarkClientChoice = 4,  // addresses that are not the same for every client (client_choice.h)
  kMarkSigned = 8,        // RRSIG or NSEC: a query with DO gets more records
  kMarkNsec3 = 16,        // NSEC3
};

// A name of the zone with its RRsets. Client choices are not among them; they have their own accessors.
class NodeView {
 public:
  NodeView(const ZoneStorage& storage, Node leaf);

  Bytes relative_owner() const;  // labels below the apex, no root octet; empty at the apex
  Name owner() const;            // absolute
  std::size_t set_count() const;
  RrsetView set(std::size_t index) const;  // in ascending type order; one RRSIG RRset for each type covered
  Type type(std::size_t index) const;      // of set(index); does not read its records
  // The reference of the body of set(index). Equal RRsets that share a body have the same number within a storage.
  std::uint32_t body(std::size_t index) const;
  std::optional<RrsetView> find(Type type) const;  // not for RRSIG: several RRsets have that type
  std::optional<RrsetView> signatures_of(Type covered) const;
  std::optional<RrsetView> client_choice_of(Type type) const;  // packed: see client_choice.h
  bool has(Type type) const;
  // The body of the RRset of `type`, to prefetch it before `view_of` reads it; null if there is none.
  const std::uint32_t* find_body(Type type) const;
  static RrsetView view_of(const std::uint32_t* body, Type type);
  void prefetch_client_choice(Type type) const;
  void prefetch_signatures(Type covered) const;
  bool is_cut() const { return (leaf_.marks() & kMarkCut) != 0; }
  bool has_dname() const { return (leaf_.marks() & kMarkDname) != 0; }
  bool is_signed() const { return (leaf_.marks() & kMarkSigned) != 0; }
  bool has_client_choices() const { return (leaf_.marks() & kMarkClientChoice) != 0; }
  Node leaf() const { return leaf_; }

 private:
  std::optional<RrsetView> find_kind(std::uint32_t kind) const;
  void prefetch_kind(std::uint32_t kind) const;

  const ZoneStorage* storage_;
  Node leaf_;
};

enum class Match : std::uint8_t {
  kExact,             // the name owns records
  kEmptyNonTerminal,  // only names below it own records (RFC 4592 2.2.2)
  kNone,
};

struct Lookup {
  Match match = Match::kNone;
  std::optional<NodeView> node;  // kExact
  Node below;  // with a zone cut: the branch of the names at and below it; null: there is only the cut itself
  std::optional<NodeView> cut_or_dname;  // the topmost zone cut at or above the name, or DNAME above it; never the
                                         // apex's NS. `node` and the rest then describe occluded data
  std::size_t cut_or_dname_labels = 0;   // labels of its absolute name
  std::size_t encloser_labels = 0;   // labels of the closest encloser's absolute name (the name itself unless kNone)
  std::optional<NodeView> wildcard;  // kNone without cut or DNAME: "*.<closest encloser>" if it owns records
  bool wildcard_exists = false;      // likewise: it or names below it own records (RFC 4592 2.2.2 and 3.3.1)
};

struct ZoneTotals {
  std::uint64_t records = 0, sets = 0, names = 0;
  std::uint64_t bytes = 0;  // size of the storage when the version was made; shared bodies count once

  friend bool operator==(const ZoneTotals&, const ZoneTotals&) = default;
};

// The trees of one version: the names, and the hashes of the NSEC3 chain in use.
struct ZoneTrees {
  VersionRoots roots;     // `second`: null if the zone has no usable chain
  Nsec3Parameters nsec3;  // of that chain
};

// The members that every query reads come first, in one cache line: with a hundred thousand zones each access to a zone
// is a cache miss.
class Zone {
 public:
  using Totals = ZoneTotals;

  // Makes a new version in `storage`. Only ZoneBuilder, `open_image` and `apply` call it.
  static std::shared_ptr<const Zone> make(std::shared_ptr<ZoneStorage> storage, const ZoneTrees& trees,
                                          std::uint64_t version, const Totals& totals);
  Zone(std::shared_ptr<ZoneStorage> storage, const ZoneTrees& trees, std::uint64_t version, const Totals& totals);
  ~Zone();
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;

  NameView apex() const;
  ApexExtent apex_extent() const;
  std::size_t apex_labels() const;
  std::size_t apex_size() const;             // octets of the apex name
  Serial serial() const { return serial_; }  // of the apex SOA; 0 in a test zone without SOA
  const Totals& totals() const { return totals_; }
  std::optional<NodeView> apex_node() const;
  // The SOA for the authority section of a negative answer, with the TTL of RFC 2308 5; empty if it is too large.
  const Prerendered& negative_soa() const { return negative_soa_; }
  // That TTL; the signatures of the SOA get it, too.
  std::uint32_t negative_ttl() const { return negative_ttl_; }
  // Whether negative answers to queries with DO contain DNSSEC records.
  bool is_signed() const { return signed_; }
  // Whether there is a usable NSEC3 chain for denial of existence, and the chain.
  bool has_nsec3() const { return !hashes_.is_null(); }
  std::optional<Nsec3ChainView> nsec3_chain() const;

  // `key` belongs to an absolute name at or below the apex.
  Lookup find(const Key& key) const;
  std::optional<NodeView> find_exact(const Key& key) const;
  std::optional<NodeView> find_exact(NameView name) const { return find_exact(Key(name)); }
  // The name `labels` (length-prefixed, without the root octet) below `cut`. `below` is Lookup::below of that cut.
  std::optional<NodeView> find_below(const NodeView& cut, Node below, Bytes labels) const;

  // The last name in canonical order that sorts before `key`'s name and owns records. If there is none, the zone's last
  // name. Nothing in an empty zone.
  std::optional<NodeView> predecessor(const Key& key) const;

  // Visits all names in canonical order, those from one name on, or those at and below one name. `visit(NodeView)`
  // returns false to stop; then the result is false.
  template <class Visit>
  bool for_each(Visit&& visit) const {
    return walk(root_, visit);
  }
  template <class Visit>
  bool for_each_from(const Key& key, Visit&& visit) const {
    return walk_leaves_from(key, &call<std::remove_reference_t<Visit>>, &visit);
  }
  template <class Visit>
  bool for_each_within(const Key& key, Visit&& visit) const {
    return walk(subtree(key), visit);
  }

  // Shares the ownership of this version, for readers that outlive a batch; the writer frees it (server/runtime/pin.h).
  // Any thread, as long as something owns the version.
  std::shared_ptr<const Zone> share() const { return self_.lock(); }

  const std::shared_ptr<ZoneStorage>& storage() const { return storage_; }
  const Node& root() const { return root_; }
  ZoneTrees trees() const { return {{root_, hashes_}, nsec3_}; }
  std::uint64_t version() const { return version_; }

 private:
  Node subtree(const Key& key) const;
  using VisitLeaf = bool (*)(void* context, const NodeView& view);
  template <class Visit>
  static bool call(void* context, const NodeView& view) {
    return (*static_cast<Visit*>(context))(view);
  }
  template <class Visit>
  bool walk(Node node, Visit&& visit) const {
    return walk_leaves(node, &call<std::remove_reference_t<Visit>>, &visit);
  }
  bool walk_leaves(Node node, VisitLeaf visit, void* context) const;
  bool walk_leaves_from(const Key& key, VisitLeaf visit, void* context) const;

  std::shared_ptr<ZoneStorage> storage_;  // shared: the versions of a zone use the same arenas
  Node root_;
  Serial serial_;
  Totals totals_;
  Prerendered negative_soa_;  // in the second and third cache line
  std::uint64_t version_ : 63;
  bool signed_ : 1 = false;
  Node hashes_;  // root of the NSEC3 chain; null: there is none
  std::uint32_t negative_ttl_ = 0;
  Nsec3Parameters nsec3_;
  std::weak_ptr<const Zone> self_;  // set by `make`; last, because no query reads it
};

// One request of `find_all`.
struct LookupRequest {
  const Zone* zone = nullptr;  // null: the request is skipped
  const Key* key = nullptr;
  Lookup* lookup = nullptr;  // receives the result; not null unless `zone` is
};

// `*request.lookup = request.zone->find(*request.key)` for all requests. The descents run interleaved, so their cache
// misses overlap: about six times as fast as one after the other for a zone that is larger than the caches.
void find_all(std::span<LookupRequest> requests);

}  // namespace dns
