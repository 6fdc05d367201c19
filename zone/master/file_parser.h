// The state of the parser: one object for the zone file and its included files. Internal to zone/master.
#pragma once

#include <memory>
#include <tuple>

#include "zone/master/entry.h"
#include "zone/master/generate.h"
#include "zone/master/parser.h"
#include "zone/master/plain.h"

namespace dns {

class FileParser {
 public:
  FileParser(Sources& sources, SourceReader& reader, RecordSink& sink, Diagnostics& diagnostics,
             const ParseOptions& options);

  // Parses `source`, an include at level `depth`; the zone file has level 0. The caller's scope does not change.
  // Returns the scope at the end of the text.
  Scope parse(std::uint32_t source, Scope scope, std::size_t depth);

  // State that one part of a text passes to the next, in addition to the scope.
  struct PassedState {
    Inherited inherited;
    std::uint64_t generated_count = 0;
  };
  PassedState passed_state() const { return {inherited_, generated_count_}; }
  void set_passed_state(const PassedState& passed_state) {
    std::tie(inherited_, generated_count_) = std::tie(passed_state.inherited, passed_state.generated_count);
  }

  // From now on a directive is an error and ends the parsing.
  void refuse_directives() { directives_ = Directives::kUnwanted; }
  bool refused() const { return directives_ == Directives::kRefused; }

  // One file being read.
  struct Reading {
    std::uint32_t source;
    std::string_view text;
    Scope scope;
    std::size_t depth;
    Entry entry;  // storage that all entries use
    std::size_t unclosed = 0;
  };
  // Reads from `at`, the start of a line, to the end of the text. Afterwards the scope is that of the last entry.
  void read(Reading& file, std::uint64_t at);

 private:
  std::uint64_t parse_entry_at(Reading& file, std::uint64_t at);
  void record(Reading& file);

  // directive.cpp
  void directive(Reading& file);
  void origin_directive(Reading& file);
  void ttl_directive(Reading& file);
  void include_directive(Reading& file);
  void generate_directive(Reading& file);
  bool has_arguments(const Reading& file, std::size_t least, std::size_t most, std::string_view expected);
  bool generate_one(Reading& file, std::string_view text, bool first);

  void report(const Reading& file, EntryError error);

  Sources& sources_;
  SourceReader& reader_;
  RecordSink& sink_;
  Diagnostics& diagnostics_;
  std::optional<SimdLevel> level_;
  enum class Directives : std::uint8_t { kTaken, kUnwanted, kRefused } directives_ = Directives::kTaken;
  Inherited inherited_;
  RdataBuffer rdata_;  // on the stack with the parser: thousands of small zones do not fragment the heap
  Entry generated_;    // storage for entries of $GENERATE
  std::size_t includes_ = 0;
  std::uint64_t generated_count_ = 0;
};

}  // namespace dns
