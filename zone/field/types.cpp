// A type by its mnemonic, and type bitmaps (RFC 4034 4.1.2; the older form of NXT, RFC 2535 5.2). The mnemonics may
// come in any order.
#include <algorithm>
#include <array>

#include "zone/field/field.h"
#include "zone/field/text.h"

namespace dns {
namespace {

Result<Type, RdataTextError> type_of(const FieldScan& scan) {
  if (const std::optional<Type> type = parse_type(scan.text())) [[likely]]
    return *type;
  const std::string_view nearest = nearest_type(scan.text());
  std::string help =
      nearest.empty() ? "write a type without a name as TYPEnnn" : "did you mean " + std::string(nearest) + "?";
  return Failure(scan.error_at("Z036", "'" + std::string(scan.text()) + "' is not a record type", std::move(help)));
}

// A type bitmap in windows of 256 types. The first type in a window clears it.
class TypeSet {
 public:
  void add(Type type) {
    const auto value = static_cast<std::uint16_t>(type);
    const unsigned window = value >> 8, low = value & 0xff;
    if ((used_[window / 64] >> window % 64 & 1) == 0) {
      used_[window / 64] |= std::uint64_t{1} << window % 64;
      bits_[window].fill(0);
    }
    bits_[window][low / 8] |= static_cast<std::uint8_t>(0x80 >> low % 8);
  }

  FieldResult write(FieldScan& scan) const {
    for (unsigned window = 0; window < 256; ++window) {
      if (used_[window / 64] == 0) window |= 63;
      if ((used_[window / 64] >> window % 64 & 1) == 0) continue;
      std::size_t size = 32;
      while (bits_[window][size - 1] == 0) --size;
      if (const FieldResult ok = scan.need_room(2 + size); !ok) return ok;
      scan.put8(window);
      scan.put8(size);
      if (const FieldResult ok = scan.put({bits_[window].data(), size}); !ok) return ok;
    }
    return {};
  }

 private:
  std::array<std::uint64_t, 4> used_{};
  std::array<std::array<std::uint8_t, 32>, 256> bits_;  // only windows in use are initialised
};

}  // namespace

FieldResult read_type(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(2); !ok) return ok;
  const Result<Type, RdataTextError> type = type_of(scan);
  if (!type) return Failure(type.error());
  scan.put16(static_cast<std::uint16_t>(*type));
  ++scan.next;
  return {};
}

FieldResult read_types(FieldScan& scan) {
  TypeSet types;
  for (; !scan.done(); ++scan.next) {
    if (const FieldResult ok = scan.need_plain(); !ok) return ok;
    const Result<Type, RdataTextError> type = type_of(scan);
    if (!type) return Failure(type.error());
    types.add(*type);
  }
  return types.write(scan);
}

FieldResult read_old_types(FieldScan& scan) {
  std::array<std::uint8_t, 16> bits{};
  std::size_t used = 0;
  for (; !scan.done(); ++scan.next) {
    if (const FieldResult ok = scan.need_plain(); !ok) return ok;
    const Result<Type, RdataTextError> type = type_of(scan);
    if (!type) return Failure(type.error());
    const auto value = static_cast<std::size_t>(*type);
    if (value >= bits.size() * 8)
      return Failure(scan.error_at("Z036", "NXT can only list types below 128", "use NSEC for other types"));
    bits[value / 8] |= static_cast<std::uint8_t>(0x80 >> value % 8);
    used = std::max(used, value / 8 + 1);
  }
  return scan.put({bits.data(), used});
}

void append_types(std::string& out, Bytes bitmap) {
  for (std::size_t at = 0; at < bitmap.size(); at += 2U + bitmap[at + 1]) {
    for (std::size_t bit = 0; bit < bitmap[at + 1] * 8U; ++bit) {
      if ((bitmap[at + 2 + bit / 8] >> (7 - bit % 8) & 1) == 0) continue;
      out += ' ';
      out += to_text(static_cast<Type>(bitmap[at] * 256U + bit));
    }
  }
}

void append_old_types(std::string& out, Bytes bitmap) {
  for (std::size_t bit = 0; bit < bitmap.size() * 8; ++bit) {
    if ((bitmap[bit / 8] >> (7 - bit % 8) & 1) == 0) continue;
    out += ' ';
    out += to_text(static_cast<Type>(bit));
  }
}

}  // namespace dns
