#include "zone/master/plain.h"

#include "zone/field/text.h"
#include "zone/rr/measure.h"
#include "zone/text/scan.h"

namespace dns {
namespace {

// The slot of a mnemonic in a table of 64.
constexpr std::size_t slot_of(std::uint64_t word) { return word * 0x9e3779b97f4a7c15 >> 58; }

// True if two texts of up to 64 octets are equal.
inline bool same_text(std::string_view a, std::string_view b) {
  const std::size_t size = a.size();
  if (size != b.size() || size >= kSlack) return false;
  const char *const x = a.data(), *const y = b.data();
  std::uint64_t same = same_places(x, y);
  if (size > 32) same |= same_places(x + 32, y + 32) << 32;
  return (~same & ((std::uint64_t{1} << size) - 1)) == 0;
}

}  // namespace

// The unread tokens of a line.
struct PlainLines::Fields {
  const char* base;
  const std::uint32_t* at;   // bounds of the next token
  const std::uint32_t* end;  // the line's end

  bool done() const { return at >= end; }
  std::string_view text() const { return {base + at[0], at[1] - at[0]}; }
  std::string_view take() {
    const std::string_view text = this->text();
    at += 2;
    return text;
  }
};

PlainLines::PlainLines(std::optional<SimdLevel> level, std::string_view text, std::uint32_t source, Scope& scope,
                       Inherited& inherited, RdataBuffer& rdata, RecordSink& sink)
    : level_(level), text_(text), source_(source), scope_(scope), inherited_(inherited), rdata_(rdata), sink_(sink) {
  if (level_) window_.emplace(std::min(kWindow, text.size()));
}

std::uint64_t PlainLines::take(std::uint64_t at) {
  if (!level_) return at;
  load_scope();
#if defined(__x86_64__)
  at = *level_ == SimdLevel::kAvx2 || *level_ == SimdLevel::kAvx512 ? take_with_bmi(at) : take_lines(at);
#else
  at = take_lines(at);
#endif
  save_scope();
  return at;
}

#if defined(__x86_64__)
// All processors with AVX2 have these instructions. They count and clear bits in one step.
[[gnu::target("avx2,bmi,bmi2,lzcnt")]] std::uint64_t PlainLines::take_with_bmi(std::uint64_t at) {
  return take_lines(at);
}
#endif

[[gnu::always_inline]] inline std::uint64_t PlainLines::take_lines(std::uint64_t at) {
  while (at < text_.size() && (at < window_end_ || refill(at))) {
    const TokenBounds& bounds = window_->bounds;
    while (window_begin_ + bounds.at[bounds.line[line_]] < at) ++line_;
    std::size_t first = line_ == 0 ? 0 : bounds.line[line_ - 1] + std::size_t{1}, begin = at - window_begin_,
                special = 0;
    while (special < bounds.special_count && bounds.special[special] < begin) ++special;
    const std::size_t first_special = special == bounds.special_count ? kWindow : bounds.special[special];
    for (; line_ < bounds.line_count; ++line_) {
      const std::size_t last = bounds.line[line_];
      const Fields fields{base_, &bounds.at[first], &bounds.at[last]};
      if (first_special < *fields.end) break;
      if (!fields.done() && !take_line(fields, is_blank(base_[begin]))) break;
      begin = *fields.end + std::size_t{1};
      first = last + 1;
    }
    at = window_begin_ + begin;
    if (line_ < bounds.line_count) break;
  }
  return at;
}

void PlainLines::load_scope() {
  owner_text_ = {};
  owner_from_ = ttl_from_ = From::kScope;
  owner_size_ = scope_.owner ? scope_.owner->size() : 0;
  if (owner_size_ != 0) std::memcpy(owners_[owner_at_].data(), scope_.owner->view().data(), owner_size_);
  ttl_ = inherited_.default_ttl ? inherited_.default_ttl : inherited_.last_ttl;
}

void PlainLines::save_scope() {
  if (owner_from_ == From::kLine) scope_.owner.emplace(owner());
  if (ttl_from_ == From::kLine) inherited_.last_ttl = last_ttl_;
}

// Fills the window from `at` to behind the end of a line. False if the line is longer than a window, or is the last one
// without a line end.
bool PlainLines::refill(std::uint64_t at) {
  const std::string_view ahead = text_.substr(at, kWindow);
  const std::size_t last = ahead.rfind('\n');
  if (last == std::string_view::npos) return false;
  window_begin_ = at;
  window_end_ = at + last + 1;
  base_ = ahead.data();
  owner_text_ = {};
  if (window_end_ + kSlack > text_.size()) {
    std::memcpy(window_->tail, base_, last + 1);
    base_ = window_->tail;
  }
  find_token_bounds(*level_, {base_, last + 1}, window_->bounds);
  line_ = 0;
  return true;
}

[[gnu::always_inline]] inline bool PlainLines::take_line(Fields fields, bool blank_owner) {
  constexpr std::uint64_t kIn = 'i' | 'n' << 8, kLower = 0x2020;
  const std::uint64_t place = window_begin_ + *fields.at;
  if (blank_owner) {
    if (owner_size_ == 0) return false;
  } else {
    const std::string_view text = fields.take();
    if (!same_text(text, owner_text_) && !set_owner(text)) return false;
  }
  std::uint32_t ttl = 0;
  bool has_ttl = false, has_class = false;
  std::string_view text;
  std::uint64_t word = 0;
  for (;;) {
    if (fields.done()) return false;
    text = fields.take();
    word = short_word(text.data(), text.size());
    if (text.size() == 2 && (word | kLower) == kIn) {
      if (has_class) return false;
      has_class = true;
    } else if (is_digit(text[0])) {
      if (has_ttl || !plain_number(text, ttl)) return false;
      has_ttl = true;
    } else {
      break;
    }
  }
  const std::optional<Type> type = type_of(text, word);
  if (!type || fields.done()) return false;
  if (!has_ttl) {
    if (!ttl_) return false;  // the full parser reports the missing TTL
    ttl = *ttl_;
  }
  const std::uint64_t rdata_place = window_begin_ + *fields.at;
  Fields rest = fields;
  std::size_t size = common_rdata(*type, rest);
  if (size == 0 || !rest.done()) {
    const auto gathered = gathered_rdata(*type, fields);
    if (!gathered) return false;
    size = *gathered;
  }
  if (has_ttl && !inherited_.default_ttl) ttl_ = ttl;
  last_ttl_ = ttl;
  ttl_from_ = From::kLine;
  sink_.record({.owner = owner(),
                .type = *type,
                .ttl = ttl,
                .rdata = {rdata_.data(), size},
                .place = {source_, place},
                .rdata_place = {source_, rdata_place}});
  return true;
}

[[gnu::always_inline]] inline bool PlainLines::set_owner(std::string_view text) {
  if (text[0] == '$' || text[0] == '#' || text[0] == '/' || has_high_octets(text) || is_relative_twice(text))
    return false;
  const std::size_t size = plain_name(text, scope_.origin, owners_[1 - owner_at_].data());
  if (size == 0) return false;
  owner_at_ = 1 - owner_at_;
  owner_size_ = size;
  owner_text_ = text;
  owner_from_ = From::kLine;
  return true;
}

// True if the full parser would advise a final dot.
inline bool PlainLines::is_relative_twice(std::string_view name) const {
  return name.back() != '.' && scope_.ends_in_origin(name);
}

inline std::optional<Type> PlainLines::type_of(std::string_view text, std::uint64_t word) {
  const TypeSlot& slot = types_[slot_of(word)];
  if (slot.word == word && text.size() <= sizeof word) return slot.type;
  return new_type(text, word);
}

std::optional<Type> PlainLines::new_type(std::string_view text, std::uint64_t word) {
  const std::optional<Type> type = parse_type(text);
  if (!type || is_meta(*type)) return std::nullopt;
  if (text.size() <= sizeof word) types_[slot_of(word)] = {word, *type};
  return type;
}

// Writes RDATA of the types that fill large zones. 0 for other types and for text that needs the full parser.
[[gnu::always_inline]] inline std::size_t PlainLines::common_rdata(Type type, Fields& fields) {
  std::uint8_t* const out = rdata_.data();
  if (type == Type::NS || type == Type::CNAME || type == Type::PTR || type == Type::DNAME)
    return name_field(fields, out);
  if (type == Type::A) return plain_ipv4(fields.take(), out) ? 4 : 0;
  if (type == Type::AAAA) return plain_ipv6(fields.take(), out) ? 16 : 0;
  if (type == Type::MX) {
    std::uint32_t preference = 0;
    if (!plain_number(fields.take(), preference) || preference > 0xffff || fields.done()) return 0;
    store16(out, static_cast<std::uint16_t>(preference));
    const std::size_t size = name_field(fields, out + 2);
    return size == 0 ? 0 : 2 + size;
  }
  return type == Type::DS ? ds_rdata(fields) : 0;
}

// Only with numbers instead of mnemonics, and with the digest in one token (RFC 4034 5.3).
std::size_t PlainLines::ds_rdata(Fields& fields) {
  constexpr std::uint32_t kMost[] = {0xffff, 0xff, 0xff};
  std::uint32_t numbers[3] = {};
  for (std::size_t i = 0; i < 3; ++i)
    if (!plain_number(fields.take(), numbers[i]) || numbers[i] > kMost[i] || fields.done()) return 0;
  std::uint8_t* const out = rdata_.data();
  store16(out, static_cast<std::uint16_t>(numbers[0]));
  out[2] = static_cast<std::uint8_t>(numbers[1]);
  out[3] = static_cast<std::uint8_t>(numbers[2]);
  const std::size_t size = plain_hex(fields.take(), out + 4), expected = digest_size(out[3]);
  return size == 0 || (expected != 0 && size != expected) ? 0 : 4 + size;
}

[[gnu::always_inline]] inline std::size_t PlainLines::name_field(Fields& fields, std::uint8_t* out) {
  const std::string_view text = fields.take();
  return is_relative_twice(text) ? 0 : plain_name(text, scope_.origin, out);
}

// Writes RDATA of any type with the field readers. Nothing if it is malformed or may need a message.
std::optional<std::size_t> PlainLines::gathered_rdata(Type type, Fields fields) {
  if (type == Type::SOA) return std::nullopt;  // its TTL may become the default TTL
  std::array<Token, kMaxFields> tokens;
  std::size_t count = 0;
  while (!fields.done()) {
    const std::uint64_t offset = window_begin_ + *fields.at;
    const std::string_view text = fields.take();
    if (count == kMaxFields || is_relative_twice(text)) return std::nullopt;
    tokens[count++] = {text, offset, Token::Kind::kPlain};
  }
  std::vector<RdataTextError> warnings;
  const Result<std::size_t, RdataTextError> size =
      parse_rdata_text(type, {tokens.data(), count}, scope_.origin, rdata_, &warnings);
  return size && warnings.empty() ? std::optional(*size) : std::nullopt;
}

}  // namespace dns
