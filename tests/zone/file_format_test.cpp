#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <doctest/doctest.h>

#include "tests/support/zone_meaning.h"
#include "zone/file/format.h"

using namespace dns;

namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Formatting is idempotent and does not change the meaning of the text.
void check_format(const std::string& text) {
  CAPTURE(text);
  const std::optional<std::string> once = formatted(text);
  if (!once) return;
  CAPTURE(*once);
  CHECK(formatted(*once) == once);
  FakeFiles files;
  CHECK(meaning_of(*once, files) == meaning_of(text, files));
}

}  // namespace

TEST_CASE("format: aligns columns, normalizes case and keeps comments and blank lines") {
  CHECK(formatted("\n\n; head\n$ttl 1H ; default\n\n\n\n"
                  "@ in soa ns h ( 1 ;ser\n 7200 3600\n 1209600 300 ) ; end\n"
                  " IN 1D ns ns1\n\tNS ns2.example.org. ; second\n\t; indented\n"
                  "www 300 A 192.0.2.1 ; w\nlonger  in A   192.0.2.1;  x\n\n"
                  "x mx ( 10\n   mail )\n$origin   sub\r\n@ A 192.0.2.1") ==
        "; head\n"
        "$TTL 1h  ; default\n"
        "\n"
        "@            IN  SOA  ns h (\n"
        "                      1        ;ser\n"
        "                      7200\n"
        "                      3600\n"
        "                      1209600\n"
        "                      300 )    ; end\n"
        "        1d   IN  NS   ns1\n"
        "                 NS   ns2.example.org.  ; second\n"
        "        ; indented\n"
        "www     300      A    192.0.2.1         ; w\n"
        "longer       IN  A    192.0.2.1         ;  x\n"
        "\n"
        "x  MX  10 mail\n"
        "$ORIGIN sub\n"
        "@  A  192.0.2.1\n");
}

TEST_CASE("format: keeps the line breaks of long RDATA and the words of unknown types") {
  const std::string a(60, 'a');
  CHECK(formatted("t TXT ( \"" + a + "\"\n; between\n \"b ; c\" \"d\" ) ; end\ny  foo  bar\n \"q\"  z\n") ==
        "t  TXT  \"" + a +
            "\" (\n"
            "        ; between\n"
            "        \"b ; c\" \"d\" )  ; end\n"
            "y  foo bar\n"
            "   \"q\" z\n");
}

TEST_CASE("format: rejects text that cannot be split into entries") {
  for (const std::string_view text : {"a TXT \"b\n", "a TXT ( b\n", "a )\n", "a b\\\n"}) {
    CAPTURE(text);
    CHECK_FALSE(formatted(std::string(text)));
  }
}

TEST_CASE("format: keeps the meaning of the example zones and of the bad zones") {
  std::size_t zones = 0;
  for (const auto& entry : std::filesystem::directory_iterator(WAYMARK_SOURCE_DIR "/zones-example")) {
    if (!entry.is_regular_file()) continue;
    check_format(read(entry.path()));
    ++zones;
  }
  CHECK(zones > 0);
  const std::string cases = read(WAYMARK_SOURCE_DIR "/tests/zone/bad_zones/files.txt");
  for (std::size_t at = cases.find("\n### "); at != std::string::npos;) {
    const std::size_t next = cases.find("\n### ", at + 1), text = cases.find('\n', at + 1) + 1;
    check_format(cases.substr(text, next - text));
    at = next;
  }
}

TEST_CASE("format: keeps the meaning of random text") {
  std::mt19937 random(20261122);  // fixed seed: a failure can be reproduced
  static constexpr std::string_view kPieces[] = {"www",
                                                 "@",
                                                 " ",
                                                 " ",
                                                 " ",
                                                 "\n",
                                                 "\n",
                                                 "\t",
                                                 "(",
                                                 ")",
                                                 "; c",
                                                 "\"q r\"",
                                                 "300",
                                                 "1H",
                                                 "in",
                                                 "CH",
                                                 "a",
                                                 "A",
                                                 "192.0.2.1",
                                                 "mx",
                                                 "10",
                                                 "mail",
                                                 "txt",
                                                 "soa",
                                                 "ns h 1 2 3 4 5",
                                                 "$ttl",
                                                 "$ORIGIN",
                                                 "$GENERATE 1-2",
                                                 "x$",
                                                 "\\(",
                                                 "k=\"v w\"",
                                                 "\r\n",
                                                 "\n\n",
                                                 ";",
                                                 "@ soa ns h ( 1\n 2 3 ; c\n 4 5 )",
                                                 "\n a 192.0.2.2",
                                                 "\nb in 5 a 192.0.2.3 ; d\n"};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t i = random() % 25; i > 0; --i) {
      text += kPieces[random() % std::size(kPieces)];
      if (random() % 3 == 0) text += ' ';
    }
    check_format(text);
  }
}
