#include "zone/tree/store.h"

#include <algorithm>
#include <new>

namespace dns {

std::uint32_t* FreeRuns::list(std::uint32_t length) noexcept {
  if (length >= size_) {
    const std::size_t size = std::max(std::size_t{length} + 1, 2 * size_);
    std::unique_ptr<std::uint32_t[]> larger(new (std::nothrow) std::uint32_t[size]);
    if (larger == nullptr) return nullptr;
    std::fill(std::copy_n(heads_.get(), size_, larger.get()), larger.get() + size, kNone);
    heads_ = std::move(larger);
    size_ = size;
  }
  return &heads_[length];
}

std::uint32_t TreeStore::allocate_cells(unsigned count) {
  live_cells_ += count;
  if (!free_cells_.has(count)) return cells_.allocate(count);
  std::uint32_t& head = free_cells_.head(count);
  const std::uint32_t ref = head;
  head = cells_[ref].ref();
  return ref;
}

void TreeStore::free_cells(std::uint32_t ref, unsigned count) noexcept {
  live_cells_ -= count;
  std::uint32_t* const head = free_cells_.list(count);
  if (head == nullptr) return;
  cells_[ref] = Node::leaf(0, *head);
  *head = ref;
}

std::uint32_t TreeStore::allocate_words(std::uint32_t count) {
  live_words_ += count;
  if (!free_words_.has(count)) return words_.allocate(count);
  std::uint32_t& head = free_words_.head(count);
  const std::uint32_t ref = head;
  head = words_[ref];
  return ref;
}

void TreeStore::free_words(std::uint32_t ref, std::uint32_t count) noexcept {
  live_words_ -= count;
  std::uint32_t* const head = free_words_.list(count);
  if (head == nullptr) return;
  words_[ref] = *head;
  *head = ref;
}

std::uint32_t TreeStore::allocate_record(Bytes owner, std::uint32_t detail, std::uint32_t payload_words) {
  const std::uint32_t ref = allocate_words(head_words(owner.size()) + payload_words);
  write_record(ref, owner, detail);
  return ref;
}

void TreeStore::write_record(std::uint32_t ref, Bytes owner, std::uint32_t detail) {
  const std::uint32_t head = head_words(owner.size());
  std::uint32_t* const record = words_.at(ref);
  record[0] = detail << 8 | static_cast<std::uint32_t>(owner.size());
  if (head > 1) record[head - 1] = 0;  // clears the padding: equal records then have equal octets
  if (!owner.empty()) std::memcpy(octets_of(record + 1), owner.data(), owner.size());
}

}  // namespace dns
