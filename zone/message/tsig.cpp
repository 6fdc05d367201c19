#include "zone/message/tsig.h"

#include <array>

#include "zone/base/ascii.h"
#include "zone/base/result.h"
#include "zone/message/reader.h"

namespace dns {
namespace {

constexpr std::size_t kTimers = 8;         // octets of time and fudge
constexpr std::size_t kRecordHeader = 10;  // octets of type, class, TTL and length
constexpr std::size_t kAfterName = 16;     // octets of RDATA besides algorithm, MAC and other data
constexpr std::uint16_t kAny = 255;        // the class of the record

std::array<std::uint8_t, kTimers> timers_of(const TsigRecord& record) {
  std::array<std::uint8_t, kTimers> octets;
  store16(octets.data(), static_cast<std::uint16_t>(record.time >> 32));
  store32(octets.data() + 2, static_cast<std::uint32_t>(record.time));
  store16(octets.data() + 6, record.fudge);
  return octets;
}

void cover_name(Mac& mac, NameView name) {
  std::array<std::uint8_t, kMaxName> lower;
  for (std::size_t i = 0; i < name.size(); ++i) lower[i] = fold(name.data()[i]);
  mac.add(Bytes(lower).first(name.size()));
}

void cover16(Mac& mac, std::uint16_t value) {
  std::array<std::uint8_t, 2> octets;
  store16(octets.data(), value);
  mac.add(octets);
}

bool skip_question(Reader& reader) { return reader.skip_name().has_value() && reader.octets(4).has_value(); }

// The type of the next record; nothing if the message is damaged.
std::optional<Type> skip_one(Reader& reader) {
  if (!reader.skip_name()) return std::nullopt;
  const auto fixed = reader.octets(kRecordHeader);
  if (!fixed || !reader.octets(load16(fixed->data() + 8))) return std::nullopt;
  return static_cast<Type>(load16(fixed->data()));
}

std::uint8_t* put(std::uint8_t* at, Bytes octets) {
  if (!octets.empty()) std::memcpy(at, octets.data(), octets.size());
  return at + octets.size();
}

}  // namespace

TsigSearch find_tsig(Bytes message) {
  constexpr TsigSearch kDamaged{TsigPresence::kMalformed, 0};
  Reader reader(message);
  const auto header = reader.header();
  if (!header) return kDamaged;
  for (unsigned i = 0; i < header->questions; ++i)
    if (!skip_question(reader)) return kDamaged;
  const unsigned before = unsigned{header->answers} + header->authorities, all = before + header->additionals;
  for (unsigned i = 0; i < all; ++i) {
    const std::size_t at = reader.at();
    const auto type = skip_one(reader);
    if (!type) return kDamaged;
    if (*type != Type::TSIG) continue;
    if (i + 1 != all || i < before || reader.left() != 0 || !read_tsig(message, at)) return kDamaged;
    return {TsigPresence::kLast, at};
  }
  return {};
}

std::optional<TsigRecord> read_tsig(Bytes message, std::size_t at) {
  if (at > message.size()) return std::nullopt;
  Reader reader(message, at);
  const auto owner = reader.name();
  const auto fixed = reader.octets(kRecordHeader);
  if (!owner || !fixed || static_cast<Type>(load16(fixed->data())) != Type::TSIG || load16(fixed->data() + 2) != kAny ||
      load32(fixed->data() + 4) != 0)
    return std::nullopt;
  const std::size_t end = reader.at() + load16(fixed->data() + 8);
  if (end > message.size()) return std::nullopt;
  Reader rdata(message.first(end), reader.at());
  const auto algorithm = rdata.name();
  const auto timers = rdata.octets(kTimers);
  const auto mac_size = rdata.u16();
  if (!algorithm || !timers || !mac_size) return std::nullopt;
  const auto mac = rdata.octets(*mac_size);
  const auto id = rdata.u16(), error = rdata.u16(), other_size = rdata.u16();
  if (!mac || !id || !error || !other_size) return std::nullopt;
  const auto other = rdata.octets(*other_size);
  if (!other || rdata.left() != 0) return std::nullopt;
  TsigRecord record;
  record.key = *owner;
  record.algorithm = *algorithm;
  record.time = std::uint64_t{load16(timers->data())} << 32 | load32(timers->data() + 2);
  record.fudge = load16(timers->data() + 6);
  record.mac = *mac;
  record.original_id = *id;
  record.error = static_cast<TsigError>(*error);
  record.other = *other;
  return record;
}

void cover_message(Mac& mac, Bytes message, std::size_t end, std::uint16_t original_id, std::uint16_t additionals) {
  require(message.size() >= end && end >= kHeaderSize, "a message has a header");
  std::array<std::uint8_t, kHeaderSize> header;
  std::memcpy(header.data(), message.data(), kHeaderSize);
  store16(header.data(), original_id);
  store16(header.data() + kArcountAt, additionals);
  mac.add(header);
  mac.add(message.subspan(kHeaderSize, end - kHeaderSize));
}

void cover_variables(Mac& mac, const TsigRecord& record) {
  cover_name(mac, record.key);
  std::array<std::uint8_t, 6> class_and_ttl{};
  store16(class_and_ttl.data(), kAny);
  mac.add(class_and_ttl);
  cover_name(mac, record.algorithm);
  cover_timers(mac, record);
  cover16(mac, static_cast<std::uint16_t>(record.error));
  cover16(mac, static_cast<std::uint16_t>(record.other.size()));
  mac.add(record.other);
}

void cover_timers(Mac& mac, const TsigRecord& record) { mac.add(timers_of(record)); }

void cover_prior(Mac& mac, Bytes prior) {
  cover16(mac, static_cast<std::uint16_t>(prior.size()));
  mac.add(prior);
}

std::size_t tsig_size(const TsigRecord& record) {
  return record.key.size() + kRecordHeader + record.algorithm.size() + kAfterName + record.mac.size() +
         record.other.size();
}

std::size_t append_tsig(MutableBytes out, std::size_t size, const TsigRecord& record) {
  const std::size_t end = size + tsig_size(record);
  require(end <= out.size() && size >= kHeaderSize, "there is room for the TSIG record");
  std::uint8_t* at = put(out.data() + size, record.key.view().bytes());
  store16(at, static_cast<std::uint16_t>(Type::TSIG));
  store16(at + 2, kAny);
  store32(at + 4, 0);
  store16(at + 8, static_cast<std::uint16_t>(end - size - record.key.size() - kRecordHeader));
  at = put(at + kRecordHeader, record.algorithm.view().bytes());
  at = put(at, timers_of(record));
  store16(at, static_cast<std::uint16_t>(record.mac.size()));
  at = put(at + 2, record.mac);
  store16(at, record.original_id);
  store16(at + 2, static_cast<std::uint16_t>(record.error));
  store16(at + 4, static_cast<std::uint16_t>(record.other.size()));
  put(at + 6, record.other);
  store16(out.data() + kArcountAt, static_cast<std::uint16_t>(load16(out.data() + kArcountAt) + 1));
  return end;
}

}  // namespace dns
