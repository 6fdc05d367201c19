// The records of zone text as text without their places, to check whether two texts have the same meaning.
#pragma once

#include <memory>
#include <string>

#include "tests/support/fake_files.h"
#include "zone/field/rdata_text.h"
#include "zone/field/text.h"
#include "zone/file/canonical.h"
#include "zone/file/format.h"
#include "zone/master/parser.h"
#include "zone/name/text.h"

namespace dns {

class MeaningSink final : public RecordSink {
 public:
  void record(const RecordView& record) override {
    text += to_text(record.owner) + " " + std::to_string(record.ttl) + " " + to_text(record.type) + " ";
    append_rdata(text, record.type, record.rdata);
    text += "\n";
  }
  std::string text;
};

// The records of `text`, one on each line, then the number of errors. Warnings about the layout are not part of the
// meaning.
inline std::string meaning_of(const std::string& text, FakeFiles& files) {
  Sources sources;
  sources.add({"zone", std::make_unique<FakeText>(text)}, std::nullopt);
  Diagnostics diagnostics;
  MeaningSink sink;
  ParseOptions options;
  options.origin = *parse_name("example.com.");
  parse(sources, 0, options, files, sink, diagnostics);
  return sink.text + std::to_string(diagnostics.errors()) + " errors\n";
}

// `text` after formatting; nothing if the formatter rejects it.
inline std::optional<std::string> formatted(const std::string& text) {
  Sources sources;
  sources.add({"zone", std::make_unique<FakeText>(text)}, std::nullopt);
  Diagnostics diagnostics;
  return format_zone(sources, 0, diagnostics);
}

inline std::string canonical_text(const Zone& zone) {
  std::string out;
  write_canonical(zone, [&](std::string_view piece) { out += piece; });
  return out;
}

}  // namespace dns
