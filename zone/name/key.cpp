#include "zone/name/key.h"

#include "zone/base/ascii.h"

namespace dns {
namespace {

struct Code {
  Symbol first = 0;
  Symbol second = 0;  // 0 (kLabelEnd) where one symbol is enough
};

constexpr bool is_common(unsigned octet) {
  return (octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9') || octet == '-' || octet == '_' || octet == '*';
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
static_assert(kCodes[255].first == kSymbols - 1, "all 48 symbols are used, none beyond");

}  // namespace

void Key::assign_labels(Bytes relative) {
  std::array<std::uint8_t, kMaxLabels> starts;
  std::size_t count = 0;
  for (std::size_t at = 0; at < relative.size(); at += 1U + relative[at]) starts[count++] = static_cast<std::uint8_t>(at);
  labels = static_cast<std::uint8_t>(count);
  folded_size = static_cast<std::uint8_t>(relative.size());
  for (std::size_t at = 0; at < relative.size(); ++at) folded[at] = fold(relative[at]);

  Symbol* out = symbols.data();
  for (std::size_t label = 0; label < count; ++label) {
    const std::uint8_t* octet = relative.data() + starts[count - 1 - label];
    for (const std::uint8_t* const end = octet + 1 + *octet; ++octet < end;) {
      const Code code = kCodes[*octet];
      *out++ = code.first;
      if (code.second != 0) [[unlikely]] *out++ = code.second;
    }
    *out++ = kLabelEnd;
    label_end[label] = static_cast<std::uint16_t>(out - symbols.data());
  }
  size = static_cast<std::uint16_t>(out - symbols.data());
}

std::size_t Key::labels_within(std::size_t common) const {
  std::size_t count = 0;
  while (count < labels && label_end[count] <= common) ++count;
  return count;
}

Symbol asterisk_symbol() { return kCodes['*'].first; }

}  // namespace dns
