// Writes a message into a buffer of fixed size: names with compression (RFC 1035 4.1.4), RRsets whole or not at all.
//
// `Compression` remembers where each suffix of each name written stands: a hash table of offsets that a worker keeps
// from message to message. It is never cleared as a whole: a list of the slots in use takes back exactly those, at the
// end of a message and where a set did not fit. A remembered place is compared with the octets in the message before it
// is pointed to, so a clash of hashes costs time, never a wrong name. The question's own suffixes are recognised
// without hashing.
//
// Names are compressed with case ignored: a pointer into the question echoes the client's case
// (draft-vixie-dnsext-dns0x20). No allocation. A `Writer` and a `Compression` belong to one thread.
#pragma once

#include "zone/message/message.h"
#include "zone/rr/rrset.h"

namespace dns {

class Compression {
 public:
  // A place remembered at or behind `mark` is forgotten; 0 forgets all.
  void undo(std::size_t mark);
  std::size_t mark() const { return used_count_; }

  struct Slot {
    std::uint32_t hash = 0;
    std::uint16_t offset = 0;  // 0: free (the header stands there)
  };
  // Calls `matches(offset)` for places remembered with `hash`; returns the first that does, or 0.
  template <class Matches>
  std::uint16_t find(std::uint32_t hash, Matches&& matches) const {
    for (std::size_t probe = 0; probe < kProbes; ++probe) {
      const Slot& slot = slots_[(hash + probe) % kSlots];
      if (slot.offset == 0) return 0;
      if (slot.hash == hash && matches(slot.offset)) return slot.offset;
    }
    return 0;
  }
  // Not remembered where the table is full: the message is then a little larger.
  void remember(std::uint32_t hash, std::size_t offset);

 private:
  static constexpr std::size_t kSlots = 1024, kProbes = 8, kMostUsed = kSlots / 2;

  std::array<Slot, kSlots> slots_{};
  std::array<std::uint16_t, kMostUsed> used_{};
  std::size_t used_count_ = 0;
};

class Writer {
 public:
  // Leaves room for the header, which `finish` writes.
  Writer(MutableBytes out, Compression& compression);
  ~Writer() { compression_.undo(0); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  std::size_t size() const { return size_; }
  std::size_t room() const { return limit_ - size_; }
  // Keeps `octets` of the buffer's end for what its caller puts there (OPT).
  void reserve(std::size_t octets) { limit_ -= octets; }

  // Each writes whole or returns false and leaves the message as it was.
  [[nodiscard]] bool question(const Question& question);  // first, and once
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
  NameView question_;        // at offset 12; the root where there is none
  Class klass_ = Class::IN;  // of the records: the question's, IN where it asked for any
};

}  // namespace dns
