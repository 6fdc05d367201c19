// An immutable map from owner and type to values. Its versions share their unchanged parts.
//
//     version 1   [chunk a] [chunk b] [chunk c]        up to kChunk values each, in canonical order of owners, then by
//     version 2      '      [chunk d]    '             type; `with` copies the chunks that it changes
//
// A copy costs one reference. `with` costs the changed chunks and one pointer for each other chunk.
// `for_each_difference` passes over shared chunks, so it costs what differs. Values are shared and never null; equal
// pointers are equal values. A value; threads may share versions.
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <iterator>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "zone/name/name.h"
#include "zone/rr/type.h"

namespace dns {

// `T` has members `owner` (a Name) and `type`.
template <class T>
class RrsetMap {
 public:
  using Value = std::shared_ptr<const T>;
  struct Edit {
    const Name* owner;  // outlives the call of `with`
    Type type{};
    Value value;  // null: removes the entry

    bool precedes(const Edit& other) const { return order(*owner, type, *other.owner, other.type) < 0; }
  };

 private:
  using Chunk = std::shared_ptr<const std::vector<Value>>;  // shared by versions; never empty
  using Chunks = std::vector<Chunk>;

 public:
  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = Value;
    using iterator_category = std::forward_iterator_tag;

    Iterator() = default;
    const Value& operator*() const { return (*(*chunks_)[chunk_])[index_]; }
    const Value* operator->() const { return &**this; }
    Iterator& operator++() {
      if (++index_ == (*chunks_)[chunk_]->size()) skip_chunk();
      return *this;
    }
    Iterator operator++(int) {
      Iterator old = *this;
      ++*this;
      return old;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    friend RrsetMap;
    Iterator(const Chunks* chunks, std::size_t chunk) : chunks_(chunks), chunk_(chunk) {}
    bool is_at_end() const { return chunks_ == nullptr || chunk_ == chunks_->size(); }
    // The chunk that begins here; null within a chunk.
    const void* begun_chunk() const { return index_ == 0 ? (*chunks_)[chunk_].get() : nullptr; }
    void skip_chunk() {
      ++chunk_;
      index_ = 0;
    }

    const Chunks* chunks_ = nullptr;
    std::size_t chunk_ = 0, index_ = 0;
  };

  RrsetMap() = default;
  // `values` are in order, and each key is there once.
  RrsetMap(std::vector<Value> values) : size_(values.size()) {  // NOLINT(google-explicit-constructor)
    if (!values.empty()) chunks_ = std::make_shared<const Chunks>(split(std::move(values)));
  }

  // The same for values in any order. Of values with one key the last is used.
  static RrsetMap of_unordered(std::vector<Value> values) {
    std::ranges::stable_sort(values, [](const Value& a, const Value& b) { return order(*a, b->owner, b->type) < 0; });
    std::vector<Value> distinct;
    for (Value& value : values) {
      if (!distinct.empty() && order(*distinct.back(), value->owner, value->type) == 0) distinct.pop_back();
      distinct.push_back(std::move(value));
    }
    return distinct;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Iterator begin() const { return {chunks_.get(), 0}; }
  const Value& front() const { return *begin(); }  // not of an empty map
  Iterator end() const { return {chunks_.get(), chunks_ == nullptr ? 0 : chunks_->size()}; }

  // Null: no such entry.
  Value find(const Name& owner, Type type) const {
    if (chunks_ == nullptr) return nullptr;
    const std::vector<Value>& chunk = *(*chunks_)[chunk_of(*chunks_, owner, type)];
    const auto at = position(chunk, owner, type);
    return at != chunk.end() && order(**at, owner, type) == 0 ? *at : nullptr;
  }

  // Adds the value, or replaces the one with its key.
  RrsetMap with(Value value) const {
    const Edit edit{&value->owner, value->type, value};
    return with(std::span(&edit, 1));
  }
  // `edits` are in order, each key once.
  RrsetMap with(std::span<const Edit> edits) const {
    if (edits.empty()) return *this;
    auto chunks = chunks_ == nullptr ? std::make_shared<Chunks>() : std::make_shared<Chunks>(*chunks_);
    if (chunks->empty()) chunks->push_back(std::make_shared<const std::vector<Value>>());
    RrsetMap next;
    next.size_ = size_;
    while (!edits.empty()) {  // from the last to the first: the positions of earlier chunks stay
      const std::size_t at = chunk_of(*chunks, *edits.back().owner, edits.back().type);
      const auto first = at == 0 ? edits.begin() : std::ranges::partition_point(edits, [&](const Edit& edit) {
        return order(*(*chunks)[at]->front(), *edit.owner, edit.type) > 0;
      });
      const auto before = static_cast<std::size_t>(first - edits.begin());
      std::vector<Value> merged = merge(*(*chunks)[at], edits.subspan(before));
      next.size_ += merged.size() - (*chunks)[at]->size();
      Chunks made = split(std::move(merged));
      const auto place = chunks->erase(chunks->begin() + static_cast<std::ptrdiff_t>(at));
      chunks->insert(place, std::make_move_iterator(made.begin()), std::make_move_iterator(made.end()));
      edits = edits.first(before);
    }
    if (!chunks->empty()) next.chunks_ = std::move(chunks);
    return next;
  }

  // Calls `visit(const T* a, const T* b)` in order for each key whose values differ; null: no such entry.
  template <class Visit>
  static void for_each_difference(const RrsetMap& a, const RrsetMap& b, Visit&& visit) {
    Iterator i = a.begin(), j = b.begin();
    while (!i.is_at_end() || !j.is_at_end()) {
      if (!i.is_at_end() && !j.is_at_end() && i.begun_chunk() != nullptr && i.begun_chunk() == j.begun_chunk()) {
        i.skip_chunk();
        j.skip_chunk();
        continue;
      }
      const auto which = i.is_at_end()   ? std::strong_ordering::greater
                         : j.is_at_end() ? std::strong_ordering::less
                         : *i == *j      ? std::strong_ordering::equal
                                         : order(**i, (*j)->owner, (*j)->type);
      const Value* const of_a = which <= 0 ? &*i : nullptr;
      const Value* const of_b = which >= 0 ? &*j : nullptr;
      if (of_a == nullptr || of_b == nullptr || *of_a != *of_b)
        visit(of_a == nullptr ? Value() : *of_a, of_b == nullptr ? Value() : *of_b);
      if (of_a != nullptr) ++i;
      if (of_b != nullptr) ++j;
    }
  }

  // Whether both have the same values, by their addresses.
  friend bool operator==(const RrsetMap& a, const RrsetMap& b) {
    if (a.chunks_ == b.chunks_) return true;
    return a.size_ == b.size_ && a.has_values_of(b);
  }

 private:
  static constexpr std::size_t kChunk = 64;

  static std::strong_ordering order(const Name& a, Type a_type, const Name& b, Type b_type) {
    const auto owners = canonical_order(a, b);
    return owners != 0 ? owners : a_type <=> b_type;
  }
  static std::strong_ordering order(const T& value, const Name& owner, Type type) {
    return order(value.owner, value.type, owner, type);
  }

  static auto position(const std::vector<Value>& chunk, const Name& owner, Type type) {
    return std::partition_point(chunk.begin(), chunk.end(),
                                [&](const Value& value) { return order(*value, owner, type) < 0; });
  }

  // The chunk that has the key, or would have it: the last one that does not begin after it. The first one may be
  // empty.
  static std::size_t chunk_of(const Chunks& chunks, const Name& owner, Type type) {
    const auto after = std::partition_point(
        chunks.begin() + 1, chunks.end(), [&](const Chunk& chunk) { return order(*chunk->front(), owner, type) <= 0; });
    return static_cast<std::size_t>(after - chunks.begin()) - 1;
  }

  static std::vector<Value> merge(const std::vector<Value>& chunk, std::span<const Edit> edits) {
    std::vector<Value> merged;
    merged.reserve(chunk.size() + edits.size());
    auto old = chunk.begin();
    for (const Edit& edit : edits) {
      for (; old != chunk.end() && order(**old, *edit.owner, edit.type) < 0; ++old) merged.push_back(*old);
      if (old != chunk.end() && order(**old, *edit.owner, edit.type) == 0) ++old;
      if (edit.value != nullptr) merged.push_back(edit.value);
    }
    merged.insert(merged.end(), old, chunk.end());
    return merged;
  }

  // In equal parts of at most kChunk values.
  static Chunks split(std::vector<Value> values) {
    Chunks chunks;
    const std::size_t parts = (values.size() + kChunk - 1) / kChunk;
    if (parts == 1) {
      chunks.push_back(std::make_shared<const std::vector<Value>>(std::move(values)));
      return chunks;
    }
    for (std::size_t part = 0; part < parts; ++part) {
      const auto from = values.begin() + static_cast<std::ptrdiff_t>(values.size() * part / parts);
      const auto to = values.begin() + static_cast<std::ptrdiff_t>(values.size() * (part + 1) / parts);
      chunks.push_back(
          std::make_shared<const std::vector<Value>>(std::make_move_iterator(from), std::make_move_iterator(to)));
    }
    return chunks;
  }

  bool has_values_of(const RrsetMap& other) const {
    Iterator i = begin(), j = other.begin();
    while (!i.is_at_end()) {
      if (i.begun_chunk() != nullptr && i.begun_chunk() == j.begun_chunk()) {
        i.skip_chunk();
        j.skip_chunk();
      } else if (*i++ != *j++) {
        return false;
      }
    }
    return true;
  }

  std::shared_ptr<const Chunks> chunks_;  // shared by copies; null: empty, else at least one chunk
  std::size_t size_ = 0;
};

}  // namespace dns
