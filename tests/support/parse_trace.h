// The complete output of a parse as text: each record with its places, each diagnostic with its message.
#pragma once

#include <string>

#include "tests/support/fake_files.h"
#include "zone/master/parser.h"
#include "zone/name/text.h"

namespace dns {

class TracingSink final : public RecordSink {
 public:
  void record(const RecordView& record) override {
    text += std::to_string(record.place.source) + ":" + std::to_string(record.place.offset) + "/" +
            std::to_string(record.rdata_place.offset) + " ";
    text += to_text(record.owner) + " " + std::to_string(record.ttl) + " " +
            std::to_string(static_cast<unsigned>(record.type)) + " ";
    for (const std::uint8_t octet : record.rdata) {
      text += "0123456789abcdef"[octet >> 4];
      text += "0123456789abcdef"[octet & 15];
    }
    text += '\n';
  }
  std::string text;
};

// `text` is in the zone example.com. and may include the file "inc".
inline std::string parse_trace(const std::string& text, std::optional<SimdLevel> level) {
  FakeFiles files;
  files.files["inc"] = "i A 192.0.2.7\n A 192.0.2.8\n";
  Sources sources;
  sources.add({"zone", std::make_unique<FakeText>(text)}, std::nullopt);
  Diagnostics diagnostics(1000);
  TracingSink sink;
  ParseOptions options;
  options.origin = *parse_name("example.com.");
  options.level = level;
  parse(sources, 0, options, files, sink, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.kept())
    sink.text += std::string(diagnostic.code->code) + " " + std::to_string(diagnostic.at.source) + ":" +
                 std::to_string(diagnostic.at.offset) + "+" + std::to_string(diagnostic.length) + " " +
                 diagnostic.message + "|" + diagnostic.help + "\n";
  return sink.text;
}

}  // namespace dns
