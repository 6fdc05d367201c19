// What the versions of one tree share: cells (nodes) and words (leaf records and whatever hangs on them).
//
//     record of a leaf   | owner size 8 | detail 24 | owner's labels, padded to words | payload ...
//
// The owner is relative to the tree's apex, in wire form without the root's octet, its case kept; `detail` and the
// payload belong to whoever owns the tree. References are indexes, so a store is position-independent.
//
// One writer allocates and frees; any thread reads what was published to it. Free runs are kept by exact size: trees
// and records come in few sizes, and an edit asks for what an earlier one gave back. Nothing here is freed while a
// version that is alive refers to it: `versions.h` tells when that is.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "zone/base/arena.h"
#include "zone/tree/node.h"

namespace dns {

// Free runs of an arena by their exact length, chained through the free elements themselves.
class FreeRuns {
 public:
  static constexpr std::uint32_t kNone = 0xffff'ffff;

  // The head of the chain of runs of `length`, kNone where there is none.
  std::uint32_t& head(std::uint32_t length) {
    if (length >= heads_.size()) heads_.resize(length + 1, kNone);
    return heads_[length];
  }
  bool has(std::uint32_t length) const { return length < heads_.size() && heads_[length] != kNone; }

 private:
  std::vector<std::uint32_t> heads_;
};

// Cells and words that a store may begin with, none of them free: they lie in memory of `backing`, each with the room
// that the store tells.
struct StoreMemory {
  void* cells = nullptr;
  std::uint64_t cell_count = 0;
  void* words = nullptr;
  std::uint64_t word_count = 0;
  std::shared_ptr<const void> backing;  // shared with nobody as a rule: a store has no other name for what it is
};

class TreeStore {
 public:
  Node cell(std::uint32_t ref) const { return cells_[ref]; }
  const Node* cell_at(std::uint32_t ref) const { return cells_.at(ref); }
  Node* cell_at(std::uint32_t ref) { return cells_.at(ref); }
  Node twig(Node branch, unsigned place) const { return cells_[branch.ref() + place]; }

  // Asks memory for where the arenas tell their chunks.
  [[gnu::always_inline]] void prefetch() const {
    __builtin_prefetch(&cells_);
    __builtin_prefetch(&words_);
  }

  const std::uint32_t* words_at(std::uint32_t ref) const { return words_.at(ref); }
  std::uint32_t* words_at(std::uint32_t ref) { return words_.at(ref); }

  Bytes owner(Node leaf) const {
    const std::uint32_t* const record = words_.at(leaf.ref());
    return {octets_of(record + 1), record[0] & 0xffU};
  }
  std::uint32_t detail(Node leaf) const { return words_[leaf.ref()] >> 8; }
  // Words of the record before its payload.
  static std::uint32_t head_words(std::size_t owner_size) { return 1 + static_cast<std::uint32_t>(owner_size + 3) / 4; }
  const std::uint32_t* payload(Node leaf) const {
    const std::uint32_t* const record = words_.at(leaf.ref());
    return record + head_words(record[0] & 0xffU);
  }

  // Writer only.
  std::uint32_t allocate_cells(unsigned count);
  void free_cells(std::uint32_t ref, unsigned count);
  std::uint32_t allocate_words(std::uint32_t count);
  void free_words(std::uint32_t ref, std::uint32_t count);
  // A record with owner and detail written and its payload not. Owners have at most 254 octets, details 24 bits.
  std::uint32_t allocate_record(Bytes owner, std::uint32_t detail, std::uint32_t payload_words);
  // The same where its words were allocated already.
  void write_record(std::uint32_t ref, Bytes owner, std::uint32_t detail);

  // Of a store in which nothing was allocated yet: begins with what lies elsewhere.
  void adopt(StoreMemory memory) {
    cells_.adopt(memory.cells, memory.cell_count);
    words_.adopt(memory.words, memory.word_count);
    live_cells_ = memory.cell_count;
    live_words_ = memory.word_count;
    backing_ = std::move(memory.backing);
  }
  // Octets that memory for so many must have.
  static std::uint64_t cell_capacity(std::uint64_t count) { return Cells::capacity_for(count) * sizeof(Node); }
  static std::uint64_t word_capacity(std::uint64_t count) { return Words::capacity_for(count) * sizeof(std::uint32_t); }

  // Likewise: takes over all of a store to which nobody refers yet, its cells and words copied to `memory` of
  // `packed_size` octets of it, which is kept for longer than the store lives.
  void adopt_packed(TreeStore& from, std::uint8_t* memory) {
    cells_.adopt_copy(from.cells_, memory);
    words_.adopt_copy(from.words_, memory + from.cells_.span_bytes());
    free_cells_ = std::move(from.free_cells_);
    free_words_ = std::move(from.free_words_);
    live_cells_ = from.live_cells_;
    live_words_ = from.live_words_;
  }
  std::uint64_t packed_size() const { return cells_.span_bytes() + words_.span_bytes(); }

  std::uint64_t live_cells() const { return live_cells_; }
  std::uint64_t live_words() const { return live_words_; }
  // Octets in use or free for reuse.
  std::uint64_t bytes() const { return cells_.bytes() + words_.bytes(); }

 private:
  // The first chunk of each holds a zone of a few names.
  using Cells = Arena<Node, 4>;
  using Words = Arena<std::uint32_t, 7>;
  Cells cells_;
  Words words_;
  FreeRuns free_cells_, free_words_;
  std::uint64_t live_cells_ = 0, live_words_ = 0;
  std::shared_ptr<const void> backing_;  // shared: of adopted memory, which it alone knows how to give back
};

}  // namespace dns
