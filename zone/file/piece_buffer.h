// Reads the pieces of a text that comes in parts (pieces.h) into a reusable buffer.
//
//     part 1 ........... | part 2 ........... |
//              [ piece of part 1 .. )              from the first owner in part 1 to the first owner in a later part
//
// The octets beyond the part ("ahead") are usually few, and are read again with their own part. The parser reads the
// text from the CPU cache, and only a few pieces are in memory at any time. One thread for each buffer.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "zone/base/lock.h"
#include "zone/diagnostic/source.h"

namespace dns {

inline std::size_t parts_of(const ChunkedText& text) { return (text.size() + text.part_size() - 1) / text.part_size(); }

class PieceBuffer {
 public:
  explicit PieceBuffer(ChunkedText& text)
      : text_(text), octets_(std::make_unique_for_overwrite<char[]>(2 * text.part_size())) {}

  // The first part, which contains the head of the text.
  std::optional<std::string_view> first();

  struct Piece {
    std::string_view text;    // valid until the next call; empty if no owner begins in the part
    std::uint64_t begin = 0;  // offset into the whole text
  };
  // The piece of part `index`; that of the first part begins at `head`. Nothing if it cannot be read or is too long.
  std::optional<Piece> read(std::size_t index, std::size_t head);

 private:
  std::optional<std::size_t> find_end(std::uint64_t at, std::size_t size, std::size_t ahead);
  bool read_ahead(std::uint64_t at, std::size_t size, std::size_t& ahead, std::size_t more);

  ChunkedText& text_;
  std::unique_ptr<char[]> octets_;  // a part and the same size ahead
};

// One buffer for each thread that reads.
class PieceBufferPool {
 public:
  explicit PieceBufferPool(ChunkedText& text) : text_(text) {}
  std::unique_ptr<PieceBuffer> take();
  void give_back(std::unique_ptr<PieceBuffer> buffer);

 private:
  ChunkedText& text_;
  Lock lock_;
  std::vector<std::unique_ptr<PieceBuffer>> idle_;
};

}  // namespace dns
