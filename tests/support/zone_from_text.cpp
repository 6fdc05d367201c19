#include "tests/support/zone_from_text.h"

#include "zone/build/builder.h"
#include "zone/master/parser.h"
#include "zone/name/text.h"

namespace dns::test {
namespace {

class OwnedText : public Text {
 public:
  explicit OwnedText(std::string_view text) : text_(text) {}
  std::string_view text() const override { return text_; }

 private:
  std::string text_;
};

class NoFiles : public SourceReader {
 public:
  Result<Opened, std::string> open(std::string_view, std::string_view) override {
    return Failure(std::string("no include files"));
  }
};

class BuilderSink : public RecordSink {
 public:
  explicit BuilderSink(ZoneBuilder& builder) : builder_(builder) {}
  void record(const RecordView& record) override { builder_.add(record.owner, record.type, record.ttl, record.rdata); }

 private:
  ZoneBuilder& builder_;
};

}  // namespace

Name name_of(std::string_view text) {
  const auto name = parse_name(text);
  require(name.has_value(), text);
  return *name;
}

std::shared_ptr<const Zone> zone_of(std::string_view apex, std::string_view text) {
  Sources sources;
  Diagnostics diagnostics;
  NoFiles files;
  const Name origin = name_of(apex);
  ZoneBuilder builder(origin);
  BuilderSink sink(builder);
  const std::uint32_t source = sources.add({std::string(apex), std::make_unique<OwnedText>(text)}, std::nullopt);
  parse(sources, source, {.origin = origin, .klass = Class::IN}, files, sink, diagnostics);
  for (const Diagnostic& fault : diagnostics.kept())
    if (fault.code->severity == Severity::kError) abort_broken(render(fault, sources, {}));
  return builder.finish().zone;
}

}  // namespace dns::test
