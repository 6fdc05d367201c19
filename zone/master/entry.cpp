#include "zone/master/entry.h"

#include <algorithm>
#include <utility>

#include "zone/base/ascii.h"
#include "zone/master/ttl.h"
#include "zone/name/text.h"
#include "zone/rr/text.h"

namespace dns {
namespace {

constexpr std::size_t kQuotedLength = 40;  // octets of a token that a message repeats

std::string quote(std::string_view text) {
  return words("'", text.substr(0, kQuotedLength), text.size() > kQuotedLength ? "...'" : "'");
}

std::size_t quotes_of(const Token& token) { return token.kind == Token::Kind::kQuoted ? 1 : 0; }

std::string_view name_code(NameTextError error) {
  switch (error) {
    case NameTextError::kEmpty:
    case NameTextError::kEmptyLabel: return "Z008";
    case NameTextError::kLabelTooLong: return "Z006";
    case NameTextError::kNameTooLong: return "Z007";
    case NameTextError::kBadEscape: return "Z009";
  }
  return {};
}

class EntryParser {
 public:
  EntryParser(const Entry& entry, Scope& scope, Inherited& inherited, RdataBuffer& rdata)
      : entry_(entry), tokens_(entry.tokens), scope_(scope), inherited_(inherited), rdata_(rdata) {}

  Result<EntryRecord, EntryFault> parse() {
    const bool whole = owner() && ttl_and_class() && type() && data() && settle_ttl();
    if (!whole) return Failure(std::move(fault_));
    if (!record_.advice) advise_on_origin();
    return std::move(record_);
  }

 private:
  bool fail(EntryFault fault) {
    fault_ = std::move(fault);
    return false;
  }

  bool owner() {
    record_.offset = tokens_.front().offset;
    if (entry_.owner == Entry::Owner::kPrevious) {
      return scope_.owner || fail(fault_of(tokens_.front(), "Z010", "the line begins with a blank, and no record stands before it"));
    }
    const Token& token = tokens_[next_++];
    if (token.kind == Token::Kind::kQuoted) return fail(fault_of(token, "Z019", "an owner is written without quotes"));
    Result<Name, EntryFault> name = parse_name_token(token, scope_.origin);
    if (!name) return fail(std::move(name.error()));
    scope_.owner = *name;
    return true;
  }

  // Either, both or none, in either order.
  bool ttl_and_class() {
    bool klass = false;
    for (; next_ < tokens_.size(); ++next_) {
      const Token& token = tokens_[next_];
      if (token.kind == Token::Kind::kQuoted) return fail(fault_of(token, "Z019", "expected a type, found a quoted string"));
      if (!token.text.empty() && is_digit(token.text[0])) {
        if (ttl_) return fail(fault_of(token, "Z018", "a TTL stands before it already; expected a type"));
        const Result<std::uint32_t, EntryFault> ttl = parse_ttl_token(token);
        if (!ttl) return fail(with_owner_help(ttl.error()));
        ttl_ = *ttl;
      } else if (const std::optional<Class> found = parse_class(token.text); found && *found != Class::ANY) {
        if (*found != inherited_.klass) return fail(fault_of(token, "Z015", words("expected IN, found ", quote(token.text))));
        if (klass) return fail(fault_of(token, "Z018", "a class stands before it already; expected a type"));
        klass = true;
      } else {
        return true;
      }
    }
    return fail(with_owner_help(fault_behind(tokens_.back(), "Z011", "expected a type, found the end of the entry")));
  }

  bool type() {
    const Token& token = tokens_[next_];
    const std::optional<Type> type = parse_type(token.text);
    if (!type) return fail(unknown_type(token));
    if (*type == kReservedType) return fail(fault_of(token, "Z016", words(quote(token.text), " is reserved and names no records")));
    if (is_meta(*type)) return fail(fault_of(token, "Z016", words(quote(token.text), " occurs only in messages")));
    record_.type = *type;
    ++next_;
    return true;
  }

  EntryFault unknown_type(const Token& token) {
    EntryFault fault = fault_of(token, "Z012", words("expected a type, found ", quote(token.text)));
    if (const std::string_view near = nearest_type(token.text); !near.empty()) fault.help = words("did you mean ", near, "?");
    if (token.text.starts_with('$')) fault.help = "a directive begins in the first column of its line";
    return with_owner_help(std::move(fault));
  }

  // "MX 10 mail" in the first column: MX was read as the owner.
  EntryFault with_owner_help(EntryFault fault) const {
    const bool written = entry_.owner == Entry::Owner::kWritten;
    if (written && tokens_[0].text != "@" && (parse_type(tokens_[0].text) || parse_class(tokens_[0].text)))
      fault.help = words(quote(tokens_[0].text), " was read as the owner, as it stands in the first column; begin the line with a "
                         "blank to repeat the owner above");
    return fault;
  }

  bool data() {
    const std::span<const Token> fields = std::span(tokens_).subspan(next_);
    record_.rdata_offset = fields.empty() ? tokens_.back().offset : fields.front().offset;
    Result<std::size_t, RdataTextFault> size = parse_rdata_text(record_.type, fields, scope_.origin, rdata_);
    if (!size) return fail(of_field(std::move(size.error()), fields));
    record_.rdata_size = *size;
    return true;
  }

  EntryFault of_field(RdataTextFault fault, std::span<const Token> fields) const {
    if (fault.token >= fields.size())
      return fault_behind(tokens_.back(), fault.code, std::move(fault.message), std::move(fault.help));
    const Token& token = fields[fault.token];
    return {fault.code, token.offset + quotes_of(token) + fault.offset, std::max<std::size_t>(fault.length, 1),
            std::move(fault.message), std::move(fault.help)};
  }

  bool settle_ttl() {
    if (!ttl_) ttl_ = inherited_.default_ttl ? inherited_.default_ttl : inherited_.last_ttl;
    if (!ttl_ && record_.type == Type::SOA) {
      ttl_ = std::min(read_soa({rdata_.data(), record_.rdata_size}).minimum, kMaxTtl);
      record_.advice = fault_of(tokens_.front(), "Z201", words("its TTL is ", std::to_string(*ttl_), ", the last field"));
    }
    if (!ttl_) return fail(fault_of(tokens_.front(), "Z017", "neither the record nor a $TTL above it gives a TTL"));
    record_.ttl = *ttl_;
    inherited_.last_ttl = ttl_;
    return true;
  }

  // "www.example.com" in the zone example.com. is www.example.com.example.com.: said where a name of the record does end so.
  void advise_on_origin() {
    if (scope_.origin_text.empty()) return;
    const bool written = entry_.owner == Entry::Owner::kWritten;
    if (written && scope_.ends_in_origin(tokens_[0].text)) return advise(tokens_[0], *scope_.owner);
    const RdataNames names = names_of(record_.type, {rdata_.data(), record_.rdata_size});
    if (names.count == 0) return;
    for (const Token& token : std::span(tokens_).subspan(next_)) {
      if (!scope_.ends_in_origin(token.text)) continue;
      const Result<Name, NameTextFault> name = parse_name(token.text, scope_.origin);
      for (std::size_t i = 0; name && i < names.count; ++i)
        if (NameView::trusted(rdata_.data() + names.at[i].offset, names.at[i].size) == name->view()) return advise(token, *name);
    }
  }

  void advise(const Token& token, NameView name) {
    record_.advice = fault_of(token, "Z202", words("it is read as ", to_text(name)), words("write ", quote(words(token.text, "."))));
  }

  const Entry& entry_;
  const std::vector<Token>& tokens_;
  Scope& scope_;
  Inherited& inherited_;
  RdataBuffer& rdata_;
  std::size_t next_ = 0;
  std::optional<std::uint32_t> ttl_;
  EntryRecord record_;
  EntryFault fault_;
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

Result<EntryRecord, EntryFault> parse_entry(const Entry& entry, Scope& scope, Inherited& inherited, RdataBuffer& rdata) {
  return EntryParser(entry, scope, inherited, rdata).parse();
}

Result<Name, EntryFault> parse_name_token(const Token& token, NameView origin) {
  const Result<Name, NameTextFault> name = parse_name(token.text, origin);
  if (name) return *name;
  const NameTextError error = name.error().error;
  EntryFault fault{name_code(error), token.offset + quotes_of(token) + name.error().offset, 1, std::string(describe(error)), {}};
  if (error == NameTextError::kNameTooLong && name.error().offset == 0) {
    fault.length = token.text.size();
    fault.message += ", the origin included";
  }
  return Failure(std::move(fault));
}

Result<std::uint32_t, EntryFault> parse_ttl_token(const Token& token) {
  const Result<std::uint32_t, TtlError> ttl = parse_ttl(token.text);
  if (ttl) return *ttl;
  if (ttl.error() == TtlError::kTooLarge)
    return Failure(fault_of(token, "Z014", words(quote(token.text), " is more than ", std::to_string(kMaxTtl), " seconds")));
  return Failure(fault_of(token, "Z013", words(quote(token.text), " is no TTL: expected seconds, or numbers with w, d, h, m and s")));
}

EntryFault fault_of(const Token& token, std::string_view code, std::string message, std::string help) {
  return {code, token.offset, std::max<std::size_t>(token.text.size() + 2 * quotes_of(token), 1), std::move(message), std::move(help)};
}

EntryFault fault_behind(const Token& token, std::string_view code, std::string message, std::string help) {
  return {code, token.offset + token.text.size() + 2 * quotes_of(token), 1, std::move(message), std::move(help)};
}

}  // namespace dns
