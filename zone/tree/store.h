// The memory that all versions of one tree share: cells (nodes) and words (leaf records and their data).
//
//     record of a leaf   | owner size 8 | detail 24 | owner's labels, padded to words | payload ...
//
// The owner is relative to the apex of the tree, in wire form without the root label, in its original case. The owner
// of the tree defines `detail` and the payload. References are indexes: a store is position-independent.
//
// One writer allocates and frees; any thread reads what was published to it. Free runs are kept by exact size: trees
// and records have few sizes, and an edit often needs a size that an earlier edit freed. Nothing is freed while a live
// version refers to it: `versions.h` tracks that.
#pragma once

#include <memory>
#include <utility>

#include "zone/base/arena.h"
#include "zone/tree/node.h"

namespace dns {

// Free runs of an arena by exact length. The free elements themselves form the linked lists.
class FreeRuns {
 public:
  static constexpr std::uint32_t kNone = 0xffff'ffff;

  bool has(std::uint32_t length) const { return length < size_ && heads_[length] != kNone; }
  // The head of the list of runs of `length`, of which there is one.
  std::uint32_t& head(std::uint32_t length) { return heads_[length]; }
  // The head of the list of runs of `length`: kNone if there is none. Null: no memory for the list. Never throws,
  // because destructors free runs.
  std::uint32_t* list(std::uint32_t length) noexcept;

 private:
  std::unique_ptr<std::uint32_t[]> heads_;  // by length
  std::size_t size_ = 0;
};

// Initial cells and words of a store, none of them free. They lie in memory that `backing` keeps alive. Each block has
// the capacity that `cell_capacity` and `word_capacity` give.
struct StoreMemory {
  void* cells = nullptr;
  std::uint64_t cell_count = 0;
  void* words = nullptr;
  std::uint64_t word_count = 0;
  std::shared_ptr<const void> backing;  // type-erased owner of the memory
};

class TreeStore {
 public:
  Node cell(std::uint32_t ref) const { return cells_[ref]; }
  const Node* cell_at(std::uint32_t ref) const { return cells_.at(ref); }
  Node* cell_at(std::uint32_t ref) { return cells_.at(ref); }
  Node twig(Node branch, unsigned place) const { return cells_[branch.ref() + place]; }

  // Prefetches the chunk tables of the arenas.
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
  // Words of the record in front of its payload.
  static std::uint32_t head_words(std::size_t owner_size) { return 1 + static_cast<std::uint32_t>(owner_size + 3) / 4; }
  const std::uint32_t* payload(Node leaf) const {
    const std::uint32_t* const record = words_.at(leaf.ref());
    return record + head_words(record[0] & 0xffU);
  }

  // Writer only.
  std::uint32_t allocate_cells(unsigned count);
  // Where memory is short, what is freed may be lost until the store ends.
  void free_cells(std::uint32_t ref, unsigned count) noexcept;
  std::uint32_t allocate_words(std::uint32_t count);
  void free_words(std::uint32_t ref, std::uint32_t count) noexcept;
  // Allocates a record and writes owner and detail, but not the payload. An owner has at most 254 octets, a detail 24
  // bits.
  std::uint32_t allocate_record(Bytes owner, std::uint32_t detail, std::uint32_t payload_words);
  // The same for words that are already allocated.
  void write_record(std::uint32_t ref, Bytes owner, std::uint32_t detail);

  // For a store without allocations: begins with existing cells and words.
  void adopt(StoreMemory memory) {
    cells_.adopt(memory.cells, memory.cell_count);
    words_.adopt(memory.words, memory.word_count);
    live_cells_ = memory.cell_count;
    live_words_ = memory.word_count;
    backing_ = std::move(memory.backing);
  }
  // Octets that the memory for `count` elements must have.
  static std::uint64_t cell_capacity(std::uint64_t count) { return Cells::capacity_for(count) * sizeof(Node); }
  static std::uint64_t word_capacity(std::uint64_t count) { return Words::capacity_for(count) * sizeof(std::uint32_t); }

  // For a store without allocations: takes over the content of `from`, which nobody else uses yet. Cells and words are
  // copied to `memory`, which has `from.packed_size()` octets and must outlive the store.
  void adopt_packed(TreeStore& from, std::uint8_t* memory) {
    cells_.adopt_copy(from.cells_, memory);
    words_.adopt_copy(from.words_, memory + from.cells_.span_bytes());
    std::swap(free_cells_, from.free_cells_);
    std::swap(free_words_, from.free_words_);
    live_cells_ = from.live_cells_;
    live_words_ = from.live_words_;
  }
  std::uint64_t packed_size() const { return cells_.span_bytes() + words_.span_bytes(); }

  std::uint64_t live_cells() const { return live_cells_; }
  std::uint64_t live_words() const { return live_words_; }
  // Octets in use or free for reuse.
  std::uint64_t bytes() const { return cells_.bytes() + words_.bytes(); }

 private:
  // The first chunk of each arena is large enough for a zone of a few names.
  using Cells = Arena<Node, 4>;
  using Words = Arena<std::uint32_t, 7>;
  Cells cells_;
  Words words_;
  FreeRuns free_cells_, free_words_;
  std::uint64_t live_cells_ = 0, live_words_ = 0;
  std::shared_ptr<const void> backing_;  // shared: type-erased owner of adopted memory
};

}  // namespace dns
