#include "zone/message/reader.h"

#include "zone/base/ascii.h"

namespace dns {
namespace {

constexpr std::size_t kMaxHops = kMaxLabels;  // a useful name has at most one pointer for each label

}  // namespace

bool is_reply_to(Bytes request, Bytes reply) {
  constexpr std::uint8_t kQr = 0x80, kOpcode = 0x78, kRcode = 0x0f;
  constexpr std::size_t kTypeAndClass = 4;
  if (reply.size() < kHeaderSize || !equal(request.first(2), reply.first(2))) return false;
  if ((reply[2] & kQr) == 0 || (reply[2] & kOpcode) != (request[2] & kOpcode)) return false;
  const std::uint16_t questions = load16(&reply[4]);
  if (questions == 0) return (reply[3] & kRcode) != 0;
  std::size_t end = kHeaderSize;
  while (request[end] != 0) end += std::size_t{1} + request[end];
  ++end;
  const Bytes name = request.subspan(kHeaderSize, end - kHeaderSize);
  return questions == 1 && reply.size() >= end + kTypeAndClass &&
         equal_fold(name, reply.subspan(kHeaderSize, name.size())) &&
         equal(request.subspan(end, kTypeAndClass), reply.subspan(end, kTypeAndClass));
}

Result<Header, ReadError> Reader::header() {
  const auto octets = this->octets(kHeaderSize);
  if (!octets) return Failure(octets.error());
  const std::uint8_t* at = octets->data();
  return Header{load16(at), load16(at + 2), load16(at + 4), load16(at + 6), load16(at + 8), load16(at + 10)};
}

Result<std::uint16_t, ReadError> Reader::u16() {
  if (left() < 2) return Failure(ReadError::kTruncated);
  at_ += 2;
  return load16(message_.data() + at_ - 2);
}

Result<std::uint32_t, ReadError> Reader::u32() {
  if (left() < 4) return Failure(ReadError::kTruncated);
  at_ += 4;
  return load32(message_.data() + at_ - 4);
}

Result<Bytes, ReadError> Reader::octets(std::size_t count) {
  if (left() < count) return Failure(ReadError::kTruncated);
  at_ += count;
  return message_.subspan(at_ - count, count);
}

Result<Name, ReadError> Reader::name() {
  std::array<std::uint8_t, kMaxName> octets;
  std::size_t size = 0, at = at_, end = 0;  // end: position behind the name; set at the first pointer
  std::size_t bound = at_;                  // a pointer must lead to before it
  std::size_t hops = 0;
  while (true) {
    if (at >= message_.size()) return Failure(ReadError::kTruncated);
    const std::uint8_t length = message_[at];
    if (length >= 0xc0) {
      if (message_.size() - at < 2) return Failure(ReadError::kTruncated);
      const std::size_t target = load16(message_.data() + at) & kMaxPointerOffset;
      if (target >= bound || target < kHeaderSize || ++hops > kMaxHops) return Failure(ReadError::kBadPointer);
      if (end == 0) end = at + 2;
      at = bound = target;
      continue;
    }
    if (length > kMaxLabel) return Failure(ReadError::kBadLabel);
    if (message_.size() - at < 1U + length) return Failure(ReadError::kTruncated);
    if (size + 1U + length > kMaxName) return Failure(ReadError::kNameTooLong);
    std::memcpy(octets.data() + size, message_.data() + at, 1U + length);
    size += 1U + length;
    at += 1U + length;
    if (length == 0) break;
  }
  at_ = end == 0 ? at : end;
  return Name(NameView::trusted(octets.data(), size));
}

Result<void, ReadError> Reader::skip_name() {
  std::size_t at = at_;
  while (at < message_.size()) {
    const std::uint8_t length = message_[at];
    if (length > kMaxLabel && length < 0xc0) return Failure(ReadError::kBadLabel);
    const bool last = length == 0 || length >= 0xc0;
    at += length >= 0xc0 ? 2U : 1U + length;
    if (at - at_ > kMaxName + 1) return Failure(ReadError::kNameTooLong);
    if (last && at <= message_.size()) {
      at_ = at;
      return {};
    }
  }
  return Failure(ReadError::kTruncated);
}

Result<MessageRecord, ReadError> Reader::record() {
  const std::size_t start = at_;
  const auto fail = [&](ReadError error) {
    at_ = start;
    return Failure(error);
  };
  MessageRecord record;
  const auto owner = name();
  if (!owner) return fail(owner.error());
  const auto fixed = octets(10);
  if (!fixed) return fail(fixed.error());
  const std::uint8_t* at = fixed->data();
  record.owner = *owner;
  record.type = static_cast<Type>(load16(at));
  record.klass = load16(at + 2);
  record.ttl = load32(at + 4);
  record.rdata_at = at_;
  const auto rdata = octets(load16(at + 8));
  if (!rdata) return fail(rdata.error());
  record.rdata = *rdata;
  return record;
}

}  // namespace dns
