// Tracks which versions of a tree are alive, and which cells and leaves may be reused.
//
//     oldest alive                                    newest
//        v3  ---- edit ---->  v4  ---- edit ---->  v5        each edit: made (only later versions use it),
//                                                                       retired (only earlier versions use it)
//
// Versions form a line: an edit always starts from the newest. When the oldest version dies, the nodes that the next
// edit retired are free. When the newest dies first (an abandoned edit), the edit is undone: the nodes that it made are
// free and its parent is the newest version again. A version in between that dies is freed after the oldest: an old
// pinned version delays reuse.
//
// Writer thread only.
#pragma once

#include <cstdint>
#include <vector>

#include "zone/tree/node.h"

namespace dns {

struct CellRun {
  std::uint32_t ref;
  std::uint32_t count;
};

struct NodeList {
  std::vector<CellRun> cells;
  std::vector<Node> leaves;
};

// The roots of one version. The second tree has some of the leaves of the first; null if there is none.
struct VersionRoots {
  Node first, second;
};

class VersionHistory {
 public:
  // Adds the next version, made by an edit of the newest one. Returns its number, counted from 0.
  std::uint64_t add(NodeList made, NodeList retired, const VersionRoots& roots = {});

  bool is_newest(std::uint64_t version) const { return !entries_.empty() && entries_.back().version == version; }
  // The roots of the newest version. There must be one.
  VersionRoots newest_roots() const { return entries_.back().roots; }

  // Marks `version` dead and calls `free(NodeList&&)` with everything that no version uses any more.
  template <class Free>
  void drop(std::uint64_t version, Free&& free);

 private:
  struct Entry {
    std::uint64_t version;
    bool alive;
    NodeList made, retired;
    VersionRoots roots;
  };

  void mark_dead(std::uint64_t version);

  std::vector<Entry> entries_;  // short: one or two versions, and those that slow readers pin
  std::uint64_t next_ = 0;
};

template <class Free>
void VersionHistory::drop(std::uint64_t version, Free&& free) {
  mark_dead(version);
  while (entries_.size() > 1 && !entries_.back().alive) {
    free(std::move(entries_.back().made));
    entries_.pop_back();
  }
  std::size_t dead = 0;
  while (dead + 1 < entries_.size() && !entries_[dead].alive) {
    free(std::move(entries_[++dead].retired));
    entries_[dead].retired = entries_[dead].made = {};  // no older version is left to return to
  }
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(dead));
}

}  // namespace dns
