#include "zone/file/plain.h"

#include <cstring>

#include "zone/base/ascii.h"
#include "zone/file/scan.h"
#include "zone/file/ttl.h"
#include "zone/rr/text.h"

namespace dns {
namespace {

// A name without escapes to wire form at `out`, which holds kMaxName octets. 0 where it is malformed or too long.
std::size_t plain_name(std::string_view text, NameView origin, std::uint8_t* out) {
  if (text.size() >= kMaxName) return 0;
  if (text.size() == 1 && (text[0] == '@' || text[0] == '.')) {
    const NameView name = text[0] == '@' ? origin : NameView();
    std::memcpy(out, name.data(), name.size());
    return name.size();
  }
  std::memcpy(out + 1, text.data(), text.size());
  std::size_t label = 0;  // where the current label's length goes
  for (std::size_t at = 1; at <= text.size(); ++at) {
    if (out[at] != '.') continue;
    const std::size_t length = at - label - 1;
    if (length == 0 || length > kMaxLabel) return 0;
    out[label] = static_cast<std::uint8_t>(length);
    label = at;
  }
  const std::size_t last = text.size() - label;
  if (last == 0) {
    out[label] = 0;
    return text.size() + 1;
  }
  const std::size_t size = text.size() + 1 + origin.size();
  if (last > kMaxLabel || size > kMaxName) return 0;
  out[label] = static_cast<std::uint8_t>(last);
  std::memcpy(out + text.size() + 1, origin.data(), origin.size());
  return size;
}

// Dotted decimal to four octets; false for whatever is not plainly that.
bool plain_ipv4(std::string_view text, std::uint8_t* out) {
  std::size_t part = 0;
  unsigned value = 0, digits = 0;
  for (const char c : text) {
    if (is_digit(c)) {
      if (digits > 0 && value == 0) return false;  // a leading zero
      value = value * 10 + static_cast<unsigned>(c - '0');
      if (++digits > 3 || value > 255) return false;
    } else {
      if (c != '.' || digits == 0 || part == 3) return false;
      out[part++] = static_cast<std::uint8_t>(value);
      value = digits = 0;
    }
  }
  if (part != 3 || digits == 0) return false;
  out[3] = static_cast<std::uint8_t>(value);
  return true;
}

// Seconds without units.
std::optional<std::uint32_t> plain_ttl(std::string_view text) {
  if (text.size() > 10) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (value > kMaxTtl) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

bool is_one_name(Type type) { return type == Type::NS || type == Type::CNAME || type == Type::PTR || type == Type::DNAME; }

}  // namespace

struct PlainLines::Line {
  std::array<Token, kMaxFields> tokens;
  std::size_t count = 0;
  bool blank_owner = false;
};

PlainLines::PlainLines(std::string_view text, std::uint32_t source, Scope& scope, Inherited& inherited, RdataBuffer& rdata,
                       RecordSink& sink)
    : text_(text), source_(source), scope_(scope), inherited_(inherited), rdata_(rdata), sink_(sink),
      cuts_(std::make_unique_for_overwrite<Cuts>()) {}

std::uint64_t PlainLines::take(std::uint64_t at) {
  Line line;
  while (at < text_.size()) {
    if (at >= window_end_ && !refill(at)) return at;
    while (cut_ < cuts_->count && window_begin_ + cuts_->at[cut_] < at) ++cut_;
    const auto begin = static_cast<std::uint32_t>(at - window_begin_);
    line.blank_owner = is_blank(text_[at]);
    line.count = 0;
    if (!cut_line(line)) return at;
    const std::uint32_t end = cuts_->at[cut_];
    while (odd_ < cuts_->odd_count && cuts_->odd[odd_] < begin) ++odd_;
    if (odd_ < cuts_->odd_count && cuts_->odd[odd_] < end) return at;
    if (line.count > 0 && !take_line(line)) return at;
    at = window_begin_ + end + 1;
    ++cut_;
  }
  return at;
}

// The window begins at `at` and ends behind a line's end. False where the line is longer than a window, or the last one
// without an end.
bool PlainLines::refill(std::uint64_t at) {
  const std::string_view ahead = text_.substr(at, kWindow);
  const std::size_t last = ahead.rfind('\n');
  if (last == std::string_view::npos) return false;
  window_begin_ = at;
  window_end_ = at + last + 1;
  find_cuts(ahead.substr(0, last + 1), *cuts_);
  cut_ = odd_ = 0;
  return true;
}

// Fills `line` and leaves `cut_` at the line's end. False where it has too many tokens.
bool PlainLines::cut_line(Line& line) {
  const char* base = text_.data() + window_begin_;
  const std::uint32_t* at = &cuts_->at[cut_];
  for (; base[*at] != '\n'; at += base[at[1]] == '\n' ? 1 : 2) {
    if (line.count == kMaxFields) return false;
    line.tokens[line.count++] = {{base + at[0], at[1] - at[0]}, window_begin_ + at[0], Token::Kind::kPlain};
  }
  cut_ = static_cast<std::size_t>(at - cuts_->at.data());
  return true;
}

bool PlainLines::take_line(const Line& line) {
  const std::span<const Token> tokens(line.tokens.data(), line.count);
  std::size_t next = 0;
  if (line.blank_owner) {
    if (!scope_.owner) return false;
  } else {
    if (tokens[0].text[0] == '$') return false;
    if (tokens[0].text != owner_text_ && !set_owner(tokens[0].text)) return false;
    next = 1;
  }
  std::optional<std::uint32_t> ttl;
  bool klass = false;
  for (; next < tokens.size(); ++next) {
    const std::string_view text = tokens[next].text;
    if (is_digit(text[0])) {
      if (ttl || !(ttl = plain_ttl(text))) return false;
    } else if (text.size() == 2 && (text[0] | 0x20) == 'i' && (text[1] | 0x20) == 'n') {
      if (klass) return false;
      klass = true;
    } else {
      break;
    }
  }
  if (next == tokens.size()) return false;
  const std::optional<Type> type = type_of(tokens[next].text);
  if (!type) return false;
  if (!ttl) ttl = inherited_.default_ttl ? inherited_.default_ttl : inherited_.last_ttl;
  if (!ttl || scope_.ends_in_origin(tokens.back().text)) return false;  // the careful parser has something to say
  const std::optional<std::size_t> size = rdata_of(*type, tokens.subspan(next + 1));
  if (!size) return false;
  inherited_.last_ttl = ttl;
  sink_.record({.owner = *scope_.owner, .type = *type, .ttl = *ttl, .rdata = {rdata_.data(), *size},
                .place = {source_, tokens[0].offset}, .rdata_place = {source_, tokens[std::min(next + 1, tokens.size() - 1)].offset}});
  return true;
}

bool PlainLines::set_owner(std::string_view text) {
  if (scope_.ends_in_origin(text)) return false;
  std::array<std::uint8_t, kMaxName + 1> wire;
  const std::size_t size = plain_name(text, scope_.origin, wire.data());
  if (size == 0) return false;
  scope_.owner.emplace(NameView::trusted(wire.data(), size));
  owner_text_ = text;
  return true;
}

std::optional<Type> PlainLines::type_of(std::string_view text) {
  constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15;
  std::uint64_t word = 0;
  if (text.size() > sizeof word) return std::nullopt;
  std::memcpy(&word, text.data(), text.size());
  TypeSlot& slot = types_[word * kSpread >> 58];
  if (slot.word != word) {
    const std::optional<Type> type = parse_type(text);
    if (!type || is_meta(*type)) return std::nullopt;
    slot = {word, *type};
  }
  return slot.type;
}

// `rdata_` is written; nothing where the fields are malformed or SOA's, which may lend its TTL.
std::optional<std::size_t> PlainLines::rdata_of(Type type, std::span<const Token> fields) {
  if (fields.size() == 1 && type == Type::A && plain_ipv4(fields[0].text, rdata_.data())) return 4;
  if (fields.size() == 1 && is_one_name(type)) {
    if (const std::size_t size = plain_name(fields[0].text, scope_.origin, rdata_.data()); size > 0) return size;
  }
  const Result<std::size_t, RdataTextFault> size = parse_rdata_text(type, fields, scope_.origin, rdata_);
  return size ? std::optional(*size) : std::nullopt;
}

}  // namespace dns
