#include "zone/snapshot/storage.h"

#include "zone/snapshot/choice.h"

namespace dns {

const std::uint32_t* ZoneStorage::seek(Node leaf, SetKind kind) const {
  const std::uint32_t* at = tree_.payload(leaf);
  for (const std::uint32_t* const end = seek_end(leaf); at != end && SetKind{*at} < kind;) at += kEntryWords;
  return at;
}

std::uint32_t ZoneStorage::make_body(std::uint32_t ttl, std::uint16_t count, Bytes packed) {
  const std::uint32_t words = body_words(packed.size());
  const std::uint32_t ref = tree_.allocate_words(words);
  std::uint32_t* const body = tree_.words_at(ref);
  body[words - 1] = 0;  // the padding
  body[0] = 0;
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

Node ZoneStorage::make_leaf(Bytes relative_owner, std::span<const SetEntry> entries) {
  const auto count = static_cast<std::uint32_t>(entries.size());
  const std::uint32_t ref = tree_.allocate_record(relative_owner, count, count * kEntryWords);
  std::uint32_t* word = tree_.words_at(ref) + TreeStore::head_words(relative_owner.size());
  std::uint64_t marks = 0;
  for (const SetEntry& entry : entries) {
    *word++ = entry.kind.value;
    *word++ = entry.body;
    ++*tree_.words_at(entry.body);
    if (entry.kind.type() == Type::NS && !relative_owner.empty()) marks |= kMarkCut;
    if (entry.kind.type() == Type::DNAME) marks |= kMarkDname;
    if (entry.kind.type() == kChoiceType) marks |= kMarkChoice;
    if (entry.kind.type() == Type::RRSIG || entry.kind.type() == Type::NSEC) marks |= kMarkSigned;
  }
  return Node::leaf(marks, ref);
}

void ZoneStorage::free_leaf(Node leaf) {
  const std::size_t count = set_count(leaf);
  for (std::size_t index = 0; index < count; ++index) {
    const std::uint32_t body = entry(leaf, index).body;
    if (--*tree_.words_at(body) == 0) free_body(body);
  }
  const std::uint32_t words = TreeStore::head_words(tree_.owner(leaf).size()) + static_cast<std::uint32_t>(count) * kEntryWords;
  tree_.free_words(leaf.ref(), words);
}

void ZoneStorage::free_body(std::uint32_t body) {
  tree_.free_words(body, body_words(view({{}, body}).packed_size()));
}

void ZoneStorage::drop_version(std::uint64_t version) {
  versions_.drop(version, [this](Garbage&& garbage) {
    for (const CellRun& run : garbage.cells) tree_.free_cells(run.ref, run.count);
    for (const Node leaf : garbage.leaves) free_leaf(leaf);
  });
}

}  // namespace dns
