// The pieces of a text that comes in parts (pieces.h), each read into room that one piece after the other uses.
//
//     part 1 ........... | part 2 ........... | ahead
//              [ the piece of part 1 ....... )              from the part's first owner to the first owner of a later
//              one
//
// What is ahead is little, as a rule, and read once more with its own part. Text that is parsed from such room comes
// from the cache, and never are more than some pieces of it in memory. One thread each.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "zone/base/lock.h"
#include "zone/diagnostic/source.h"

namespace dns {

inline std::size_t parts_of(const PartedText& text) { return (text.size() + text.part_size() - 1) / text.part_size(); }

class PieceBuffer {
 public:
  explicit PieceBuffer(PartedText& text)
      : text_(text), octets_(std::make_unique_for_overwrite<char[]>(2 * text.part_size())) {}

  // The first part, for its head.
  std::optional<std::string_view> first();

  struct Piece {
    std::string_view text;    // until the next is read; empty where no owner begins in the part
    std::uint64_t begin = 0;  // in the whole
  };
  // That of part `index`, from `head` on where it is the first. Nothing where it cannot be read, or ends nowhere near.
  std::optional<Piece> read(std::size_t index, std::size_t head);

 private:
  std::optional<std::size_t> find_end(std::uint64_t at, std::size_t size, std::size_t ahead);
  bool read_ahead(std::uint64_t at, std::size_t size, std::size_t& ahead, std::size_t more);

  PartedText& text_;
  std::unique_ptr<char[]> octets_;  // a part and as much ahead
};

// Room for as many as read at once.
class PieceBufferPool {
 public:
  explicit PieceBufferPool(PartedText& text) : text_(text) {}
  std::unique_ptr<PieceBuffer> take();
  void give_back(std::unique_ptr<PieceBuffer> buffer);

 private:
  PartedText& text_;
  Lock lock_;
  std::vector<std::unique_ptr<PieceBuffer>> idle_;
};

}  // namespace dns
