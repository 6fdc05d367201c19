#include "zone/name/key.h"

#include <algorithm>

#include "zone/base/ascii.h"

namespace dns {
namespace {

struct Code {
  Symbol first = 0;
  Symbol second = 0;  // 0 (kLabelEnd): one symbol is enough
};

constexpr bool is_common(unsigned octet) {
  return (octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9') || octet == '-' || octet == '_' ||
         octet == '*';
}

constexpr std::array<Code, 256> make_codes() {
  std::array<Code, 256> codes{};
  Symbol symbol = kLabelEnd;
  unsigned second = kSymbols;  // no range open
  for (unsigned octet = 0; octet < 256; ++octet) {
    if (octet >= 'A' && octet <= 'Z') continue;
    if (is_common(octet)) {
      codes[octet] = {++symbol, 0};
      second = kSymbols;
      continue;
    }
    if (second >= kSymbols) {
      ++symbol;
      second = kLabelEnd + 1;
    }
    codes[octet] = {symbol, static_cast<Symbol>(second++)};
  }
  for (unsigned octet = 'A'; octet <= 'Z'; ++octet) codes[octet] = codes[octet | 0x20];
  return codes;
}

constexpr std::array<Code, 256> kCodes = make_codes();
static_assert(kCodes[255].first == kSymbols - 1, "exactly 48 symbols are used");

// Octets side by side in a vector register, and results for each of them.
constexpr std::size_t kLanes = 16;
using Lanes [[gnu::vector_size(kLanes)]] = std::uint8_t;

Lanes all(unsigned octet) { return Lanes{} + static_cast<std::uint8_t>(octet); }

// Tables for a shuffle, with one value for each half octet, high or low. An octet is one symbol if the groups of both
// its halves have a bit in common. Within a column of the ASCII table the symbols are consecutive.
constexpr std::uint8_t group_of_column(unsigned column) {
  return column < 8 ? static_cast<std::uint8_t>(1U << column) : std::uint8_t{0};
}
consteval std::array<std::uint8_t, kLanes> make_columns() {
  std::array<std::uint8_t, kLanes> groups{};
  for (unsigned column = 0; column < kLanes; ++column) groups[column] = group_of_column(column);
  return groups;
}
consteval std::array<std::uint8_t, kLanes> make_rows() {
  std::array<std::uint8_t, kLanes> groups{};
  for (unsigned octet = 0; octet < 128; ++octet)
    if (is_common(octet))
      groups[octet & 15U] = static_cast<std::uint8_t>(groups[octet & 15U] | group_of_column(octet >> 4));
  return groups;
}
// The difference between an octet and its symbol. For '*', which shares a column with '-', it is one more.
consteval std::array<std::uint8_t, kLanes> make_shifts() {
  std::array<std::uint8_t, kLanes> shifts{};
  for (unsigned octet = 0; octet < 128; ++octet)
    if (is_common(octet) && octet != '*') shifts[octet >> 4] = static_cast<std::uint8_t>(kCodes[octet].first - octet);
  return shifts;
}
constexpr std::array<std::uint8_t, kLanes> kColumns = make_columns(), kRows = make_rows(), kShifts = make_shifts();

Lanes load_lanes(const std::uint8_t* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, kLanes);
  return lanes;
}

// table[i] for each i of `indexes`, which are below kLanes: one instruction if the compiler has a builtin for it.
Lanes look_up(const std::array<std::uint8_t, kLanes>& table, Lanes indexes) {
#ifdef __clang__
  Lanes found{};
  for (std::size_t lane = 0; lane < kLanes; ++lane) found[lane] = table[indexes[lane]];
  return found;
#else
  return __builtin_shuffle(load_lanes(table.data()), indexes);
#endif
}

// Converts A to Z to lower case.
Lanes folded_lanes(Lanes octets) { return octets | (Lanes((octets - all('A')) < all(26)) & all(0x20)); }

// Copies at least `count` octets in whole lanes. Compilers would turn a plain loop into a call.
void copy_lanes(std::uint8_t* to, const std::uint8_t* from, std::size_t count) {
  std::memcpy(to, from, kLanes);
  if (count > kLanes) [[unlikely]]
    std::memcpy(to + kLanes, from + kLanes, count - kLanes);
}

constexpr Symbol kTwo = 0x80;  // marks an octet that needs two symbols
static_assert(std::uint8_t(kCodes['*'].first - '*') == std::uint8_t(kCodes['-'].first - '-' + 1));

// The symbols of folded octets, or kTwo.
Lanes symbols_of(Lanes octets) {
  const Lanes columns = octets >> 4, rows = octets & all(15);
  const Lanes groups = look_up(kColumns, columns) & look_up(kRows, rows);
  const Lanes symbols = octets + look_up(kShifts, columns) - Lanes(octets == all('*'));  // true is -1
  return symbols | (Lanes(groups == Lanes{}) & all(kTwo));
}

// Writes the symbols of a label without its end; returns the position behind them.
Symbol* put_label(Symbol* out, Bytes label) {
  for (const std::uint8_t octet : label) {
    const Code code = kCodes[octet];
    *out++ = code.first;
    if (code.second != 0) *out++ = code.second;
  }
  return out;
}

// The number of common symbols of two different labels, and the symbol of the second label behind them.
KeyMatch compare_label(Bytes ours, Bytes theirs) {
  std::size_t common = 0;
  for (std::size_t at = 0; at < theirs.size(); ++at) {
    const Code other = kCodes[theirs[at]];
    if (at == ours.size()) return {.common = common, .symbol = other.first};
    const Code own = kCodes[ours[at]];
    if (own.first != other.first) return {.common = common, .symbol = other.first};
    if (own.second != other.second) return {.common = common + 1, .symbol = other.second};
    common += other.second == 0 ? 1 : 2;
  }
  return {.common = common, .symbol = kLabelEnd};
}

}  // namespace

void Key::begin_labels(Bytes relative) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < relative.size(); at += 1U + relative[at])
    label_at[count++] = static_cast<std::uint8_t>(at);
  labels = static_cast<std::uint8_t>(count);
  folded_size = static_cast<std::uint8_t>(relative.size());
}

// Converts the labels of `name` except the last `apex_labels`; they are its first `octets`. If each octet is one
// symbol, as in nearly all names, all octets are folded and looked up together and then split into labels.
void Key::finish_labels(Bytes name, std::size_t octets, std::size_t apex_labels) {
  label_end[0] = 0;
  for (std::size_t label = 1; label < apex_labels; ++label) label_end[label] = 0;
  std::array<Symbol, kMaxName + 2 * kLanes> found;  // the symbol of each octet; those of length octets are unused
  const auto convert = [&](const std::uint8_t* from, std::size_t at) {
    const Lanes octets_here = folded_lanes(load_lanes(from)), symbols_here = symbols_of(octets_here);
    std::memcpy(&folded[at], &octets_here, kLanes);
    std::memcpy(&found[at], &symbols_here, kLanes);
  };
  if (name.size() < kLanes) {
    std::array<std::uint8_t, kLanes> few{};
    copy_octets(few.data(), name.data(), octets);
    convert(few.data(), 0);
  } else {
    std::size_t at = 0;
    for (; at + kLanes < octets; at += kLanes) convert(&name[at], at);
    at = std::min(at, name.size() - kLanes);  // may convert some octets twice, or some of the apex
    convert(&name[at], at);
  }
  std::size_t out = 0;
  std::uint16_t* end = &label_end[apex_labels];
  for (std::size_t label = labels - apex_labels; label-- > 0;) {
    const std::size_t start = label_at[label] + 1U, length = name[start - 1];
    copy_lanes(&symbols[out], &found[start], length);  // octets beyond the label are overwritten next
    out += length;
    symbols[out++] = kLabelEnd;
    *end++ = static_cast<std::uint16_t>(out);
  }
  size = static_cast<std::uint16_t>(out);
  std::memset(&symbols[out], kLabelEnd, kLanes);
  Lanes seen{};
  for (std::size_t done = 0; done < out; done += kLanes) {
    Lanes some;
    std::memcpy(&some, &symbols[done], kLanes);
    seen |= some;
  }
  std::array<std::uint64_t, 2> halves;
  std::memcpy(halves.data(), &seen, sizeof halves);
  if (((halves[0] | halves[1]) & (std::uint64_t{kTwo} * 0x0101010101010101U)) != 0) [[unlikely]]
    finish_slowly(name, apex_labels);
}

void Key::finish_slowly(Bytes name, std::size_t apex_labels) {
  Symbol* out = symbols.data();
  for (std::size_t label = labels - apex_labels; label-- > 0;) {
    const std::uint8_t* const octets = name.data() + label_at[label];
    out = put_label(out, {octets + 1, *octets});
    *out++ = kLabelEnd;
    label_end[labels - 1 - label] = static_cast<std::uint16_t>(out - symbols.data());
  }
  size = static_cast<std::uint16_t>(out - symbols.data());
}

Symbol symbol_of(std::uint8_t octet) { return kCodes[octet].first; }

void key_begin(Bytes relative, std::span<Symbol> out) {
  std::array<std::uint8_t, kMaxLabels> starts;
  std::size_t label = 0;
  for (std::size_t at = 0; at < relative.size(); at += 1U + relative[at])
    starts[label++] = static_cast<std::uint8_t>(at);
  Symbol* to = out.data();
  Symbol* const end = to + out.size();
  while (label > 0 && to != end) {
    const std::uint8_t* octet = relative.data() + starts[--label];
    for (const std::uint8_t* const last = octet + *octet; octet != last && to != end;) {
      const Code code = kCodes[*++octet];
      *to++ = code.first;
      if (code.second != 0 && to != end) [[unlikely]]
        *to++ = code.second;
    }
    if (to != end) *to++ = kLabelEnd;
  }
  std::fill(to, end, kLabelEnd);
}

std::size_t Key::labels_within(std::size_t common) const {
  std::size_t count = 0;
  while (count < labels && label_end[count] <= common) ++count;
  return count;
}

KeyMatch KeyTail::match(Bytes other) const {
  const Bytes own = folded();
  if (other.size() < own.size()) {  // usually an ancestor
    std::size_t label = 0;
    while (label < labels() && key_->label_at[label] < own.size() - other.size()) ++label;
    if (label < labels() && key_->label_at[label] == own.size() - other.size() &&
        equal_fold(own.subspan(own.size() - other.size()), other))
      return {.common = end_of(labels() - label), .labels = labels() - label, .ends = true};
  }
  std::array<std::uint8_t, kMaxLabels> starts;
  std::size_t theirs = 0;
  for (std::size_t at = 0; at < other.size(); at += 1U + other[at]) starts[theirs++] = static_cast<std::uint8_t>(at);
  std::size_t ours = labels();
  for (; theirs > 0; --theirs, --ours) {  // from the apex down
    const std::uint8_t* const their = other.data() + starts[theirs - 1];
    const Bytes their_label{their + 1, *their};
    const std::size_t shared = labels() - ours, done = end_of(shared);
    if (ours == 0) return {.common = done, .labels = shared, .symbol = kCodes[their[1]].first};
    const std::uint8_t* const label = own.data() + key_->label_at[ours - 1];
    if (equal_fold({label, 1U + *label}, {their, 1U + *their})) continue;
    KeyMatch match = compare_label({label + 1, *label}, their_label);
    match.common += done;
    match.labels = shared;
    return match;
  }
  return {.common = end_of(labels() - ours), .labels = labels() - ours, .ends = true};
}

Symbol asterisk_symbol() { return kCodes['*'].first; }

}  // namespace dns
