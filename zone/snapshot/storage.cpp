#include "zone/snapshot/storage.h"

#include <new>

#include "zone/snapshot/client_choice.h"

namespace dns {
namespace {

// Destroys a storage at the beginning of a block.
struct BlockFree {
  std::size_t bytes;
  void operator()(ZoneStorage* storage) const {
    storage->~ZoneStorage();
    free_block(storage, bytes);
  }
};

}  // namespace

std::shared_ptr<ZoneStorage> ZoneStorage::compacted(std::shared_ptr<ZoneStorage> from) {
  const std::size_t packed = from->tree_.packed_size();
  if (packed > SlabAllocator::kLargest - sizeof(ZoneStorage)) return from;
  const std::size_t bytes = sizeof(ZoneStorage) + packed;
  auto* const storage = new (allocate_block(bytes)) ZoneStorage(from->apex());
  void* const behind = storage + 1;
  storage->tree_.adopt_packed(from->tree_, static_cast<std::uint8_t*>(behind));
  storage->compact_lines_ = static_cast<std::uint32_t>((packed + kCacheLine - 1) / kCacheLine);
  return {storage, BlockFree{bytes}};
}

const std::uint32_t* ZoneStorage::find_entry(Node leaf, RrsetKind kind) const {
  const std::uint32_t* at = tree_.payload(leaf);
  for (const std::uint32_t* const end = entries_end(leaf); at != end && RrsetKind{*at} < kind;) at += kEntryWords;
  return at;
}

std::uint32_t ZoneStorage::make_body(std::uint32_t ttl, std::uint16_t count, Bytes packed) {
  return write_body(tree_.allocate_words(body_words(packed.size())), 0, ttl, count, packed);
}

std::uint32_t ZoneStorage::make_body(StoreAllocator& allocator, std::uint32_t ttl, std::uint16_t count, Bytes packed) {
  return write_body(allocator.words(body_words(packed.size())), 1, ttl, count, packed);
}

std::uint32_t ZoneStorage::write_body(std::uint32_t ref, std::uint32_t references, std::uint32_t ttl,
                                      std::uint16_t count, Bytes packed) {
  std::uint32_t* const body = tree_.words_at(ref);
  body[body_words(packed.size()) - 1] = 0;  // the padding
  body[0] = references;
  body[1] = ttl;
  std::uint8_t* const octets = octets_of(body + kBodyHead);
  std::memcpy(octets, &count, 2);
  if (!packed.empty()) std::memcpy(octets + 2, packed.data(), packed.size());
  return ref;
}

bool ZoneStorage::body_equals(std::uint32_t body, std::uint32_t ttl, std::uint16_t count, Bytes packed) const {
  const RrsetView held = view({{}, body});
  return held.ttl == ttl && held.count == count && held.packed_size() == packed.size() &&
         equal({held.packed, packed.size()}, packed);
}

Node ZoneStorage::make_leaf(Bytes relative_owner, std::span<const RrsetEntry> entries) {
  for (const RrsetEntry& entry : entries) ++*tree_.words_at(entry.body);
  return write_leaf(tree_.allocate_words(leaf_words(relative_owner, entries.size())), relative_owner, entries);
}

Node ZoneStorage::make_leaf(StoreAllocator& allocator, Bytes relative_owner, std::span<const RrsetEntry> entries) {
  return write_leaf(allocator.words(leaf_words(relative_owner, entries.size())), relative_owner, entries);
}

Node ZoneStorage::write_leaf(std::uint32_t ref, Bytes relative_owner, std::span<const RrsetEntry> entries) {
  tree_.write_record(ref, relative_owner, static_cast<std::uint32_t>(entries.size()));
  std::uint32_t* word = tree_.words_at(ref) + TreeStore::head_words(relative_owner.size());
  std::uint64_t marks = 0;
  for (const RrsetEntry& entry : entries) {
    *word++ = entry.kind.value;
    *word++ = entry.body;
    if (entry.kind.type() == Type::NS && !relative_owner.empty()) marks |= kMarkCut;
    if (entry.kind.type() == Type::DNAME) marks |= kMarkDname;
    if (entry.kind.type() == kClientChoiceType) marks |= kMarkClientChoice;
    if (entry.kind.type() == Type::RRSIG || entry.kind.type() == Type::NSEC) marks |= kMarkSigned;
    if (entry.kind.type() == Type::NSEC3) marks |= kMarkNsec3;
  }
  return Node::leaf(marks, ref);
}

void ZoneStorage::free_leaf(Node leaf) {
  const std::size_t count = set_count(leaf);
  for (std::size_t index = 0; index < count; ++index) {
    const std::uint32_t body = entry(leaf, index).body;
    if (--*tree_.words_at(body) == 0) free_body(body);
  }
  tree_.free_words(leaf.ref(), leaf_words(tree_.owner(leaf), count));
}

void ZoneStorage::free_body(std::uint32_t body) { tree_.free_words(body, body_words(view({{}, body}).packed_size())); }

void ZoneStorage::drop_version(std::uint64_t version) {
  versions_.drop(version, [this](NodeList&& garbage) {
    for (const CellRun& run : garbage.cells) tree_.free_cells(run.ref, run.count);
    for (const Node leaf : garbage.leaves) free_leaf(leaf);
  });
}

}  // namespace dns
