#include "zone/file/load.h"

#include <algorithm>
#include <utility>

#include "zone/file/findings.h"
#include "zone/master/parser.h"
#include "zone/name/text.h"
#include "zone/rr/text.h"
#include "zone/snapshot/builder.h"
#include "zone/snapshot/check.h"
#include "zone/snapshot/follow.h"
#include "zone/text/chunks.h"

namespace dns {
namespace {

constexpr std::size_t kMaxFindings = 1000;  // about the zone as a whole; what is beyond is neither worded nor counted

// To a ZoneBuilder, or to a part of one.
template <class Builder>
class BuildingSink final : public RecordSink {
 public:
  BuildingSink(Builder& builder, const Sources& sources, Diagnostics& diagnostics)
      : builder_(builder), sources_(sources), diagnostics_(diagnostics) {}

  void record(const RecordView& record) override {
    const AddOutcome outcome = builder_.add(record.owner, record.type, record.ttl, record.rdata);
    if (outcome == AddOutcome::kAdded) [[likely]] return;
    std::string message = to_text(record.owner) + ' ' + to_text(record.type);
    diagnostics_.add(diagnostic_at(sources_, record.place, code_of(outcome, record.type), std::move(message)));
  }

 private:
  Builder& builder_;
  const Sources& sources_;
  Diagnostics& diagnostics_;
};

class EmptyText final : public Text {
 public:
  std::string_view text() const override { return {}; }
};

// Adds the zone file to `sources`; false where it cannot be opened, which is then reported.
bool open_zone_file(Sources& sources, std::string_view path, SourceReader& reader, Diagnostics& diagnostics) {
  Result<SourceReader::Opened, std::string> opened = reader.open(path, {});
  if (opened) {
    sources.add(std::move(*opened), std::nullopt);
    return true;
  }
  const std::uint32_t source = sources.add({std::string(path), std::make_unique<EmptyText>()}, std::nullopt);
  diagnostics.add({.code = find_code("Z063"), .at = {source, 0}, .length = 1, .message = std::move(opened.error()), .help = {}});
  return false;
}

ParseOptions options_of(NameView apex) {
  ParseOptions options;
  options.origin = apex;
  return options;
}

enum class Read : std::uint8_t { kWhole, kWithErrors };

// Where lines could not be read, what seems to be missing may stand in one of them: then only that is said which no
// further record could mend.
bool is_said(const ZoneFinding& finding, Read read) {
  const bool missing = finding.finding == Finding::kNoSoa || finding.finding == Finding::kNoApexNs;
  return read == Read::kWhole || (is_error(finding.finding) && !missing);
}

void report_findings(Sources& sources, NameView apex, SourceReader& reader, const ZoneBuilder::Finished& built, Read read,
                     Diagnostics& diagnostics, const Together& together) {
  FindingLocator locator;
  for (const ZoneBuilder::Late& late : built.late) locator.ask(late);
  for (const ZoneFinding& finding : check(*built.zone, kMaxFindings, built.largest_set, together))
    if (is_said(finding, read)) locator.ask(finding);
  if (locator.needs_pass()) {
    Diagnostics said_before(0);
    parse(sources, 0, options_of(apex), reader, locator, said_before);
  }
  locator.report(sources, {0, 0}, diagnostics);
}

class LocatingSink final : public RecordSink {
 public:
  explicit LocatingSink(std::span<const NameView> owners) : owners_(owners) {}

  void record(const RecordView& record) override {
    if (std::ranges::find(owners_, record.owner) != owners_.end()) found.push_back({record.owner, record.type, record.place});
  }

  std::vector<Located> found;

 private:
  std::span<const NameView> owners_;
};

}  // namespace

namespace {

struct Built {
  ZoneBuilder::Finished finished;
  Read read = Read::kWhole;
};

Built build_alone(Sources& sources, NameView apex, SourceReader& reader, Diagnostics& diagnostics, const Together& together) {
  const std::size_t errors_before = diagnostics.errors();
  ZoneBuilder builder(apex);
  BuildingSink sink(builder, sources, diagnostics);
  parse(sources, 0, options_of(apex), reader, sink, diagnostics);
  return {builder.finish(together), diagnostics.errors() > errors_before ? Read::kWithErrors : Read::kWhole};
}

// By pieces; nothing where they may not be what the file says read in one, or there are errors: those are worded by one reader.
std::optional<Built> build_together(Sources& sources, NameView apex, SourceReader& reader, Diagnostics& diagnostics, const Together& together) {
  std::vector<std::uint64_t> borders = piece_borders(sources.text(0), together.least);
  if (borders.empty()) return std::nullopt;
  const std::size_t pieces = borders.size();
  borders.push_back(sources.text(0).size());
  ZoneBuilder builder(apex);
  Diagnostics of_head(diagnostics.kept_max());
  BuildingSink head(builder, sources, of_head);
  const PieceScope scope = parse_head(sources, 0, borders.front(), options_of(apex), reader, head, of_head);
  if (of_head.errors() > 0) return std::nullopt;

  std::vector<Diagnostics> said(pieces, Diagnostics(diagnostics.kept_max()));
  builder.divide();
  together(pieces, [&](std::size_t piece) {
    ZoneBuilder::Part part(builder, piece);
    BuildingSink sink(part, sources, said[piece]);
    parse_piece(sources, 0, borders[piece], borders[piece + 1], scope, options_of(apex).level, sink, said[piece]);
  });
  if (std::ranges::any_of(said, [](const Diagnostics& piece) { return piece.errors() > 0; })) return std::nullopt;
  Built built{builder.finish(together), Read::kWhole};
  if (built.finished.order == ZoneBuilder::Order::kUnsure) return std::nullopt;
  diagnostics.append(std::move(of_head));
  for (Diagnostics& piece : said) diagnostics.append(std::move(piece));
  return built;
}

}  // namespace

LoadedZone load_zone(NameView apex, std::string_view path, SourceReader& reader, Diagnostics& diagnostics, const Together& together) {
  LoadedZone loaded;
  const std::size_t errors_before = diagnostics.errors();
  if (!open_zone_file(loaded.sources, path, reader, diagnostics)) return loaded;

  std::optional<Built> built;
  if (together.width > 1) built = build_together(loaded.sources, apex, reader, diagnostics, together);
  if (!built) {
    loaded.sources.keep_first(1);   // what the pieces' head included will be included again
    built = build_alone(loaded.sources, apex, reader, diagnostics, together);
  }
  report_findings(loaded.sources, apex, reader, built->finished, built->read, diagnostics, together);
  if (diagnostics.errors() == errors_before) loaded.zone = std::move(built->finished.zone);
  return loaded;
}

struct FileFollower::State {
  explicit State(const Zone& version) : sink(version), parser(options_of(version.apex()), reader, sink, diagnostics) {}

  struct NoIncludes final : SourceReader {
    Result<Opened, std::string> open(std::string_view, std::string_view) override { return Failure<std::string>("not here"); }
  };
  struct Sink final : RecordSink {
    explicit Sink(const Zone& version) : follower(version) {}
    void record(const RecordView& record) override {
      follows = follows && follower.add(record.owner, record.type, record.ttl, record.rdata);
    }
    Follower follower;
    bool follows = true;
  };

  NoIncludes reader;
  Diagnostics diagnostics;
  Sink sink;
  PartParser parser;
  bool whole_line = true;
};

FileFollower::FileFollower(const Zone& version) : state_(std::make_unique<State>(version)) {}
FileFollower::~FileFollower() = default;

bool FileFollower::take(std::string_view part) {
  State& state = *state_;
  if (part.empty()) return state.sink.follows;
  if (!std::exchange(state.whole_line, part.ends_with('\n'))) state.sink.follows = false;   // the part before ended within a line
  if (state.sink.follows) state.parser.parse(part);
  state.sink.follows = state.sink.follows && state.diagnostics.kept().empty();
  return state.sink.follows;
}

std::optional<Change> FileFollower::finish() {
  if (!state_->sink.follows) return std::nullopt;
  return state_->sink.follower.finish();
}

std::vector<Located> locate(Sources& sources, NameView apex, std::string_view path, SourceReader& reader,
                            std::span<const NameView> owners) {
  Diagnostics said_before(0);
  const auto source = static_cast<std::uint32_t>(sources.size());
  if (!open_zone_file(sources, path, reader, said_before)) return {};
  LocatingSink sink(owners);
  parse(sources, source, options_of(apex), reader, sink, said_before);
  return std::move(sink.found);
}

}  // namespace dns
