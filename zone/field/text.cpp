#include "zone/field/text.h"

#include <algorithm>
#include <array>

#include "zone/base/ascii.h"
#include "zone/base/suggest.h"
#include "zone/field/mnemonic.h"
#include "zone/rr/table.h"

namespace dns {
namespace {

constexpr MnemonicRow kClasses[] = {{1, "IN"}, {3, "CH"}, {4, "HS"}, {254, "NONE"}, {255, "ANY"}};

constexpr MnemonicRow kOpcodes[] = {{0, "QUERY"},  {1, "IQUERY"}, {2, "STATUS"},
                                    {4, "NOTIFY"}, {5, "UPDATE"}, {6, "DSO"}};

constexpr MnemonicRow kRcodes[] = {
    {0, "NOERROR"},  {1, "FORMERR"},    {2, "SERVFAIL"}, {3, "NXDOMAIN"},  {4, "NOTIMP"},
    {5, "REFUSED"},  {6, "YXDOMAIN"},   {7, "YXRRSET"},  {8, "NXRRSET"},   {9, "NOTAUTH"},
    {10, "NOTZONE"}, {11, "DSOTYPENI"}, {16, "BADVERS"}, {17, "BADKEY"},   {18, "BADTIME"},
    {19, "BADMODE"}, {20, "BADNAME"},   {21, "BADALG"},  {22, "BADTRUNC"}, {23, "BADCOOKIE"},
};

std::string name_or_number(std::span<const MnemonicRow> rows, std::string_view prefix, std::uint16_t value) {
  const std::string_view name = find_name(rows, value);
  if (!name.empty()) return std::string(name);
  return std::string(prefix) + std::to_string(value);
}

// "TYPE731" with prefix "TYPE" is 731; nothing for other text.
std::optional<std::uint16_t> parse_numbered(std::string_view text, std::string_view prefix) {
  if (text.size() <= prefix.size() || text.size() > prefix.size() + 5) return std::nullopt;
  if (!equal_fold(text.substr(0, prefix.size()), prefix)) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text.substr(prefix.size())) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (value > 0xffff) return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

// A hash table of mnemonics, by length and characters. It has twice as many slots as types: nearly all lookups take one
// probe.
constexpr std::size_t kSlots = 256;

constexpr std::size_t slot_of(std::string_view text) {
  std::uint32_t hash = static_cast<std::uint32_t>(text.size());
  for (const char c : text) hash = hash * 33 + static_cast<std::uint32_t>(c & 0x5f);
  return (hash ^ hash >> 7) % kSlots;
}

constexpr std::array<std::uint8_t, kSlots> make_slots() {
  std::array<std::uint8_t, kSlots> slots{};
  slots.fill(table::kNoRow);
  for (std::size_t i = 0; i < table::kCount; ++i) {
    std::size_t at = slot_of(table::kRows[i].name);
    while (slots[at] != table::kNoRow) at = (at + 1) % kSlots;
    slots[at] = static_cast<std::uint8_t>(i);
  }
  return slots;
}
constexpr std::array<std::uint8_t, kSlots> kTypeSlots = make_slots();
static_assert(table::kCount < kSlots, "a probe ends at an empty slot");

constexpr std::size_t kLongestMnemonic = [] {
  std::size_t longest = 0;
  for (const TypeRow& row : table::kRows) longest = std::max(longest, row.name.size());
  return longest;
}();

}  // namespace

std::string to_text(Type type) {
  const TypeRow* row = find_row(type);
  if (row != nullptr) return std::string(row->name);
  return "TYPE" + std::to_string(static_cast<unsigned>(type));
}

std::string to_text(Class klass) { return name_or_number(kClasses, "CLASS", static_cast<std::uint16_t>(klass)); }
std::string to_text(Rcode rcode) { return name_or_number(kRcodes, "RCODE", static_cast<std::uint16_t>(rcode)); }
std::string to_text(Opcode opcode) { return name_or_number(kOpcodes, "OPCODE", static_cast<std::uint16_t>(opcode)); }

std::optional<Type> parse_type(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text.size() <= kLongestMnemonic) {
    for (std::size_t at = slot_of(text); kTypeSlots[at] != table::kNoRow; at = (at + 1) % kSlots) {
      const TypeRow& row = table::kRows[kTypeSlots[at]];
      if (equal_fold(row.name, text)) return row.type;
    }
  }
  const std::optional<std::uint16_t> value = parse_numbered(text, "TYPE");
  return value ? std::optional(static_cast<Type>(*value)) : std::nullopt;
}

std::optional<Class> parse_class(std::string_view text) {
  std::optional<std::uint16_t> value = find_value(kClasses, text);
  if (!value) value = parse_numbered(text, "CLASS");
  return value ? std::optional(static_cast<Class>(*value)) : std::nullopt;
}

std::string_view nearest_type(std::string_view typed) {
  std::array<std::string_view, table::kCount> names;
  std::transform(std::begin(table::kRows), std::end(table::kRows), names.begin(),
                 [](const TypeRow& row) { return row.name; });
  return nearest_word(typed, names);
}

}  // namespace dns
