// Writes and reads the values in the body of a journal record. Numbers are big-endian. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/journal/overridden.h"
#include "zone/rr/serial.h"

namespace server {

using Octets = std::vector<std::uint8_t>;

// Appends to a vector.
class OctetWriter {
 public:
  explicit OctetWriter(Octets& out) : out_(out) {}

  void u8(std::uint8_t value) { out_.push_back(value); }
  void u16(std::uint16_t value) { dns::store16(room(2), value); }
  void u32(std::uint32_t value) { dns::store32(room(4), value); }
  void u64(std::uint64_t value) { dns::store64(room(8), value); }
  void serial(dns::Serial value) { u32(value.value); }
  void count(std::size_t value) { u32(static_cast<std::uint32_t>(value)); }
  void text(std::string_view value) { octets(dns::as_bytes(value)); }
  // With their number in front.
  void octets(dns::Bytes value) {
    count(value.size());
    bytes(value);
  }
  void name(const dns::Name& value) { bytes(value.view().bytes()); }
  void type(dns::Type value) { u16(static_cast<std::uint16_t>(value)); }
  void rrset(const dns::Rrset& value);
  void overridden(const OverriddenRrset& value);

 private:
  std::uint8_t* room(std::size_t size) {
    out_.resize(out_.size() + size);
    return out_.data() + out_.size() - size;
  }
  void bytes(dns::Bytes value) { out_.insert(out_.end(), value.begin(), value.end()); }

  Octets& out_;
};

// After the first value that does not fit, all values are zero or empty, and `complete` is false.
class OctetReader {
 public:
  explicit OctetReader(dns::Bytes octets) : octets_(octets) {}

  bool complete() const { return !failed_ && octets_.empty(); }
  bool failed() const { return failed_; }
  void fail() { failed_ = true; }
  std::uint8_t u8() { return take(1) ? *at_ : std::uint8_t{0}; }
  std::uint16_t u16() { return take(2) ? dns::load16(at_) : std::uint16_t{0}; }
  std::uint32_t u32() { return take(4) ? dns::load32(at_) : 0; }
  std::uint64_t u64() { return take(8) ? dns::load64(at_) : 0; }
  dns::Serial serial() { return {u32()}; }
  dns::Type type() { return static_cast<dns::Type>(u16()); }
  // A number of elements, each of at least one octet.
  std::size_t count();
  // Reads that number, and calls `read` for each element up to the first one that does not fit.
  template <class Read>
  void each(Read&& read) {
    for (std::size_t left = count(); left > 0 && !failed_; --left) read();
  }
  std::string text() { return std::string(dns::as_text(octets())); }
  dns::Bytes octets() {
    const std::size_t size = count();
    return take(size) ? dns::Bytes(at_, size) : dns::Bytes();
  }
  dns::Name name();
  dns::Rrset rrset();
  OverriddenRrsetPtr overridden();

 private:
  bool take(std::size_t size);

  dns::Bytes octets_;
  const std::uint8_t* at_ = nullptr;
  bool failed_ = false;
};

}  // namespace server
