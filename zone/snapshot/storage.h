// The storage that the versions of one zone share: the tree, the RRset entries in its leaves, and the RRset bodies (TTL
// and RDATA).
//
//     payload of a leaf    | type 16, covered 16 | body ref |   `detail` entries, ascending
//                          covered: of RRSIG RRsets and client choices, else 0
//     body                 | references 32 | TTL 32 | count 16, packed RDATA, padded to words |
//
// Leaves of several owners and versions can refer to one body. The body is freed with the last leaf that refers to it.
// Only the writer reads and writes the reference count.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "zone/base/slab.h"
#include "zone/snapshot/zone.h"
#include "zone/tree/allocator.h"
#include "zone/tree/descent.h"
#include "zone/tree/versions.h"

namespace dns {

// The sort key of the RRsets of a leaf: the type, and for RRSIG and client choices the type covered. Client choices
// come last, because no type is higher.
struct RrsetKind {
  std::uint32_t value = 0;

  static RrsetKind of(Type type, Type covered = {}) {
    return {static_cast<std::uint32_t>(type) << 16 | static_cast<std::uint32_t>(covered)};
  }
  // The kind of a record's RRset. RRSIG records of different types covered are different RRsets (RFC 4034 3.1.1).
  static RrsetKind of_record(Type type, Bytes rdata) {
    const bool covers = type == Type::RRSIG && rdata.size() >= 2;
    return of(type, covers ? static_cast<Type>(load16(rdata.data())) : Type{});
  }
  Type type() const { return static_cast<Type>(value >> 16); }
  Type covered() const { return static_cast<Type>(value & 0xffff); }
  friend auto operator<=>(RrsetKind, RrsetKind) = default;
};

// One entry of a leaf.
struct RrsetEntry {
  RrsetKind kind;
  std::uint32_t body = 0;
};

class ZoneStorage {
 public:
  explicit ZoneStorage(NameView apex) : extent_(apex), apex_(apex.bytes().begin(), apex.bytes().end()) {}
  ~ZoneStorage() = default;
  ZoneStorage(const ZoneStorage&) = delete;
  ZoneStorage& operator=(const ZoneStorage&) = delete;

  // Moves the storage of a small zone, which has no version yet, into one block together with its cells and words.
  // Readers can then prefetch all of it at once, and no memory is wasted. The storage of a large zone is returned as
  // is.
  static std::shared_ptr<ZoneStorage> compacted(std::shared_ptr<ZoneStorage> storage);

  NameView apex() const { return NameView::trusted(apex_.data(), apex_.size()); }
  ApexExtent extent() const { return extent_; }
  const TreeStore& tree() const { return tree_; }
  // Prefetches the data that every descent reads.
  [[gnu::always_inline]] void prefetch() const {
    __builtin_prefetch(this);
    tree_.prefetch();
  }
  // The same, and prefetches all cells and words of a compact storage, which take `lines` cache lines. Always inline:
  // compilers drop calls of a function that only prefetches.
  [[gnu::always_inline]] void prefetch_compact(std::uint32_t lines) const {
    prefetch();
    const std::uint8_t* const behind = octets_behind();
    for (std::uint32_t line = 0; line < lines; ++line) __builtin_prefetch(behind + line * kCacheLine);
  }
  std::uint32_t compact_lines() const { return compact_lines_; }
  TreeStore& tree() { return tree_; }

  static constexpr std::uint32_t kEntryWords = 2;
  std::size_t set_count(Node leaf) const { return tree_.detail(leaf); }
  RrsetEntry entry(Node leaf, std::size_t index) const {
    const std::uint32_t* const words = tree_.payload(leaf) + index * kEntryWords;
    return {{words[0]}, words[1]};
  }
  RrsetView view(RrsetEntry entry) const { return view_at(tree_.words_at(entry.body), entry.kind.type()); }
  static RrsetView view_at(const std::uint32_t* body, Type type) {
    const std::uint8_t* const octets = octets_of(body + kBodyHead);
    std::uint16_t count = 0;
    std::memcpy(&count, octets, 2);
    return {type, count, body[1], octets + 2};
  }
  // Prefetches the bodies that the leaf refers to.
  void prefetch_bodies(Node leaf) const {
    for (std::size_t index = 0; index < set_count(leaf); ++index)
      __builtin_prefetch(tree_.words_at(entry(leaf, index).body));
  }
  // The first entry that does not sort before `kind`, and the end of the entries.
  const std::uint32_t* find_entry(Node leaf, RrsetKind kind) const;
  const std::uint32_t* entries_end(Node leaf) const { return tree_.payload(leaf) + set_count(leaf) * kEntryWords; }

  // Writer only.
  // Makes a body without references. `packed` is in canonical order.
  std::uint32_t make_body(std::uint32_t ttl, std::uint16_t count, Bytes packed);
  // Makes a body with one reference, for the leaf of `make_leaf` with an allocator.
  std::uint32_t make_body(StoreAllocator& allocator, std::uint32_t ttl, std::uint16_t count, Bytes packed);
  // Counts one more leaf. Several workers of a load may call it at the same time.
  void add_reference(std::uint32_t body) {
    std::atomic_ref<std::uint32_t>(*tree_.words_at(body)).fetch_add(1, std::memory_order_relaxed);
  }
  // The words that a copy of a leaf's record, or of a body, takes.
  std::uint32_t words_of_leaf(Node leaf) const { return leaf_words(tree_.owner(leaf), set_count(leaf)); }
  std::uint32_t words_of_body(std::uint32_t body) const { return body_words(view({{}, body}).packed_size()); }
  bool body_equals(std::uint32_t body, std::uint32_t ttl, std::uint16_t count, Bytes packed) const;
  // Makes a leaf with its marks. It refers to the bodies of `entries` (ascending, not empty).
  Node make_leaf(Bytes relative_owner, std::span<const RrsetEntry> entries);
  // The same for bodies whose reference counts already include this leaf.
  Node make_leaf(StoreAllocator& allocator, Bytes relative_owner, std::span<const RrsetEntry> entries);
  // Frees a leaf's record and the bodies that no other leaf refers to.
  void free_leaf(Node leaf);
  // Frees a body that no leaf refers to.
  void free_body(std::uint32_t body);

  std::uint64_t add_version(NodeList made, NodeList retired, const VersionRoots& roots) {
    return versions_.add(std::move(made), std::move(retired), roots);
  }
  VersionRoots newest_roots() const { return versions_.newest_roots(); }
  bool is_newest(std::uint64_t version) const { return versions_.is_newest(version); }
  void drop_version(std::uint64_t version);

 private:
  static constexpr std::uint32_t kBodyHead = 2;  // words before count and RDATA
  std::uint32_t write_body(std::uint32_t ref, std::uint32_t references, std::uint32_t ttl, std::uint16_t count,
                           Bytes packed);
  Node write_leaf(std::uint32_t ref, Bytes relative_owner, std::span<const RrsetEntry> entries);
  static std::uint32_t leaf_words(Bytes relative_owner, std::size_t entries) {
    return TreeStore::head_words(relative_owner.size()) + static_cast<std::uint32_t>(entries) * kEntryWords;
  }
  static std::uint32_t body_words(std::size_t packed_size) {
    return kBodyHead + static_cast<std::uint32_t>(2 + packed_size + 3) / 4;
  }

  const std::uint8_t* octets_behind() const {
    const void* const behind = this + 1;
    return static_cast<const std::uint8_t*>(behind);
  }

  ApexExtent extent_;  // extent_ and tree_ are neighbours: every descent begins with them
  TreeStore tree_;
  std::vector<std::uint8_t> apex_;
  VersionHistory versions_;
  std::uint32_t compact_lines_ = 0;  // of the cells and words behind this storage, in its block
};

}  // namespace dns
