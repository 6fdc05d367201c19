// A part of an answer that is ready but for its place: octets, and where the compression pointers stand among them.
//
//     message   | header | question name | 4 | part: ... pointer ... pointer ... |
//                                 ^---------------'          |       a pointer leads into the name's end (the apex), or
//                                                ^-----------'       to an earlier place of the part itself
//
// Both targets move with the length of the question's name, and nothing else does: so writing the part is a copy and an
// addition a pointer, whatever the client asked and in whichever case. What the general writer would compress further
// is told by `may_share_more`: a name of the part may lie below the apex, and the question's name beside it. A value of
// some 120 octets; immutable once made; any thread.
#pragma once

#include <array>

#include "zone/message/writer.h"

namespace dns {

class Prerendered {
 public:
  static constexpr std::size_t kCapacity = 100;  // octets; 60 is usual
  static constexpr std::size_t kPointers = 4;    // one for the owner and one for each of two names are usual

  Prerendered() = default;  // nothing
  // `set` of `owner` as the general writer renders it behind a question for `owner`. Nothing where it is too large.
  Prerendered(NameView owner, const RrsetView& set, std::uint32_t ttl);

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // True where the question's name, whose label right below the owner is `label` (its length first), may share more
  // with a name of the part than the owner: then this part is not what the general writer would write.
  bool may_share_more(const std::uint8_t* label) const { return (labels_below_owner_ & label_bit(label)) != 0; }
  // Writes `size` octets at `out`, behind a question for a name of `name_size` octets.
  void write(std::uint8_t* out, std::size_t name_size) const;

 private:
  static std::uint64_t label_bit(const std::uint8_t* label);
  bool add_name(Bytes message, std::size_t& at, std::size_t begin);
  void note_label_below_owner(NameView owner, NameView name);

  std::uint64_t labels_below_owner_ = 0;  // bits of the labels right below the owner that names of the part have
  std::uint8_t size_ = 0, pointers_ = 0;
  std::array<std::uint8_t, kPointers> at_{};
  std::array<std::uint8_t, kCapacity> octets_{};  // where a pointer stands: its target less the question name's size
};

}  // namespace dns
