// Master files (RFC 1035 5) to records. Text in, records and diagnostics out; no I/O, no zone.
//
// Grammar: $ORIGIN, $TTL (RFC 2308), $INCLUDE, $GENERATE (BIND), parentheses, comments, quoted strings, escapes, blank
// owners, class and TTL in either order or absent, time units, RFC 3597 types and RDATA. An error ends its entry, not
// the file: parsing goes on at the next one. Plain lines take a fast path; whatever is odd goes to the careful parser,
// the only one that words faults.
#pragma once

#include <memory>
#include <optional>

#include "zone/diagnostic/diagnostic.h"
#include "zone/name/name.h"
#include "zone/rr/type.h"
#include "zone/text/classify.h"

namespace dns {

inline constexpr std::size_t kMaxIncludeDepth = 10;
inline constexpr std::size_t kMaxIncludes = 10'000;            // files that one zone includes in all
inline constexpr std::size_t kMaxGenerated = 1'000'000;        // records of one $GENERATE
inline constexpr std::size_t kMaxGeneratedInAll = 10'000'000;  // of all of a zone

struct RecordView {
  NameView owner;
  Type type;
  std::uint32_t ttl;  // seconds
  Bytes rdata;        // well-formed, names uncompressed and absolute
  Place place;        // of the entry's first token after a blank owner, else of the owner
  Place rdata_place;  // of its RDATA's first token
};

class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void record(const RecordView& record) = 0;
};

struct ParseOptions {
  Name origin;
  Class klass = Class::IN;  // a record of another class is an error
  std::optional<SimdLevel> level =
      simd_levels().back();  // how plain lines are cut; none: all lines go to the careful parser
};

// Parses text `source` and what it includes. `reader` opens includes.
void parse(Sources& sources, std::uint32_t source, const ParseOptions& options, SourceReader& reader, RecordSink& sink,
           Diagnostics& diagnostics);

// What the head of a text hands on to its pieces (pieces.h): all but the owner and the TTL of its last record.
struct PieceScope {
  Name origin;
  Class klass = Class::IN;
  std::optional<std::uint32_t> default_ttl;
};

// Parses the first `end` octets of the text, which has no byte order mark, and what they include.
PieceScope parse_head(Sources& sources, std::uint32_t source, std::uint64_t end, const ParseOptions& options,
                      SourceReader& reader, RecordSink& sink, Diagnostics& diagnostics);

enum class PieceOutcome : std::uint8_t { kRead, kDirective };

// Parses the entries from `begin` to `end`. Without errors it has read what `parse` reads there; errors may be of what
// it was not told. A directive is an error. Several threads at once, each with a sink and diagnostics of its own.
PieceOutcome parse_piece(const Sources& sources, std::uint32_t source, std::uint64_t begin, std::uint64_t end,
                         const PieceScope& scope, std::optional<SimdLevel> level, RecordSink& sink,
                         Diagnostics& diagnostics);

// A text that comes in parts: each ends where a line ends. One that ends within parentheses or quotes is an error of
// that part. Places in diagnostics are of the part, not of the whole: whoever is to be told parses the whole.
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
