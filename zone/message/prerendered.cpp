#include "zone/message/prerendered.h"

#include "zone/base/ascii.h"
#include "zone/rr/rdata.h"

namespace dns {
namespace {

constexpr std::size_t kFixed = 10;  // type, class, TTL and length of a record

}  // namespace

Prerendered::Prerendered(NameView owner, const RrsetView& set, std::uint32_t ttl) {
  std::array<std::uint8_t, kHeaderSize + kMaxName + 4 + kCapacity> message;
  Compression compression;
  Writer writer(message, compression);
  if (!writer.question({owner, set.type})) return;
  const std::size_t begin = writer.size();
  if (!writer.rrset(owner, set, ttl) || writer.size() - begin > kCapacity) return;
  const Bytes written(message.data(), writer.size());

  std::size_t at = begin;
  for (const Bytes rdata : set) {
    if (!add_name(written, at, begin)) return;
    at += kFixed;
    const std::size_t end = at + load16(&message[at - 2]);
    const RdataNames names = names_of(set.type, rdata);
    std::size_t done = 0;
    for (std::size_t i = 0; i < names.count; ++i) {
      at += names.at[i].offset - done;
      done = std::size_t{names.at[i].offset} + names.at[i].size;
      if (!add_name(written, at, begin)) return;
      note_label_below_owner(owner, NameView::trusted(rdata.data() + names.at[i].offset, names.at[i].size));
    }
    at = end;
  }
  std::memcpy(octets_.data(), &message[begin], at - begin);
  for (std::size_t i = 0; i < pointers_; ++i)
    store16(&octets_[at_[i]],
            static_cast<std::uint16_t>((load16(&octets_[at_[i]]) - owner.size()) & kMaxPointerOffset));
  size_ = static_cast<std::uint8_t>(at - begin);
}

void Prerendered::write(std::uint8_t* out, std::size_t name_size) const {
  copy_octets(out, octets_.data(), size_);
  for (std::size_t i = 0; i < pointers_; ++i) {
    std::uint8_t* const pointer = out + at_[i];
    store16(pointer, static_cast<std::uint16_t>(kPointer | ((load16(pointer) + name_size) & kMaxPointerOffset)));
  }
}

std::uint64_t Prerendered::label_bit(const std::uint8_t* label) {
  return std::uint64_t{1} << ((*label + 5U * fold(label[1]) + 11U * fold(label[*label])) % 64);
}

// Records the pointer at the end of the name at `at`, if there is one, and moves `at` behind the name. False: too many
// pointers.
bool Prerendered::add_name(Bytes message, std::size_t& at, std::size_t begin) {
  while (message[at] != 0 && message[at] < 0xc0) at += 1U + message[at];
  if (message[at] == 0) return ++at, true;
  if (pointers_ == kPointers) return false;
  at_[pointers_++] = static_cast<std::uint8_t>(at - begin);
  at += 2;
  return true;
}

void Prerendered::note_label_below_owner(NameView owner, NameView name) {
  if (!name.is_within(owner)) return;
  const std::size_t labels = name.labels(), above = owner.labels();
  if (labels > above) labels_below_owner_ |= label_bit(name.drop(labels - above - 1).data());
}

}  // namespace dns
