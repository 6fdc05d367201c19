#include "zone/field/mnemonics.h"

#include <algorithm>
#include <array>

#include "zone/base/ascii.h"
#include "zone/base/suggest.h"

namespace dns {

std::optional<std::uint16_t> find_value(std::span<const MnemonicRow> rows, std::string_view name) {
  for (const MnemonicRow& row : rows)
    if (equal_fold(row.name, name)) return row.value;
  return std::nullopt;
}

std::string_view find_name(std::span<const MnemonicRow> rows, std::uint16_t value) {
  for (const MnemonicRow& row : rows)
    if (row.value == value) return row.name;
  return {};
}

std::string_view nearest_name(std::span<const MnemonicRow> rows, std::string_view typed) {
  constexpr std::size_t kMaxNames = 96;
  static_assert(std::size(kPorts) <= kMaxNames);
  std::array<std::string_view, kMaxNames> names;
  const std::size_t count = std::min(rows.size(), kMaxNames);
  std::transform(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count), names.begin(),
                 [](const MnemonicRow& row) { return row.name; });
  return nearest_word(typed, {names.data(), count});
}

}  // namespace dns
