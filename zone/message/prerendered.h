// A prerendered part of an answer: its octets, and the positions of the compression pointers in them.
//
//     message   | header | question name | 4 | part: ... pointer ... pointer ... |
//                                 ^---------------'          |     a pointer leads into the end of the name (the apex)
//                                                ^-----------'     or to an earlier position in the part itself
//
// Both targets move with the length of the name in the question, and nothing else changes. Writing the part is
// therefore one copy, and one addition for each pointer, for any question in any case. A name of the part may lie below
// the apex, as the name of the question does; the general writer could then compress further. `may_share_more` detects
// that. A value of about 120 octets; immutable; any thread.
#pragma once

#include <array>

#include "zone/message/writer.h"

namespace dns {

class Prerendered {
 public:
  static constexpr std::size_t kCapacity = 100;  // octets; 60 are usual
  static constexpr std::size_t kPointers = 4;    // one for the owner and one for each of two names are usual

  Prerendered() = default;  // empty
  // `set` of `owner` as the general writer renders it behind a question for `owner`. Empty if it is too large.
  Prerendered(NameView owner, const RrsetView& set, std::uint32_t ttl);

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // True if the name of the question may share more than the owner with a name of the part; the general writer would
  // then write other octets. `label` is the label of that name below the owner, with its length in front.
  bool may_share_more(const std::uint8_t* label) const { return (labels_below_owner_ & label_bit(label)) != 0; }
  // Writes `size` octets at `out`, behind a question for a name of `name_size` octets.
  void write(std::uint8_t* out, std::size_t name_size) const;

 private:
  static std::uint64_t label_bit(const std::uint8_t* label);
  bool add_name(Bytes message, std::size_t& at, std::size_t begin);
  void note_label_below_owner(NameView owner, NameView name);

  std::uint64_t labels_below_owner_ = 0;  // bit set (label_bit) of the labels below the owner in names of the part
  std::uint8_t size_ = 0, pointers_ = 0;
  std::array<std::uint8_t, kPointers> at_{};
  // A pointer is stored as its target minus the size of the name in the question.
  std::array<std::uint8_t, kCapacity> octets_{};
};

}  // namespace dns
