// A type by its mnemonic, and bitmaps of types (RFC 4034 4.1.2; NXT's older one, RFC 2535 5.2). The order of mnemonics
// is free.
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
      nearest.empty() ? "a type without a name is written TYPEnnn" : "did you mean " + std::string(nearest) + "?";
  return Failure(scan.error_at("Z036", "'" + std::string(scan.text()) + "' is not a type", std::move(help)));
}

// Windows of 256 types; a window is cleared when its first type comes.
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
  std::array<std::array<std::uint8_t, 32>, 256> bits_;  // only windows in use are set
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
      return Failure(scan.error_at("Z036", "NXT can only list types below 128", "NSEC lists all types"));
    bits[value / 8] |= static_cast<std::uint8_t>(0x80 >> value % 8);
    used = std::max(used, value / 8 + 1);
  }
  return scan.put({bits.data(), used});
}

}  // namespace dns
