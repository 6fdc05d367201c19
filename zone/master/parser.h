// Parses master files (RFC 1035 5) into records and diagnostics. No I/O.
//
// Grammar: $ORIGIN, $TTL (RFC 2308), $INCLUDE, $GENERATE (BIND), parentheses, comments, quoted strings, escapes, blank
// owners, class and TTL in either order or absent, time units, RFC 3597 types and RDATA. After an error, parsing goes
// on with the next entry. Plain lines take a fast path (plain.h). The full parser (entry.h) handles all other lines,
// and only it writes error messages.
#pragma once

#include <memory>
#include <optional>

#include "zone/diagnostic/diagnostic.h"
#include "zone/name/name.h"
#include "zone/rr/type.h"
#include "zone/text/classify.h"

namespace dns {

inline constexpr std::size_t kMaxIncludeDepth = 10;
inline constexpr std::size_t kMaxIncludes = 10'000;            // included files of one zone
inline constexpr std::size_t kMaxGenerated = 1'000'000;        // records of one $GENERATE
inline constexpr std::size_t kMaxGeneratedInAll = 10'000'000;  // records of all $GENERATE of a zone

struct RecordView {
  NameView owner;
  Type type;
  std::uint32_t ttl;  // seconds
  Bytes rdata;        // well-formed, names uncompressed and absolute
  Place place;        // of the owner; with a blank owner, of the entry's first token
  Place rdata_place;  // of the first token of the RDATA
};

class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void record(const RecordView& record) = 0;
};

struct ParseOptions {
  Name origin;
  Class klass = Class::IN;  // a record of another class is an error
  // The instruction set for plain lines. None: the full parser reads all lines.
  std::optional<SimdLevel> level = simd_levels().back();
};

// Parses text `source` and its includes. `reader` opens included files.
void parse(Sources& sources, std::uint32_t source, const ParseOptions& options, SourceReader& reader, RecordSink& sink,
           Diagnostics& diagnostics);

// State that the head of a text passes to its pieces (pieces.h): all but the owner and the TTL of its last record.
struct PieceScope {
  Name origin;
  Class klass = Class::IN;
  std::optional<std::uint32_t> default_ttl;
};

// Parses the first `end` octets of the text, which has no byte order mark, and their includes.
PieceScope parse_head(Sources& sources, std::uint32_t source, std::uint64_t end, const ParseOptions& options,
                      SourceReader& reader, RecordSink& sink, Diagnostics& diagnostics);

enum class PieceOutcome : std::uint8_t { kRead, kDirective };

// Parses the entries from `begin` to `end`. Without errors, the records are those that `parse` reads there. An error
// may only mean that state from an earlier piece is missing. A directive is an error. Several threads may run at the
// same time, each with its own sink and diagnostics.
PieceOutcome parse_piece(const Sources& sources, std::uint32_t source, std::uint64_t begin, std::uint64_t end,
                         const PieceScope& scope, std::optional<SimdLevel> level, RecordSink& sink,
                         Diagnostics& diagnostics);

// Parses a text that comes in parts. Each part ends at the end of a line; a part that ends within parentheses or quotes
// is an error. Places in diagnostics count from the beginning of the part. For useful messages parse the whole text.
class PartParser {
 public:
  PartParser(const ParseOptions& options, SourceReader& reader, RecordSink& sink, Diagnostics& diagnostics);
  ~PartParser();
  void parse(std::string_view part);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dns
