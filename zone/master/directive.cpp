// Lines that begin with '$': $ORIGIN and $INCLUDE (RFC 1035 5.1), $TTL (RFC 2308 4), $GENERATE (BIND).
#include <utility>

#include "zone/base/ascii.h"
#include "zone/base/suggest.h"
#include "zone/field/text.h"
#include "zone/master/file_parser.h"

namespace dns {
namespace {

constexpr std::size_t kShownText = 80;  // octets of a generated entry that a message shows

constexpr std::string_view kDirectives[] = {"$ORIGIN", "$TTL", "$INCLUDE", "$GENERATE"};

// The template of a token: owner, TTL, class, type or data of $GENERATE.
struct GeneratedField {
  GenerateTemplate text;
  bool quoted;
};

// As in BIND, a single quoted string behind the type is the data itself. With several fields each keeps its quotes.
bool is_whole_data(std::span<const Token> fields) {
  if (fields.empty() || fields.back().kind != Token::Kind::kQuoted) return false;
  std::size_t type = 1;  // behind the owner
  while (type < fields.size() && !fields[type].text.empty() &&
         (is_digit(fields[type].text[0]) || parse_class(fields[type].text)))
    ++type;
  return type + 2 == fields.size();
}

}  // namespace

void FileParser::directive(Reading& file) {
  const Token& word = file.entry.tokens.front();
  if (equal_fold(word.text, "$ORIGIN")) return origin_directive(file);
  if (equal_fold(word.text, "$TTL")) return ttl_directive(file);
  if (equal_fold(word.text, "$INCLUDE")) return include_directive(file);
  if (equal_fold(word.text, "$GENERATE")) return generate_directive(file);
  const std::string_view near = nearest_word(word.text, kDirectives);
  report(file, error_at(word, "Z060", "expected $ORIGIN, $TTL, $INCLUDE or $GENERATE",
                        near.empty() ? std::string() : concat("did you mean ", near, "?")));
}

bool FileParser::has_arguments(const Reading& file, std::size_t least, std::size_t most, std::string_view expected) {
  const std::vector<Token>& tokens = file.entry.tokens;
  if (tokens.size() <= least) {
    report(file, error_after(tokens.back(), "Z061", concat("expected ", expected)));
    return false;
  }
  if (tokens.size() > most + 1) {
    report(file, error_at(tokens[most + 1], "Z062", concat("expected the end of the line after ", expected)));
    return false;
  }
  return true;
}

void FileParser::origin_directive(Reading& file) {
  if (!has_arguments(file, 1, 1, "the new origin")) return;
  Result<Name, EntryError> name = parse_name_token(file.entry.tokens[1], file.scope.origin);
  if (!name) return report(file, std::move(name.error()));
  if (file.scope.ends_in_origin(file.entry.tokens[1].text))
    report(file, error_at(file.entry.tokens[1], "Z202", "the new origin contains the old origin twice",
                          concat("write '", file.entry.tokens[1].text, ".'")));
  file.scope.set_origin(*name);
}

void FileParser::ttl_directive(Reading& file) {
  if (!has_arguments(file, 1, 1, "a TTL")) return;
  std::vector<EntryError> warnings;
  Result<std::uint32_t, EntryError> ttl = parse_ttl_token(file.entry.tokens[1], warnings);
  if (!ttl) return report(file, std::move(ttl.error()));
  for (EntryError& warning : warnings) report(file, std::move(warning));
  inherited_.default_ttl = *ttl;
}

void FileParser::include_directive(Reading& file) {
  if (!has_arguments(file, 1, 2, "a file and an optional origin")) return;
  const std::vector<Token>& tokens = file.entry.tokens;
  const Token path = tokens[1];
  Scope scope = file.scope;
  if (tokens.size() == 3) {
    Result<Name, EntryError> origin = parse_name_token(tokens[2], file.scope.origin);
    if (!origin) return report(file, std::move(origin.error()));
    scope.set_origin(*origin);
  }
  if (file.depth + 1 > kMaxIncludeDepth)
    return report(file, error_at(path, "Z065", concat("this file would be at depth ", std::to_string(file.depth + 1))));
  if (++includes_ > kMaxIncludes) {
    if (includes_ == kMaxIncludes + 1)
      report(file, error_at(path, "Z066", "this and all further $INCLUDE directives are ignored"));
    return;
  }
  Result<SourceReader::Opened, std::string> opened = reader_.open(path.text, sources_.path(file.source));
  if (!opened) return report(file, error_at(path, "Z063", opened.error()));
  const Place at{file.source, path.offset};
  for (std::optional<Place> above = at; above; above = sources_.included_at(above->source))
    if (sources_.path(above->source) == opened->path)
      return report(file, error_at(path, "Z064", "this file is already open"));
  parse(sources_.add(std::move(*opened), at), std::move(scope), file.depth + 1);
}

void FileParser::generate_directive(Reading& file) {
  const std::vector<Token>& tokens = file.entry.tokens;
  if (!has_arguments(file, 4, kMaxTokens, "a range, an owner, a type and its data")) return;
  const Token& range_token = tokens[1];
  const Result<GenerateRange, std::size_t> range = parse_range(range_token.text);
  if (!range)
    return report(file, {"Z067",
                         range_token.offset + range.error(),
                         1,
                         "expected start-stop or start-stop/step, with start not larger than stop",
                         {}});
  if (range->count() > kMaxGenerated)
    return report(
        file, error_at(range_token, "Z068",
                       concat(std::to_string(range->count()), " records, more than ", std::to_string(kMaxGenerated))));
  if ((generated_count_ += range->count()) > kMaxGeneratedInAll)
    return report(file, error_at(range_token, "Z068",
                                 concat("all $GENERATE directives of the zone make more than ",
                                        std::to_string(kMaxGeneratedInAll), " records")));

  const std::span<const Token> fields = std::span(tokens).subspan(2);
  const bool whole_data = is_whole_data(fields);
  std::vector<GeneratedField> made;
  for (const Token& token : fields) {
    const bool quoted = token.kind == Token::Kind::kQuoted;
    const bool is_data = whole_data && &token == &fields.back();
    Result<GenerateTemplate, TemplateError> text = GenerateTemplate::parse(
        token.text, *range, is_data ? GenerateTemplate::Quotes::kRemoved : GenerateTemplate::Quotes::kKept);
    if (!text)
      return report(file, {"Z069",
                           token.offset + (quoted ? 1 : 0) + text.error().offset,
                           text.error().length,
                           std::move(text.error().message),
                           {}});
    made.push_back({std::move(*text), quoted && !is_data});
  }
  std::string line;
  for (std::uint64_t number = range->start; number <= range->stop; number += range->step) {
    line.clear();
    for (const GeneratedField& field : made) {
      if (!line.empty()) line += ' ';
      if (field.quoted) line += '"';
      field.text.append(line, static_cast<std::uint32_t>(number));
      if (field.quoted) line += '"';
    }
    if (!generate_one(file, line, number == range->start)) return;
  }
}

// Parses the entry generated for one number. The first error ends the directive: further errors are mostly the same.
bool FileParser::generate_one(Reading& file, std::string_view text, bool first) {
  const Token& word = file.entry.tokens.front();
  const auto fail = [&](std::string_view code, const std::string& message, std::string help) {
    report(file,
           error_at(word, code, concat(message, message.empty() ? "" : "; ", "generated: ", text.substr(0, kShownText)),
                    std::move(help)));
    return false;
  };
  if (text.size() > kMaxGenerateText) return fail("Z071", {}, {});
  tokenize_entry(text, 0, generated_);
  if (generated_.error) return fail(generated_.error->code, {}, {});
  Result<EntryRecord, EntryError> parsed = parse_entry(generated_, file.scope, inherited_, rdata_);
  if (!parsed) return fail(parsed.error().code, parsed.error().message, std::move(parsed.error().help));
  if (first)
    for (EntryError& warning : parsed->warnings) fail(warning.code, warning.message, std::move(warning.help));
  const Place place{file.source, word.offset};
  sink_.record({.owner = *file.scope.owner,
                .type = parsed->type,
                .ttl = parsed->ttl,
                .rdata = {rdata_.data(), parsed->rdata_size},
                .place = place,
                .rdata_place = place});
  return true;
}

}  // namespace dns
