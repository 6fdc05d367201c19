#include "zone/diagnostic/diagnostic.h"

#include <set>

#include <doctest/doctest.h>

#include "tests/support/fake_files.h"
#include "zone/master/parser.h"
#include "zone/name/text.h"

using namespace dns;

namespace {

class NoSink final : public RecordSink {
 public:
  void record(const RecordView&) override {}
};

std::string rendered(std::string_view text, const RenderOptions& options, FakeFiles files = {}) {
  Sources sources;
  sources.add({"example.com.zone", std::make_unique<FakeText>(std::string(text))}, std::nullopt);
  Diagnostics diagnostics;
  NoSink sink;
  ParseOptions parse_options;
  parse_options.origin = *parse_name("example.com.");
  parse(sources, 0, parse_options, files, sink, diagnostics);
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.kept()) out += render(diagnostic, sources, options);
  return out;
}

}  // namespace

TEST_CASE("diagnostic: the long form shows the line, the caret and the help") {
  CHECK(rendered("$TTL 300\nwww\tAAA 2001:db8::1\n", {}) ==
        "error[Z012]: unknown type\n"
        " --> example.com.zone:2:5\n"
        "  |\n"
        "2 | www AAA 2001:db8::1\n"
        "  |     ^^^ expected a type, found 'AAA'\n"
        "  = help: did you mean AAAA?\n"
        "  = help: for more information, run `waymark explain Z012`\n");
}

TEST_CASE("diagnostic: a type in the owner column gives help about the missing owner") {
  CHECK(rendered("@ 300 A 192.0.2.1\nMX 10 mail\n", {}) ==
        "error[Z012]: unknown type\n"
        " --> example.com.zone:2:7\n"
        "  |\n"
        "2 | MX 10 mail\n"
        "  |       ^^^^ expected a type, found 'mail'\n"
        "  = help: 'MX' is in the first column and was read as the owner; begin the line with a blank to use the owner "
        "of the record before\n"
        "  = help: for more information, run `waymark explain Z012`\n");
}

TEST_CASE("diagnostic: shows the chain of $INCLUDE files") {
  FakeFiles files;
  files.files["outer.inc"] = "\n$INCLUDE inner.inc\n";
  files.files["inner.inc"] = "x 300 XYZZYXYZZY bar\n";
  CHECK(rendered("$INCLUDE outer.inc\n", {}, files) ==
        "error[Z012]: unknown type\n"
        " --> inner.inc:1:7\n"
        "   | included from outer.inc:2\n"
        "   | included from example.com.zone:1\n"
        "  |\n"
        "1 | x 300 XYZZYXYZZY bar\n"
        "  |       ^^^^^^^^^^ expected a type, found 'XYZZYXYZZY'\n"
        "  = help: for more information, run `waymark explain Z012`\n");
}

TEST_CASE("diagnostic: escapes octets that are not printable") {
  CHECK(rendered("x\x1b[31m 300 \x07\x07\x07 \xff\n", {}) ==
        "error[Z012]: unknown type\n"
        " --> example.com.zone:1:12\n"
        "  |\n"
        "1 | x\\027[31m 300 \\007\\007\\007 \\255\n"
        "  |               ^^^^^^^^^^^^ expected a type, found '\\007\\007\\007'\n"
        "  = help: for more information, run `waymark explain Z012`\n");
}

TEST_CASE("diagnostic: clips a long line around the caret") {
  const std::string text = rendered("x 300 TXT " + std::string(100, 'a') + " \"" + std::string(300, 'b') + "\n", {});
  CHECK(text.find("...aaaa") != std::string::npos);
  CHECK(text.find("bbb...\n") != std::string::npos);
  CHECK(text.find(" ^^^") != std::string::npos);
  CHECK(text.size() < 500);
}

TEST_CASE("diagnostic: the short form is one line in the format of compilers") {
  CHECK(rendered("x AAA 1\n", {.format = DiagnosticFormat::kShort}) ==
        "example.com.zone:1:3: error: unknown type: expected a type, found 'AAA' (did you mean AAAA?) [Z012]\n");
}

TEST_CASE("diagnostic: JSON output has one object per line") {
  FakeFiles files;
  files.files["inc"] = "x\n";
  CHECK(rendered("$INCLUDE inc\n", {.format = DiagnosticFormat::kJson}, files) ==
        "{\"code\":\"Z011\",\"severity\":\"error\",\"title\":\"type is "
        "missing\",\"file\":\"inc\",\"line\":1,\"column\":2,\"length\":1,"
        "\"message\":\"expected a type, found the end of the "
        "entry\",\"help\":\"\",\"included_from\":[{\"file\":\"example.com.zone\",\"line\":1}]}\n");
  CHECK(rendered("x 1\\\"\xc3\xa9\xff A 1\n", {.format = DiagnosticFormat::kJson})
            .find("\"message\":\"'1\\\\\\\"\xc3\xa9\\ufffd' is not a TTL") != std::string::npos);
  CHECK(rendered("$TTL 1y\n", {.format = DiagnosticFormat::kJson}) ==
        "{\"code\":\"Z013\",\"severity\":\"error\",\"title\":\"malformed "
        "TTL\",\"file\":\"example.com.zone\",\"line\":1,\"column\":6,\"length\":2,"
        "\"message\":\"'1y' is not a TTL: expected seconds, or numbers with w, d, h, m and "
        "s\",\"help\":\"\",\"included_from\":[]}\n");
}

TEST_CASE("diagnostic: uses colour only if the option is set") {
  CHECK(rendered("x AAA 1\n", {}).find('\x1b') == std::string::npos);
  CHECK(rendered("x AAA 1\n", {.colour = RenderOptions::Colour::kOn}).starts_with("\x1b[1;31merror[Z012]\x1b[0m"));
}

TEST_CASE("diagnostic: each code is unique and has a title and an explanation") {
  std::set<std::string_view> seen;
  for (const CodeRow& row : codes()) {
    CAPTURE(row.code);
    CHECK(row.code.size() == 4);
    CHECK(seen.insert(row.code).second);
    CHECK_FALSE(row.title.empty());
    CHECK(row.explanation.size() > 40);
    CHECK(find_code(row.code) == &row);
  }
  CHECK(find_code("Z999") == nullptr);
  CHECK(find_code("") == nullptr);
}

TEST_CASE("diagnostic: an error replaces a warning when the list is full") {
  const CodeRow* warning = find_code("Z118");
  const CodeRow* error = find_code("Z012");
  Diagnostics diagnostics(2);
  for (int i = 0; i < 3; ++i) diagnostics.add({.code = warning, .at = {}, .message = {}, .help = {}});
  diagnostics.add({.code = error, .at = {}, .message = {}, .help = {}});
  CHECK(diagnostics.errors() == 1);
  CHECK(diagnostics.warnings() == 3);
  REQUIRE(diagnostics.kept().size() == 2);
  CHECK(diagnostics.kept()[0].code == warning);
  CHECK(diagnostics.kept()[1].code == error);
}
