// Writes a message into a buffer of fixed size: names with compression (RFC 1035 4.1.4), RRsets completely or not at
// all.
//
// `Compression` stores the position of each suffix of each name in the message: a hash table of offsets that a worker
// reuses for all messages. The table is never cleared as a whole: a list of the used slots undoes exactly those at the
// end of a message, or when an RRset did not fit. A stored position is compared with the octets in the message before a
// pointer to it is written; a hash collision costs time but never gives a wrong name. The suffixes of the question are
// found without hashing.
//
// Names keep their case (RFC 4343 4.1): a name points only to an earlier name of the same case. What it shares with the
// question points there in any case, and so echoes what the client sent (draft-vixie-dnsext-dns0x20). No allocation. A
// `Writer` and a `Compression` belong to one thread.
#pragma once

#include "zone/message/message.h"
#include "zone/rr/rrset.h"

namespace dns {

class Compression {
 public:
  // Removes the positions stored since `mark`; 0 removes all.
  void undo(std::size_t mark);
  std::size_t mark() const { return used_count_; }

  struct Slot {
    std::uint32_t hash = 0;
    std::uint16_t offset = 0;  // 0: free (offset 0 is the header)
  };
  // Calls `matches(offset)` for positions stored with `hash`; returns the first for which it is true, or 0.
  template <class Matches>
  std::uint16_t find(std::uint32_t hash, Matches&& matches) const {
    for (std::size_t probe = 0; probe < kProbes; ++probe) {
      const Slot& slot = slots_[(hash + probe) % kSlots];
      if (slot.offset == 0) return 0;
      if (slot.hash == hash && matches(slot.offset)) return slot.offset;
    }
    return 0;
  }
  // Stores a position. If the table is full it does nothing, and the message may become a little larger.
  void remember(std::uint32_t hash, std::size_t offset);

 private:
  static constexpr std::size_t kSlots = 1024, kProbes = 8, kMaxUsed = kSlots / 2;

  std::array<Slot, kSlots> slots_{};
  std::array<std::uint16_t, kMaxUsed> used_{};
  std::size_t used_count_ = 0;
};

class Writer {
 public:
  // Leaves space for the header, which `finish` writes.
  Writer(MutableBytes out, Compression& compression);
  ~Writer() { compression_.undo(0); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  std::size_t size() const { return size_; }
  std::size_t room() const { return limit_ - size_; }
  // Reserves `octets` at the end of the buffer for the caller (OPT), and gives them back.
  void reserve(std::size_t octets) { limit_ -= octets; }
  void release(std::size_t octets) { limit_ += octets; }

  // Each function writes everything, or returns false and leaves the message unchanged.
  // First, and once. No name points to a question that stands apart: all keep their own case (RFC 5936 3.4).
  [[nodiscard]] bool question(const Question& question);
  [[nodiscard]] bool question_apart(const Question& question);
  [[nodiscard]] bool rrset(NameView owner, const RrsetView& set, std::uint32_t ttl);

  struct Counts {
    std::uint16_t questions = 0, answers = 0, authorities = 0, additionals = 0;
  };
  void finish(std::uint16_t id, std::uint16_t flags, const Counts& counts);

 private:
  bool name(NameView name);
  bool owner(NameView name, std::uint16_t& pointer);
  bool rdata(const RrsetView& set, Bytes rdata);
  bool put(Bytes bytes);
  bool put16(std::uint16_t value);
  std::uint16_t question_suffix(NameView name) const;
  bool stands_at(std::size_t offset, const std::uint8_t* name) const;

  std::uint8_t* out_;
  std::size_t size_ = kHeaderSize;
  std::size_t limit_;
  Compression& compression_;
  NameView question_;        // at offset 12; the root if there is none
  Class klass_ = Class::IN;  // class of the records: that of the question, IN if the question has class ANY
};

}  // namespace dns
