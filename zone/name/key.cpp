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

// The symbol of an octet that is one; kTwo for the others.
constexpr Symbol kTwo = 0x80;
constexpr std::array<Symbol, 256> make_plain() {
  std::array<Symbol, 256> plain{};
  for (unsigned octet = 0; octet < 256; ++octet) plain[octet] = kCodes[octet].second == 0 ? kCodes[octet].first : kTwo;
  return plain;
}
constexpr std::array<Symbol, 256> kPlain = make_plain();

// The symbols of a label, without its end; returns the place behind them.
Symbol* put_any(Symbol* out, Bytes label) {
  for (const std::uint8_t octet : label) {
    const Code code = kCodes[octet];
    *out++ = code.first;
    if (code.second != 0) *out++ = code.second;
  }
  return out;
}

// The same, four at a time, as nearly all labels allow it.
Symbol* put_label(Symbol* out, Bytes label) {
  const std::uint8_t* octet = label.data();
  unsigned seen = 0;
  std::size_t at = 0;
  for (; at + 4 <= label.size(); at += 4) {
    const Symbol a = kPlain[octet[at]], b = kPlain[octet[at + 1]], c = kPlain[octet[at + 2]], d = kPlain[octet[at + 3]];
    out[at] = a;
    out[at + 1] = b;
    out[at + 2] = c;
    out[at + 3] = d;
    seen |= unsigned{a} | b | c | d;
  }
  for (; at < label.size(); ++at) seen |= out[at] = kPlain[octet[at]];
  return (seen & kTwo) == 0 ? out + at : put_any(out, label);
}

// How two labels go on alike: symbols, and the symbol of the second where they part.
Meeting meet_label(Bytes ours, Bytes theirs) {
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

void Key::assign_labels(Bytes relative) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < relative.size(); at += 1U + relative[at]) label_at[count++] = static_cast<std::uint8_t>(at);
  labels = static_cast<std::uint8_t>(count);
  folded_size = static_cast<std::uint8_t>(relative.size());
  fold_into(folded.data(), relative);

  Symbol* out = symbols.data();
  for (std::size_t label = 0; label < count; ++label) {
    const std::uint8_t* const octets = relative.data() + label_at[count - 1 - label];
    out = put_label(out, {octets + 1, *octets});
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

Meeting KeyTail::meet(Bytes other) const {
  std::array<std::uint8_t, kMaxLabels> starts;
  std::size_t theirs = 0;
  for (std::size_t at = 0; at < other.size(); at += 1U + other[at]) starts[theirs++] = static_cast<std::uint8_t>(at);
  std::size_t ours = labels();
  for (; theirs > 0; --theirs, --ours) {  // from the apex down
    const std::uint8_t* const their = other.data() + starts[theirs - 1];
    const Bytes their_label{their + 1, *their};
    const std::size_t done = end_of(labels() - ours);
    if (ours == 0) return {.common = done, .symbol = kCodes[their[1]].first};
    const std::uint8_t* const own = key_->folded.data() + key_->label_at[ours - 1];
    if (equal_fold({own, 1U + *own}, {their, 1U + *their})) continue;
    Meeting meeting = meet_label({own + 1, *own}, their_label);
    meeting.common += done;
    return meeting;
  }
  return {.common = end_of(labels() - ours), .ends = true};
}

Symbol asterisk_symbol() { return kCodes['*'].first; }

}  // namespace dns
