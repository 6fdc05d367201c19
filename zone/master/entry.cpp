#include "zone/master/entry.h"

#include <algorithm>
#include <utility>

#include "zone/base/ascii.h"
#include "zone/field/text.h"
#include "zone/field/ttl.h"
#include "zone/name/text.h"

namespace dns {
namespace {

constexpr std::size_t kQuotedLength = 40;  // octets of a token that a message quotes

std::string quote(std::string_view text) {
  std::size_t end = std::min(text.size(), kQuotedLength);
  const auto continues = [&](std::size_t at) { return (static_cast<std::uint8_t>(text[at]) & 0xc0) == 0x80; };
  for (int back = 0; back < 3 && end < text.size() && end > 0 && continues(end); ++back) --end;  // within a character
  return concat("'", text.substr(0, end), text.size() > end ? "...'" : "'");
}

constexpr std::string_view kRemarkHelp = "a comment begins with ';'";

bool begins_remark(std::string_view text) {
  return text.starts_with('#') || text.starts_with("//") || text.starts_with("/*");
}

std::size_t quotes_of(const Token& token) { return token.kind == Token::Kind::kQuoted ? 1 : 0; }

std::string_view name_code(NameTextErrorKind error) {
  switch (error) {
    case NameTextErrorKind::kEmpty:
    case NameTextErrorKind::kEmptyLabel: return "Z008";
    case NameTextErrorKind::kLabelTooLong: return "Z006";
    case NameTextErrorKind::kNameTooLong: return "Z007";
    case NameTextErrorKind::kBadEscape: return "Z009";
  }
  return {};
}

class EntryParser {
 public:
  EntryParser(const Entry& entry, Scope& scope, Inherited& inherited, RdataBuffer& rdata)
      : entry_(entry), tokens_(entry.tokens), scope_(scope), inherited_(inherited), rdata_(rdata) {}

  Result<EntryRecord, EntryError> parse() {
    const bool whole = owner() && ttl_and_class() && type() && data() && settle_ttl();
    if (!whole) return Failure(with_remark_help(std::move(error_)));
    advise_on_owner();
    if (record_.warnings.empty()) advise_on_origin();
    return std::move(record_);
  }

 private:
  bool fail(EntryError error) {
    error_ = std::move(error);
    return false;
  }

  bool owner() {
    record_.offset = tokens_.front().offset;
    if (entry_.owner == Entry::Owner::kPrevious) {
      return scope_.owner ||
             fail(error_at(tokens_.front(), "Z010", "the line begins with a blank, but there is no record before it"));
    }
    const Token& token = tokens_[next_++];
    Result<Name, EntryError> name = parse_name_token(token, scope_.origin);
    if (!name) return fail(std::move(name.error()));
    scope_.owner = *name;
    return true;
  }

  // TTL and class: one, both or none, in either order.
  bool ttl_and_class() {
    bool klass = false;
    for (; next_ < tokens_.size(); ++next_) {
      const Token& token = tokens_[next_];
      if (token.kind == Token::Kind::kQuoted)
        return fail(error_at(token, "Z019", "expected a type, found a quoted string"));
      if (!token.text.empty() && is_digit(token.text[0])) {
        if (ttl_) return fail(error_at(token, "Z018", "expected a type, found a second TTL"));
        const Result<std::uint32_t, EntryError> ttl = parse_ttl_token(token, record_.warnings);
        if (!ttl) return fail(with_owner_help(ttl.error()));
        ttl_ = *ttl;
      } else if (const std::optional<Class> found = parse_class(token.text); found && *found != Class::ANY) {
        if (*found != inherited_.klass)
          return fail(error_at(token, "Z015", concat("expected IN, found ", quote(token.text))));
        if (klass) return fail(error_at(token, "Z018", "expected a type, found a second class"));
        klass = true;
      } else {
        return true;
      }
    }
    return fail(with_owner_help(error_after(tokens_.back(), "Z011", "expected a type, found the end of the entry")));
  }

  bool type() {
    const Token& token = tokens_[next_];
    const std::optional<Type> type = parse_type(token.text);
    if (!type) return fail(unknown_type(token));
    if (*type == kReservedType) return fail(error_at(token, "Z016", concat(quote(token.text), " is a reserved type")));
    if (is_meta(*type)) return fail(error_at(token, "Z016", concat(quote(token.text), " occurs only in messages")));
    record_.type = *type;
    ++next_;
    return true;
  }

  EntryError unknown_type(const Token& token) {
    EntryError error = error_at(token, "Z012", concat("expected a type, found ", quote(token.text)));
    if (const std::string_view near = nearest_type(token.text); !near.empty())
      error.help = concat("did you mean ", near, "?");
    if (token.text.starts_with('$')) error.help = "a directive must begin in the first column";
    return with_owner_help(std::move(error));
  }

  // "MX 10 mail" in the first column: MX was read as the owner.
  EntryError with_owner_help(EntryError error) const {
    const bool written = entry_.owner == Entry::Owner::kWritten;
    if (written && tokens_[0].text != "@" && (parse_type(tokens_[0].text) || parse_class(tokens_[0].text)))
      error.help = concat(quote(tokens_[0].text),
                          " is in the first column and was read as the owner; begin the line with a "
                          "blank to use the owner of the record before");
    return error;
  }

  bool data() {
    const std::span<const Token> fields = std::span(tokens_).subspan(next_);
    record_.rdata_offset = fields.empty() ? tokens_.back().offset : fields.front().offset;
    std::vector<RdataTextError> warnings;
    Result<std::size_t, RdataTextError> size = parse_rdata_text(record_.type, fields, scope_.origin, rdata_, &warnings);
    if (!size) return fail(of_field(std::move(size.error()), fields));
    for (RdataTextError& warning : warnings) record_.warnings.push_back(of_field(std::move(warning), fields));
    record_.rdata_size = *size;
    return true;
  }

  EntryError of_field(RdataTextError error, std::span<const Token> fields) const {
    if (error.token >= fields.size())
      return error_after(tokens_.back(), error.code, std::move(error.message), std::move(error.help));
    const Token& token = fields[error.token];
    return {error.code, token.offset + quotes_of(token) + error.offset, std::max<std::size_t>(error.length, 1),
            std::move(error.message), std::move(error.help)};
  }

  bool settle_ttl() {
    if (!ttl_) ttl_ = inherited_.default_ttl ? inherited_.default_ttl : inherited_.last_ttl;
    if (!ttl_ && record_.type == Type::SOA) {
      ttl_ = std::min(read_soa({rdata_.data(), record_.rdata_size}).minimum, kMaxTtl);
      record_.warnings.push_back(
          error_at(tokens_.front(), "Z201", concat("the TTL is ", std::to_string(*ttl_), ", from the last field")));
    }
    if (!ttl_) return fail(error_at(tokens_.front(), "Z017", "the record has no TTL, and there is no $TTL above it"));
    record_.ttl = *ttl_;
    inherited_.last_ttl = ttl_;
    return true;
  }

  // "# office" or "// office", as other languages write comments: it was read as a record.
  EntryError with_remark_help(EntryError error) const {
    const bool written = entry_.owner == Entry::Owner::kWritten && begins_remark(tokens_[0].text);
    const auto at_fault = [&](const Token& token) { return token.offset == error.offset; };
    const auto fault = std::ranges::find_if(tokens_, at_fault);
    if (written || (fault != tokens_.end() && begins_remark(fault->text))) error.help = kRemarkHelp;
    return error;
  }

  void advise_on_owner() {
    const Token& owner = tokens_[0];
    if (entry_.owner != Entry::Owner::kWritten || owner.kind == Token::Kind::kQuoted) return;
    if (begins_remark(owner.text))
      record_.warnings.push_back(error_at(owner, "Z207", concat("this record has the owner ", to_text(*scope_.owner)),
                                          std::string(kRemarkHelp)));
    const auto is_high = [](char c) { return static_cast<std::uint8_t>(c) > 0x7f; };
    if (std::ranges::any_of(owner.text, is_high))
      record_.warnings.push_back(error_at(owner, "Z208", concat("in queries the owner is ", to_text(*scope_.owner)),
                                          "write an internationalized name in its ASCII form, xn--..."));
  }

  // "www.example.com" in the zone example.com. means www.example.com.example.com. Advises a final dot if a name of the
  // record has this form.
  void advise_on_origin() {
    if (scope_.origin_text.empty()) return;
    const bool written = entry_.owner == Entry::Owner::kWritten;
    if (written && scope_.ends_in_origin(tokens_[0].text)) return advise(tokens_[0], *scope_.owner);
    const RdataNames names = names_of(record_.type, {rdata_.data(), record_.rdata_size});
    if (names.count == 0) return;
    for (const Token& token : std::span(tokens_).subspan(next_)) {
      if (!scope_.ends_in_origin(token.text)) continue;
      const Result<Name, NameTextError> name = parse_name(token.text, scope_.origin);
      for (std::size_t i = 0; name && i < names.count; ++i)
        if (NameView::trusted(rdata_.data() + names.at[i].offset, names.at[i].size) == name->view())
          return advise(token, *name);
    }
  }

  void advise(const Token& token, NameView name) {
    record_.warnings.push_back(error_at(token, "Z202", concat("this name means ", to_text(name)),
                                        concat("write ", quote(concat(token.text, ".")))));
  }

  const Entry& entry_;
  const std::vector<Token>& tokens_;
  Scope& scope_;
  Inherited& inherited_;
  RdataBuffer& rdata_;
  std::size_t next_ = 0;
  std::optional<std::uint32_t> ttl_;
  EntryRecord record_;
  EntryError error_;
};

}  // namespace

void Scope::set_origin(NameView name) {
  origin = name;
  origin_text = name.is_root() ? std::string() : to_text(name);
  if (!origin_text.empty()) origin_text.pop_back();
}

bool Scope::ends_in_origin(std::string_view name_text) const {
  const std::size_t size = origin_text.size();
  if (size == 0 || name_text.size() < size || name_text.back() == '.') return false;
  if (name_text.size() > size && name_text[name_text.size() - size - 1] != '.') return false;
  return equal_fold(name_text.substr(name_text.size() - size), origin_text);
}

Result<EntryRecord, EntryError> parse_entry(const Entry& entry, Scope& scope, Inherited& inherited,
                                            RdataBuffer& rdata) {
  return EntryParser(entry, scope, inherited, rdata).parse();
}

Result<Name, EntryError> parse_name_token(const Token& token, NameView origin) {
  const Result<Name, NameTextError> name = parse_name(token.text, origin);
  if (name) return *name;
  const NameTextErrorKind kind = name.error().error;
  EntryError error{
      name_code(kind), token.offset + quotes_of(token) + name.error().offset, 1, std::string(describe(kind)), {}};
  if (kind == NameTextErrorKind::kNameTooLong && name.error().offset == 0) {
    error.length = token.text.size();
    error.message += ", including the origin";
  }
  return Failure(std::move(error));
}

Result<std::uint32_t, EntryError> parse_ttl_token(const Token& token, std::vector<EntryError>& warnings) {
  const Result<std::uint32_t, TtlError> ttl = parse_ttl(token.text);
  if (ttl) return *ttl;
  if (ttl.error().kind == TtlError::Kind::kTooLarge) {
    warnings.push_back(error_at(
        token, "Z014", concat(quote(token.text), " is more than ", std::to_string(kMaxTtl), " seconds: the TTL is 0")));
    return 0U;
  }
  return Failure(error_at(
      token, "Z013", concat(quote(token.text), " is not a TTL: expected seconds, or numbers with w, d, h, m and s")));
}

EntryError error_at(const Token& token, std::string_view code, std::string message, std::string help) {
  return {code, token.offset, std::max<std::size_t>(token.text.size() + 2 * quotes_of(token), 1), std::move(message),
          std::move(help)};
}

EntryError error_after(const Token& token, std::string_view code, std::string message, std::string help) {
  return {code, token.offset + token.text.size() + 2 * quotes_of(token), 1, std::move(message), std::move(help)};
}

}  // namespace dns
