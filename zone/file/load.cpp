#include "zone/file/load.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "zone/base/arena.h"
#include "zone/build/builder.h"
#include "zone/build/incremental_loader.h"
#include "zone/check/check.h"
#include "zone/field/text.h"
#include "zone/file/findings.h"
#include "zone/file/piece_buffer.h"
#include "zone/master/parser.h"
#include "zone/name/text.h"
#include "zone/text/pieces.h"

namespace dns {
namespace {

// About the zone as a whole. Further findings are not reported and not counted.
constexpr std::size_t kMaxFindings = 1000;

// A sink that feeds a ZoneBuilder, or a part of one.
template <class Builder>
class BuildingSink final : public RecordSink {
 public:
  BuildingSink(Builder& builder, const Sources& sources, Diagnostics& diagnostics)
      : builder_(builder), sources_(sources), diagnostics_(diagnostics) {}

  void record(const RecordView& record) override {
    const AddOutcome outcome = builder_.add(record.owner, record.type, record.ttl, record.rdata);
    if (is_silent(outcome)) [[likely]]
      return;
    std::string message = to_text(record.owner) + ' ' + to_text(record.type);
    diagnostics_.add(diagnostic_at(sources_, record.place, code_of(outcome, record.type), std::move(message)));
  }

 private:
  Builder& builder_;
  const Sources& sources_;
  Diagnostics& diagnostics_;
};

// Refers to an object that the caller owns.
class BorrowedText final : public Text {
 public:
  explicit BorrowedText(std::string_view text) : text_(text) {}
  std::string_view text() const override { return text_; }

 private:
  std::string_view text_;
};

// Adds the zone file to `sources`. If it cannot be opened, reports that and returns false.
bool open_zone_file(Sources& sources, std::string_view path, SourceReader& reader, Diagnostics& diagnostics) {
  Result<SourceReader::Opened, std::string> opened = reader.open(path, {});
  if (opened) {
    sources.add(std::move(*opened), std::nullopt);
    return true;
  }
  const std::uint32_t source =
      sources.add({std::string(path), std::make_unique<BorrowedText>(std::string_view())}, std::nullopt);
  diagnostics.add(
      {.code = find_code("Z063"), .at = {source, 0}, .length = 1, .message = std::move(opened.error()), .help = {}});
  return false;
}

ParseOptions options_of(NameView apex) {
  ParseOptions options;
  options.origin = apex;
  return options;
}

enum class Read : std::uint8_t { kWhole, kWithErrors };

struct Built {
  ZoneBuilder::Finished finished;
  Read read = Read::kWhole;
};

// After a syntax error, a record that seems to be missing may be in the faulty entry. Only findings that no further
// record could remove are reported then.
bool is_reported(const ZoneFinding& finding, Read read) {
  const bool missing = finding.finding == Finding::kNoSoa || finding.finding == Finding::kNoApexNs;
  return read == Read::kWhole || (is_error(finding.finding) && !missing);
}

// Reports the findings about the zone as a whole.
FindingLocator findings_of(const Built& built, const ParallelExecutor& parallel) {
  FindingLocator locator;
  for (const ZoneBuilder::DeferredOutcome& deferred : built.finished.deferred) locator.add(deferred);
  for (const ZoneFinding& finding : check(*built.finished.zone, kMaxFindings, built.finished.largest_set, parallel))
    if (is_reported(finding, built.read)) locator.add(finding);
  return locator;
}

void report_findings(FindingLocator& locator, Sources& sources, NameView apex, SourceReader& reader,
                     Diagnostics& diagnostics) {
  if (locator.needs_pass()) {
    Diagnostics ignored(0);
    parse(sources, 0, options_of(apex), reader, locator, ignored);
  }
  locator.report(sources, {0, 0}, diagnostics);
}

class LocatingSink final : public RecordSink {
 public:
  explicit LocatingSink(std::span<const NameView> owners) : owners_(owners) {}

  void record(const RecordView& record) override {
    if (std::ranges::find(owners_, record.owner) != owners_.end())
      found.push_back({record.owner, record.type, record.place});
  }

  std::vector<RecordLocation> found;

 private:
  std::span<const NameView> owners_;
};

}  // namespace

namespace {

Built build_sequentially(Sources& sources, NameView apex, SourceReader& reader, Diagnostics& diagnostics,
                         const ParallelExecutor& parallel) {
  const std::size_t errors_before = diagnostics.errors();
  ZoneBuilder builder(apex);
  BuildingSink sink(builder, sources, diagnostics);
  parse(sources, 0, options_of(apex), reader, sink, diagnostics);
  return {builder.finish(parallel), diagnostics.errors() > errors_before ? Read::kWithErrors : Read::kWhole};
}

// Loads the file in pieces. Returns nothing if the result may differ from reading the file at once, and after errors:
// reading at once then writes the messages.
std::optional<Built> build_in_parallel(Sources& sources, NameView apex, SourceReader& reader, Diagnostics& diagnostics,
                                       const ParallelExecutor& parallel) {
  std::vector<std::uint64_t> borders = piece_borders(sources.text(0), parallel.min_part_octets);
  if (borders.empty()) return std::nullopt;
  const std::size_t pieces = borders.size();
  borders.push_back(sources.text(0).size());
  ZoneBuilder builder(apex);
  Diagnostics of_head(diagnostics.kept_max());
  BuildingSink head(builder, sources, of_head);
  const PieceScope scope = parse_head(sources, 0, borders.front(), options_of(apex), reader, head, of_head);
  if (of_head.errors() > 0) return std::nullopt;

  std::vector<Diagnostics> of_pieces(pieces, Diagnostics(diagnostics.kept_max()));
  builder.begin_parts();
  parallel(pieces, [&](std::size_t piece) {
    ZoneBuilder::Part part(builder, piece);
    BuildingSink sink(part, sources, of_pieces[piece]);
    parse_piece(sources, 0, borders[piece], borders[piece + 1], scope, options_of(apex).level, sink, of_pieces[piece]);
    part.complete();
  });
  if (std::ranges::any_of(of_pieces, [](const Diagnostics& piece) { return piece.errors() > 0; })) return std::nullopt;
  Built built{builder.finish(parallel), Read::kWhole};
  if (built.finished.order == ZoneBuilder::Order::kUnsure) return std::nullopt;
  diagnostics.append(std::move(of_head));
  for (Diagnostics& piece : of_pieces) diagnostics.append(std::move(piece));
  return built;
}

enum class PartedRead : std::uint8_t {
  kRead,
  kDirective,  // a directive behind the first part
  kOther,      // errors, or the order of pieces matters, or the text cannot be read
};

// Loads the pieces of a text that is not in memory as a whole.
class PartedBuild {
 public:
  PartedBuild(ChunkedText& text, NameView apex, std::size_t kept_max)
      : text_(text),
        buffers_(text),
        apex_(apex),
        builder_(apex),
        of_head_(kept_max),
        of_pieces_(parts_of(text), Diagnostics(kept_max)) {}

  PartedRead run(std::string_view path, SourceReader& reader, const ParallelExecutor& parallel);

  // The result, and below its diagnostics. Places count from the beginning of the text.
  Built take_built() { return std::move(built_); }
  bool is_clean() const {
    return of_head_.kept().empty() &&
           std::ranges::all_of(of_pieces_, [](const Diagnostics& piece) { return piece.kept().empty(); });
  }
  void report(Diagnostics& diagnostics) {
    diagnostics.append(std::move(of_head_));
    for (Diagnostics& piece : of_pieces_) diagnostics.append(std::move(piece));
  }

 private:
  PartedRead read_head(std::string_view path, SourceReader& reader);
  PartedRead read_piece(std::size_t index);

  ChunkedText& text_;
  PieceBufferPool buffers_;
  NameView apex_;
  ZoneBuilder builder_;
  std::size_t head_end_ = 0;
  PieceScope scope_;
  std::atomic<PartedRead> state_ = PartedRead::kRead;
  Diagnostics of_head_;
  std::vector<Diagnostics> of_pieces_;
  Built built_;
};

PartedRead PartedBuild::run(std::string_view path, SourceReader& reader, const ParallelExecutor& parallel) {
  if (const PartedRead head = read_head(path, reader); head != PartedRead::kRead) return head;
  builder_.begin_parts();
  parallel(of_pieces_.size(), [this](std::size_t index) {
    if (state_.load(std::memory_order_relaxed) != PartedRead::kRead) return;  // another thread has given up
    if (const PartedRead piece = read_piece(index); piece != PartedRead::kRead) state_ = piece;
  });
  if (state_ != PartedRead::kRead) return state_;
  if (!text_.finish()) return PartedRead::kOther;
  built_ = {builder_.finish(parallel), Read::kWhole};
  return built_.finished.order == ZoneBuilder::Order::kSure ? PartedRead::kRead : PartedRead::kOther;
}

PartedRead PartedBuild::read_head(std::string_view path, SourceReader& reader) {
  std::unique_ptr<PieceBuffer> buffer = buffers_.take();
  const std::optional<std::string_view> first = buffer->first();
  head_end_ = first ? head_end(*first) : std::string_view::npos;
  if (head_end_ == std::string_view::npos) return PartedRead::kDirective;
  Sources sources;
  sources.add({std::string(path), std::make_unique<BorrowedText>(*first)}, std::nullopt);
  BuildingSink sink(builder_, sources, of_head_);
  scope_ = parse_head(sources, 0, head_end_, options_of(apex_), reader, sink, of_head_);
  buffers_.give_back(std::move(buffer));
  if (of_head_.errors() > 0) return PartedRead::kOther;
  return sources.size() > 1 && !of_head_.kept().empty() ? PartedRead::kDirective
                                                        : PartedRead::kRead;  // places may be in included files
}

PartedRead PartedBuild::read_piece(std::size_t index) {
  std::unique_ptr<PieceBuffer> buffer = buffers_.take();
  const std::optional<PieceBuffer::Piece> piece = buffer->read(index, head_end_);
  PieceOutcome outcome = PieceOutcome::kRead;
  if (piece) {
    Diagnostics& diagnostics = of_pieces_[index];
    Sources sources;
    sources.add({{}, std::make_unique<BorrowedText>(piece->text)}, std::nullopt);
    ZoneBuilder::Part part(builder_, index);
    BuildingSink sink(part, sources, diagnostics);
    outcome = parse_piece(sources, 0, 0, piece->text.size(), scope_, options_of(apex_).level, sink, diagnostics);
    part.complete();
    diagnostics.shift(piece->begin);
  }
  buffers_.give_back(std::move(buffer));
  if (outcome == PieceOutcome::kDirective) return PartedRead::kDirective;
  return piece && of_pieces_[index].errors() == 0 ? PartedRead::kRead : PartedRead::kOther;
}

// Loads the zone without its text in memory, unless there are diagnostics. If the text has to be read at once, there is
// no zone and no diagnostic, and the outcome says why.
PartedRead load_parted(LoadedZone& loaded, SourceReader::OpenedParts opened, NameView apex, SourceReader& reader,
                       Diagnostics& diagnostics, const ParallelExecutor& parallel) {
  const std::size_t refusals_before = diagnostics.refusals();
  ChunkedText& text = *opened.text;
  PartedBuild build(text, apex, diagnostics.kept_max());
  if (const PartedRead outcome = build.run(opened.path, reader, parallel); outcome != PartedRead::kRead) return outcome;
  Built built = build.take_built();
  FindingLocator locator = findings_of(built, parallel);
  if ((!build.is_clean() || locator.has_findings()) && !text.hold()) return PartedRead::kOther;
  loaded.sources.add({std::move(opened.path), std::move(opened.text)}, std::nullopt);
  build.report(diagnostics);
  report_findings(locator, loaded.sources, apex, reader, diagnostics);
  if (diagnostics.refusals() == refusals_before) loaded.zone = std::move(built.finished.zone);
  return PartedRead::kRead;
}

void load_into(LoadedZone& loaded, NameView apex, std::string_view path, SourceReader& reader, Diagnostics& diagnostics,
               const ParallelExecutor& parallel) {
  PartedRead parted = PartedRead::kDirective;
  if (SourceReader::OpenedParts opened = reader.open_parts(path); opened.text != nullptr)
    parted = load_parted(loaded, std::move(opened), apex, reader, diagnostics, parallel);
  if (parted == PartedRead::kRead) return;
  const std::size_t refusals_before = diagnostics.refusals();
  if (!open_zone_file(loaded.sources, path, reader, diagnostics)) return;

  std::optional<Built> built;
  if (parallel.threads > 1 && parted == PartedRead::kDirective)
    built = build_in_parallel(loaded.sources, apex, reader, diagnostics, parallel);
  if (!built) {
    loaded.sources.keep_first(1);  // the includes of the head are read again
    built = build_sequentially(loaded.sources, apex, reader, diagnostics, parallel);
  }
  FindingLocator locator = findings_of(*built, parallel);
  report_findings(locator, loaded.sources, apex, reader, diagnostics);
  if (diagnostics.refusals() == refusals_before) loaded.zone = std::move(built->finished.zone);
}

}  // namespace

LoadedZone load_zone(NameView apex, std::string_view path, SourceReader& reader, Diagnostics& diagnostics,
                     const ParallelExecutor& parallel) {
  LoadedZone loaded;
  std::string_view shortage;
  try {
    load_into(loaded, apex, path, reader, diagnostics, parallel);
  } catch (const ArenaFull&) {
    shortage = "the zone needs more than 2^32 words of 32 bits";
  } catch (const std::bad_alloc&) {
    shortage = "there is not enough memory for the zone";
  }
  if (shortage.empty()) return loaded;
  loaded.zone = nullptr;
  report_shortage(loaded.sources, path, shortage, diagnostics);
  return loaded;
}

void report_shortage(Sources& sources, std::string_view path, std::string_view words, Diagnostics& diagnostics) {
  if (sources.size() == 0)
    sources.add({std::string(path), std::make_unique<BorrowedText>(std::string_view())}, std::nullopt);
  diagnostics.add({.code = find_code("Z123"), .at = {0, 0}, .length = 1, .message = std::string(words), .help = {}});
}

struct IncrementalFileLoader::State {
  explicit State(const Zone& version) : sink(version), parser(options_of(version.apex()), reader, sink, diagnostics) {}

  struct NoIncludes final : SourceReader {
    Result<Opened, std::string> open(std::string_view, std::string_view) override {
      return Failure<std::string>("not here");
    }
  };
  struct Sink final : RecordSink {
    explicit Sink(const Zone& version) : loader(version) {}
    void record(const RecordView& record) override {
      active = active && loader.add(record.owner, record.type, record.ttl, record.rdata);
    }
    IncrementalLoader loader;
    bool active = true;
  };

  NoIncludes reader;
  Diagnostics diagnostics;
  Sink sink;
  PartParser parser;
  bool whole_line = true;
};

IncrementalFileLoader::IncrementalFileLoader(const Zone& version) : state_(std::make_unique<State>(version)) {}
IncrementalFileLoader::~IncrementalFileLoader() = default;

bool IncrementalFileLoader::take(std::string_view part) {
  State& state = *state_;
  if (part.empty()) return state.sink.active;
  if (!std::exchange(state.whole_line, part.ends_with('\n')))
    state.sink.active = false;  // the previous part ended within a line
  if (state.sink.active) state.parser.parse(part);
  state.sink.active = state.sink.active && state.diagnostics.kept().empty();
  return state.sink.active;
}

std::optional<Change> IncrementalFileLoader::finish() {
  if (!state_->sink.active) return std::nullopt;
  return state_->sink.loader.finish();
}

std::vector<RecordLocation> locate_records(Sources& sources, NameView apex, std::string_view path, SourceReader& reader,
                                           std::span<const NameView> owners) {
  Diagnostics ignored(0);
  const auto source = static_cast<std::uint32_t>(sources.size());
  if (!open_zone_file(sources, path, reader, ignored)) return {};
  LocatingSink sink(owners);
  parse(sources, source, options_of(apex), reader, sink, ignored);
  return std::move(sink.found);
}

}  // namespace dns
