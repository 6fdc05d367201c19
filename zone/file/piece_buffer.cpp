#include "zone/file/piece_buffer.h"

#include <algorithm>

#include "zone/text/pieces.h"

namespace dns {
namespace {

constexpr std::size_t kAhead = 4096;  // octets to read ahead at first: many lines

}  // namespace

std::optional<std::string_view> PieceBuffer::first() {
  const std::size_t size = std::min<std::uint64_t>(text_.part_size(), text_.size());
  if (!text_.read(0, {octets_.get(), size})) return std::nullopt;
  return std::string_view(octets_.get(), size);
}

std::optional<PieceBuffer::Piece> PieceBuffer::read(std::size_t index, std::size_t head) {
  const std::uint64_t at = std::uint64_t{index} * text_.part_size();
  const std::size_t size = std::min<std::uint64_t>(text_.part_size(), text_.size() - at);
  std::size_t ahead = 0;
  if (!text_.read_part(index, {octets_.get(), size}) || !read_ahead(at, size, ahead, kAhead)) return std::nullopt;
  const std::size_t begin = index == 0 ? head : find_owner_line({octets_.get(), size + ahead}, 0);
  if (begin == std::string_view::npos || begin > size)
    return Piece{};  // an owner directly behind the part belongs to the next piece
  const std::optional<std::size_t> end = find_end(at, size, ahead);
  if (!end) return std::nullopt;
  return Piece{{octets_.get() + begin, *end - begin}, at + begin};
}

// Searches from behind the part with the rule by which the next piece finds its begin.
std::optional<std::size_t> PieceBuffer::find_end(std::uint64_t at, std::size_t size, std::size_t ahead) {
  for (;;) {
    const std::size_t end = find_owner_line({octets_.get(), size + ahead}, size);
    if (end != std::string_view::npos) return end;
    if (at + size + ahead == text_.size()) return size + ahead;
    if (ahead == text_.part_size() || !read_ahead(at, size, ahead, ahead)) return std::nullopt;
  }
}

bool PieceBuffer::read_ahead(std::uint64_t at, std::size_t size, std::size_t& ahead, std::size_t more) {
  const std::size_t most = std::min<std::uint64_t>(text_.part_size(), text_.size() - at - size);
  more = std::min(more, most - ahead);
  if (more > 0 && !text_.read(at + size + ahead, {octets_.get() + size + ahead, more})) return false;
  ahead += more;
  return true;
}

std::unique_ptr<PieceBuffer> PieceBufferPool::take() {
  const LockGuard lock(lock_);
  if (idle_.empty()) return std::make_unique<PieceBuffer>(text_);
  std::unique_ptr<PieceBuffer> buffer = std::move(idle_.back());
  idle_.pop_back();
  return buffer;
}

void PieceBufferPool::give_back(std::unique_ptr<PieceBuffer> buffer) {
  const LockGuard lock(lock_);
  idle_.push_back(std::move(buffer));
}

}  // namespace dns
