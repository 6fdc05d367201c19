// One version of one zone: everything that its apex owns, immutable, readable by any thread without locks.
//
//     Zone --- root Node --- twigs ... --- leaf: owner (relative to the apex, case kept) + RRset entries
//                                                   entry: type -> body (TTL, packed RDATA); equal bodies are stored
//                                                   once
//
// `find` tells in one descent what RFC 1034 4.3.2 asks: the node, the zone cut or DNAME above it, the closest encloser,
// the wildcard that covers it, whether the name is an empty non-terminal; `predecessor` what NSEC needs. Made by
// `ZoneBuilder` (a whole zone) or `apply` (a Change to a version). The storage is shared by the versions of a zone; a
// version is destroyed on the writer's thread only, which is when cells that only it saw are reused.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <type_traits>

#include "zone/message/prerendered.h"
#include "zone/name/key.h"
#include "zone/rr/rrset.h"
#include "zone/rr/serial.h"
#include "zone/tree/node.h"

namespace dns {

class Nsec3Chain;   // the NSEC3 records of a version: zone/snapshot/nsec3_chain.h
class ZoneStorage;  // arenas, free lists and versions of one zone: zone/snapshot/storage.h

// What the tree remembers at a leaf without looking into it.
enum Mark : std::uint64_t {
  kMarkCut = 1,           // NS below the apex: a delegation
  kMarkDname = 2,         // DNAME: redirects all below
  kMarkClientChoice = 4,  // addresses that are not the same for every client (client_choice.h)
  kMarkSigned = 8,        // RRSIG or NSEC: there is more to say to who asks for DNSSEC
};

// A name of the zone with its RRsets. A choice is none of them: it is asked for by its own name.
class NodeView {
 public:
  NodeView(const ZoneStorage& storage, Node leaf);

  Bytes relative_owner() const;  // labels below the apex, no root octet; empty at the apex
  Name owner() const;            // absolute
  std::size_t set_count() const;
  RrsetView set(std::size_t index) const;  // in ascending type order; RRSIG sets once a type covered
  Type type(std::size_t index) const;      // of set(index), without looking at its records
  // What holds the records of set(index): one number for all equal sets that share them, within their storage.
  std::uint32_t body(std::size_t index) const;
  std::optional<RrsetView> find(Type type) const;  // not for RRSIG: several sets share that type
  std::optional<RrsetView> signatures_of(Type covered) const;
  std::optional<RrsetView> client_choice_of(Type type) const;  // packed as client_choice.h says
  bool has(Type type) const;
  // Where the set of `type` lies, for who asks memory for it before looking; null where there is none. `at` looks.
  const std::uint32_t* find_body(Type type) const;
  static RrsetView view_of(const std::uint32_t* body, Type type);
  void prefetch_client_choice(Type type) const;
  bool is_cut() const { return (leaf_.marks() & kMarkCut) != 0; }
  bool has_dname() const { return (leaf_.marks() & kMarkDname) != 0; }
  bool is_signed() const { return (leaf_.marks() & kMarkSigned) != 0; }
  bool has_client_choices() const { return (leaf_.marks() & kMarkClientChoice) != 0; }
  Node leaf() const { return leaf_; }

 private:
  std::optional<RrsetView> find_kind(std::uint32_t kind) const;

  const ZoneStorage* storage_;
  Node leaf_;
};

enum class Match : std::uint8_t {
  kExact,             // the name owns records
  kEmptyNonTerminal,  // only names below it do (RFC 4592 2.2.2)
  kNone,
};

struct Lookup {
  Match match = Match::kNone;
  std::optional<NodeView> node;  // kExact
  Node below;                    // of a cut that covers: the branch of the names at and below it; null: it is alone
  std::optional<NodeView> cut_or_dname;  // the topmost cut at or above the name, or DNAME above it; never the apex's
                                         // NS. `node` and the rest describe data that it occludes
  std::size_t cut_or_dname_labels = 0;  // labels of that one's absolute name
  std::size_t encloser_labels = 0;      // labels of the closest encloser's absolute name (the name itself unless kNone)
  std::optional<NodeView> wildcard;     // kNone, and nothing covers: "*.<closest encloser>" where it owns records
  bool wildcard_exists = false;         // likewise: it does, or only names below it do (RFC 4592 2.2.2 and 3.3.1)
};

struct ZoneTotals {
  std::uint64_t records = 0, sets = 0, names = 0;
  std::uint64_t bytes = 0;  // of the storage when the version was made, shared bodies counted once

  friend bool operator==(const ZoneTotals&, const ZoneTotals&) = default;
};

// Begins with what every question looks at, in one line of the cache: a hundred thousand zones lie in none of them.
class Zone {
 public:
  using Totals = ZoneTotals;

  // A new version in `storage`; by ZoneBuilder and apply only, with `make`. `before`: the version whose chain of NSEC3
  // records, or lack of one, is this one's, too; null: it is looked for.
  static std::shared_ptr<const Zone> make(std::shared_ptr<ZoneStorage> storage, Node root, std::uint64_t version,
                                          const Totals& totals, const Zone* before = nullptr);
  Zone(std::shared_ptr<ZoneStorage> storage, Node root, std::uint64_t version, const Totals& totals,
       const Zone* before);
  ~Zone();
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;

  NameView apex() const;
  ApexExtent apex_extent() const;
  std::size_t apex_labels() const;
  std::size_t apex_size() const;             // octets of its name
  Serial serial() const { return serial_; }  // of the apex SOA; 0 where a zone under test has none
  const Totals& totals() const { return totals_; }
  std::optional<NodeView> apex_node() const;
  // The SOA in the authority section of a negative answer, its TTL as RFC 2308 5 has it; empty where it is too large.
  const Prerendered& negative_soa() const { return negative_soa_; }
  // Whether negative answers carry more than that for who asks for DNSSEC.
  bool is_signed() const { return signed_; }
  // The NSEC3 records that prove what does not exist; null where there are none, or none that can be used. And whether
  // there are.
  const std::shared_ptr<const Nsec3Chain>& nsec3_chain() const { return chain_; }
  bool has_nsec3() const { return has_nsec3_; }

  // `key` is of an absolute name at or below the apex.
  Lookup find(const Key& key) const;
  std::optional<NodeView> find_exact(const Key& key) const;
  std::optional<NodeView> find_exact(NameView name) const { return find_exact(Key(name)); }
  // The name `labels`, length-prefixed and without a root's octet, below `cut`, whose names `below` (Lookup) holds.
  std::optional<NodeView> find_below(const NodeView& cut, Node below, Bytes labels) const;

  // The last name, in canonical order, that sorts before `key`'s and owns records; the zone's last name where none
  // does. Nothing where the zone is empty.
  std::optional<NodeView> predecessor(const Key& key) const;

  // All names in canonical order, or those at and below one name. `visit(NodeView)` returns false to stop.
  template <class Visit>
  void for_each(Visit&& visit) const {
    walk(root_, visit);
  }
  template <class Visit>
  void for_each_within(const Key& key, Visit&& visit) const {
    walk(subtree(key), visit);
  }

  const std::shared_ptr<ZoneStorage>& storage() const { return storage_; }
  const Node& root() const { return root_; }
  std::uint64_t version() const { return version_; }

 private:
  Node subtree(const Key& key) const;
  template <class Visit>
  void walk(Node node, Visit&& visit) const {
    walk_leaves(
        node,
        [](void* context, const NodeView& view) {
          return (*static_cast<std::remove_reference_t<Visit>*>(context))(view);
        },
        &visit);
  }
  void walk_leaves(Node node, bool (*visit)(void*, const NodeView&), void* context) const;

  std::shared_ptr<ZoneStorage> storage_;  // shared: the versions of a zone live in the same arenas
  Node root_;
  Serial serial_;
  Totals totals_;
  Prerendered negative_soa_;  // the second line and the third
  std::uint64_t version_ : 62;
  bool signed_ : 1 = false;
  bool has_nsec3_ : 1 = false;
  std::shared_ptr<const Nsec3Chain> chain_;  // shared: by versions that do not differ in it
};

// A question to one zone among many: see `find_all`.
struct LookupRequest {
  const Zone* zone = nullptr;  // null: passed over
  const Key* key = nullptr;
  Lookup* lookup = nullptr;  // set, and not null where the zone is not
};

// `*request.lookup = request.zone->find(*request.key)` for all, descending together so that they wait for memory at the
// same time: about six times as fast as one after the other once a zone exceeds the caches.
void find_all(std::span<LookupRequest> requests);

}  // namespace dns
