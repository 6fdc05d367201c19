// Writes records into a message for the common case: few and short names, and enough space for all records.
//
// It writes the same octets as the general writer (message/writer.h) with another method. For each name in the message
// it stores the positions of its labels, counted from the end of the name, as a bit set. What two names share is then
// one comparison of their last octets and one AND of the two sets; no hash table is needed. Case counts between names
// in RDATA and is ignored between such a name and the question, as in the general writer.
//
//     www.example.com.    | 3 w w w 7 e x a m p l e 3 c o m 0 |     labels begin 17, 13 and 5 octets before the end
//     mail.example.com.   | 4 m a i l 7 e x a m p l e 3 c o m 0 |   18, 13 and 5: both share the last 13, example.com.
//
// Name servers have an even faster path. It works while each server name is one label in front of the same rest: the
// end of the question, or the rest of the first server's name. The message cannot hold a longer match then, and no
// positions are needed.
//
// A call returns false in all other cases: more than kMaxPlaces names, a name of more than kMaxLength octets, not
// enough space. The general writer then writes the message from its beginning. No allocation; lives on the stack for
// one answer.
#pragma once

#include <array>

#include "zone/fastpath/rrset_writers.h"

namespace dns {

class MessageBuilder {
 public:
  static constexpr std::size_t kMaxPlaces = 24;
  static constexpr std::size_t kMaxLength = 64;  // octets of a name in RDATA; of the question only the last 64 are used

  // `message` has space for the header, and behind it the question; `question` is the name there. The builder writes at
  // most `limit` octets.
  MessageBuilder(std::uint8_t* message, std::size_t limit, NameView question);

  std::size_t size() const { return size_; }

  // The position of an owner in the message, as a compression pointer.
  struct Owner {
    std::uint16_t pointer;
  };
  // The name of the question without its first `octets`; not the root.
  static Owner in_question(std::size_t octets) {
    return {static_cast<std::uint16_t>(kPointer | (kHeaderSize + octets))};
  }

  // Hint: the servers of the next NS RRset probably lie one label below the name of the question without its first
  // `octets`. `above` is the label in front of that part in the question, or null. Without this call: below the whole
  // name.
  void expect_below(std::size_t octets, const std::uint8_t* above);

  // Writes the records of `set`. False: use the general writer.
  [[nodiscard]] bool put(Owner owner, const RrsetView& set);

  // Comparisons of names read this many octets at once, the last of them at the end of a name.
  static constexpr std::size_t kReadBefore = 8;

  // The same for a set without names in its RDATA, whose owner may not be in the message yet. `owner` receives its
  // position. At least kReadBefore readable octets precede the end of the name; it is not the root.
  [[nodiscard]] bool put_new(NameView name, const RrsetView& set, Owner& owner);
  // The same for an owner that is certainly not in the message, except for its part behind `labels`: `rest`.
  [[nodiscard]] bool put_new(Bytes labels, Owner rest, const RrsetView& set, Owner& owner);

  // Continues at `size`. The octets in front of it hold no names, except the question, that other names may share.
  void resume(std::size_t size) { size_ = size; }

  // The name in record `index` of the last RRset that has names.
  struct Target {
    Owner owner;                // its position in the message
    std::uint16_t in_question;  // octets in whole labels that its end shares with the end of the question
  };
  const Target& target(std::size_t index) const { return targets_[index]; }
  // The largest `in_question` of these names.
  std::size_t most_in_question() const { return most_in_question_; }

 private:
  struct Place {
    const std::uint8_t* end;  // of the name's octets in memory; at least kReadBefore readable octets precede it
    std::uint64_t tail;       // these 8 octets
    std::uint64_t labels;     // bit d: a label begins d + 1 octets before the end; no bit for the root label
    std::uint32_t at_end;     // offset in the message at which the name would end without compression
  };
  // The part of a server name after its first label.
  struct Rest {
    const std::uint8_t* octets;
    std::size_t size;           // 0: unknown
    std::uint16_t pointer;      // to its position in the message
    std::uint16_t in_question;  // octets that its end shares with the end of the question
    const std::uint8_t* above;  // the label in front of it in the question; null: none
  };
  // A name in the message that may not be in places_ yet.
  struct Written {
    const std::uint8_t* name;
    std::size_t size, at;
  };
  static Place place_of(NameView name, std::size_t at);
  template <class Difference>
  static std::uint64_t common_labels(const Place& a, const Place& b, Difference&& difference);
  bool put_names(const RecordHead& head, const RrsetView& set, std::size_t at);
  RrsetView put_servers(RecordHead head, RrsetView set);
  bool stands_alone(Bytes name) const;
  bool put_name(NameView name, Target& target);
  bool put_behind_owner(Owner owner, const RrsetView& set);
  std::size_t room() const { return limit_ - size_; }

  std::uint8_t* message_;
  std::size_t size_, limit_;
  NameView question_;
  Rest rest_;
  std::size_t written_count_ = 0, places_count_ = 0, most_in_question_ = 0;
  std::array<Written, kMaxPlaces> written_;  // the first is the question
  std::array<Place, kMaxPlaces> places_;
  std::array<Target, kMaxPlaces> targets_;
};

}  // namespace dns
