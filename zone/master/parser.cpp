#include "zone/master/parser.h"

#include <utility>

#include "zone/master/file_parser.h"
#include "zone/text/scan.h"

namespace dns {
namespace {

// An entry with an unclosed parenthesis is read to the end of the file. Parsing stops after this many of them.
constexpr std::size_t kMaxUnclosed = 4;

class NoReader final : public SourceReader {
 public:
  Result<Opened, std::string> open(std::string_view, std::string_view) override {
    return Failure<std::string>("nothing is read here");
  }
};

class BorrowedText final : public Text {
 public:
  explicit BorrowedText(std::string_view text) : text_(text) {}
  std::string_view text() const override { return text_; }

 private:
  std::string_view text_;
};

}  // namespace

void parse(Sources& sources, std::uint32_t source, const ParseOptions& options, SourceReader& reader, RecordSink& sink,
           Diagnostics& diagnostics) {
  Scope scope;
  scope.set_origin(options.origin);
  FileParser(sources, reader, sink, diagnostics, options).parse(source, std::move(scope), 0);
}

PieceScope parse_head(Sources& sources, std::uint32_t source, std::uint64_t end, const ParseOptions& options,
                      SourceReader& reader, RecordSink& sink, Diagnostics& diagnostics) {
  FileParser parser(sources, reader, sink, diagnostics, options);
  FileParser::Reading file{
      .source = source, .text = sources.text(source).substr(0, end), .scope = {}, .depth = 0, .entry = {}};
  file.scope.set_origin(options.origin);
  parser.read(file, 0);
  return {file.scope.origin, options.klass, parser.passed_state().inherited.default_ttl};
}

PieceOutcome parse_piece(const Sources& sources, std::uint32_t source, std::uint64_t begin, std::uint64_t end,
                         const PieceScope& scope, std::optional<SimdLevel> level, RecordSink& sink,
                         Diagnostics& diagnostics) {
  Sources nothing;  // no includes
  NoReader reader;
  FileParser parser(nothing, reader, sink, diagnostics, {.origin = {}, .klass = scope.klass, .level = level});
  parser.refuse_directives();
  parser.set_passed_state(
      {.inherited = {.klass = scope.klass, .default_ttl = scope.default_ttl, .last_ttl = {}}, .generated_count = 0});
  FileParser::Reading file{
      .source = source, .text = sources.text(source).substr(0, end), .scope = {}, .depth = 0, .entry = {}};
  file.scope.set_origin(scope.origin);
  parser.read(file, begin);
  return parser.refused() ? PieceOutcome::kDirective : PieceOutcome::kRead;
}

struct PartParser::State {
  ParseOptions options;
  SourceReader& reader;
  RecordSink& sink;
  Diagnostics& diagnostics;
  Scope scope;
  std::optional<FileParser::PassedState> passed_state;  // none before the first part
};

PartParser::PartParser(const ParseOptions& options, SourceReader& reader, RecordSink& sink, Diagnostics& diagnostics)
    : state_(new State{options, reader, sink, diagnostics, {}, {}}) {
  state_->scope.set_origin(options.origin);
}

PartParser::~PartParser() = default;

void PartParser::parse(std::string_view part) {
  Sources sources;
  const std::uint32_t source = sources.add({{}, std::make_unique<BorrowedText>(part)}, std::nullopt);
  FileParser parser(sources, state_->reader, state_->sink, state_->diagnostics, state_->options);
  if (state_->passed_state) parser.set_passed_state(*state_->passed_state);
  state_->scope = parser.parse(source, std::move(state_->scope), 0);
  state_->passed_state = parser.passed_state();
}

FileParser::FileParser(Sources& sources, SourceReader& reader, RecordSink& sink, Diagnostics& diagnostics,
                       const ParseOptions& options)
    : sources_(sources), reader_(reader), sink_(sink), diagnostics_(diagnostics), level_(options.level) {
  inherited_.klass = options.klass;
}

Scope FileParser::parse(std::uint32_t source, Scope scope, std::size_t depth) {
  Reading file{.source = source, .text = sources_.text(source), .scope = std::move(scope), .depth = depth, .entry = {}};
  const std::uint64_t begin = first_octet(file.text);
  if (begin > 0) report(file, {"Z205", 0, begin, {}, {}});
  read(file, begin);
  return std::move(file.scope);
}

void FileParser::read(Reading& file, std::uint64_t at) {
  PlainLines plain(level_, file.text, file.source, file.scope, inherited_, rdata_, sink_);
  while ((at = plain.take(at)) < file.text.size()) at = parse_entry_at(file, at);
}

// Parses the entry that begins at `at`. Returns the begin of the next entry.
std::uint64_t FileParser::parse_entry_at(Reading& file, std::uint64_t at) {
  Entry& entry = file.entry;
  tokenize_entry(file.text, at, entry);
  const std::uint64_t end = entry.end;
  if (entry.error) {
    report(file, {entry.error->code, entry.error->offset, entry.error->length, {}, {}});
    if (entry.closed == Entry::Closed::kUnclosed && ++file.unclosed == kMaxUnclosed) {
      report(file, {"Z070", end, 1, "the rest of the file was not read", {}});
      return file.text.size();
    }
  } else if (!entry.tokens.empty()) {
    const Token& first = entry.tokens.front();
    const bool written = entry.owner == Entry::Owner::kWritten && first.kind == Token::Kind::kPlain;
    if (!written || !first.text.starts_with('$')) {
      record(file);
    } else if (directives_ == Directives::kTaken) {
      directive(file);
    } else {
      directives_ = Directives::kRefused;
      report(file, error_at(first, "Z060", "directives are not allowed here"));
      return file.text.size();
    }
  }
  return end;
}

void FileParser::record(Reading& file) {
  Result<EntryRecord, EntryError> parsed = parse_entry(file.entry, file.scope, inherited_, rdata_);
  if (!parsed) return report(file, std::move(parsed.error()));
  for (EntryError& warning : parsed->warnings) report(file, std::move(warning));
  sink_.record({.owner = *file.scope.owner,
                .type = parsed->type,
                .ttl = parsed->ttl,
                .rdata = {rdata_.data(), parsed->rdata_size},
                .place = {file.source, parsed->offset},
                .rdata_place = {file.source, parsed->rdata_offset}});
}

void FileParser::report(const Reading& file, EntryError error) {
  const CodeRow* code = find_code(error.code);
  require(code != nullptr, "an error has a code of the table");
  diagnostics_.add({.code = code,
                    .at = {file.source, error.offset},
                    .length = error.length,
                    .message = std::move(error.message),
                    .help = std::move(error.help)});
}

}  // namespace dns
