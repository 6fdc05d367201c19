// Records into a message, for the common case: few names, all of them short, and room for everything.
//
// It writes what the general writer (message/writer.h) writes, octet for octet, by other means: a name that stands in
// the message is kept as the set of places, counted from its end, at which its labels begin. What two names share is
// then one comparison of their last octets and one operation on the two sets, without a table of hashes.
//
//     www.example.com.    | 3 w w w 7 e x a m p l e 3 c o m 0 |      labels begin 17, 13 and 5 octets before the end
//     mail.example.com.   | 4 m a i l 7 e x a m p l e 3 c o m 0 |    18, 13 and 5; the last 13 octets are alike:
//     example.com.
//
// Name servers go an even shorter way while each is one label before the same rest, be that the question's end or what
// followed the first server's label: nothing longer can stand in the message then, and no places are needed.
//
// Whatever is not common (kMaxPlaces names, kMaxLength octets of one, the message's end) makes a call return false: the
// message is then written by the general writer from its beginning. No allocation; lives on the stack of one answer.
#pragma once

#include <array>

#include "zone/fastpath/set_writers.h"

namespace dns {

class MessageBuilder {
 public:
  static constexpr std::size_t kMaxPlaces = 24;
  static constexpr std::size_t kMaxLength = 64;  // octets of a name in RDATA; of the question's name the last 64 count

  // `message` holds the header's room and the question: `question` is its name there. At most `limit` octets are
  // written.
  MessageBuilder(std::uint8_t* message, std::size_t limit, NameView question);

  std::size_t size() const { return size_; }

  // Where an owner stands in the message: what its records begin with.
  struct Owner {
    std::uint16_t pointer;
  };
  // The question's name without its first `octets`; not the root.
  static Owner in_question(std::size_t octets) {
    return {static_cast<std::uint16_t>(kPointer | (kHeaderSize + octets))};
  }

  // The servers of the next set are likely to lie right below the question's name without its first `octets`, above
  // which it has the label `above`, or nothing. Without this: right below the question's name.
  void expect_below(std::size_t octets, const std::uint8_t* above);

  // The records of `set`. False: not this way.
  [[nodiscard]] bool put(Owner owner, const RrsetView& set);

  // The name in record `index` of the last set that has names.
  struct Target {
    Owner owner;                // where it stands
    std::uint16_t in_question;  // octets of its end, whole labels, that are the question's end, too
  };
  const Target& target(std::size_t index) const { return targets_[index]; }
  // The most that one of them shares with the question.
  std::size_t most_in_question() const { return most_in_question_; }

 private:
  struct Place {
    const std::uint8_t* end;  // of the name's octets, wherever they lie: at least 8 octets lie before them
    std::uint64_t tail;       // these 8
    std::uint64_t labels;     // bit d: a label begins d + 1 octets before the end; none for the root
    std::uint32_t at_end;     // in the message: where the name would end if it stood there whole
  };
  // What follows the first label of servers.
  struct Rest {
    const std::uint8_t* octets;
    std::size_t size;           // 0: none is known
    std::uint16_t pointer;      // to where it stands
    std::uint16_t in_question;  // octets of its end that are the question's end
    const std::uint8_t* above;  // the label that stands before it in the question; null: none
  };
  // A name in the message that places_ may not have yet.
  struct Written {
    const std::uint8_t* name;
    std::size_t size, at;
  };
  static Place place_of(NameView name, std::size_t at);
  static std::uint64_t common_labels(const Place& a, const Place& b);
  bool put_names(const RecordHead& head, const RrsetView& set, std::size_t at);
  RrsetView put_servers(RecordHead head, RrsetView set);
  bool stands_alone(Bytes name) const;
  bool put_name(NameView name, Target& target);
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
