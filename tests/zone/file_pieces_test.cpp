// A large file read by several threads is the zone, and says the words, that it is and says read by one.
#include <doctest/doctest.h>

#include <random>

#include "tests/support/fake_files.h"
#include "tests/support/threads.h"
#include "tests/support/zone_meaning.h"
#include "zone/file/load.h"
#include "zone/name/text.h"
#include "zone/text/chunks.h"

using namespace dns;

namespace {

constexpr std::size_t kPiece = 8192, kDivided = 5 * kPiece;

Together threads(std::size_t count) {
  Together together = test::threads(count);
  together.least = kPiece;
  return together;
}

// All that a load says and makes. The zone's size in memory is left out: what several leave unused differs.
std::string outcome(const std::string& text, const Together& together) {
  FakeFiles files;
  files.files["zone"] = text;
  files.files["inc"] = "inc A 192.0.2.77\n$TTL 77\n";
  Diagnostics diagnostics(50);
  const LoadedZone loaded = load_zone(*parse_name("tld."), "zone", files, diagnostics, together);
  std::string said;
  for (const Diagnostic& diagnostic : diagnostics.kept()) said += render(diagnostic, loaded.sources, {});
  said += std::to_string(diagnostics.errors()) + " errors, " + std::to_string(diagnostics.warnings()) + " warnings\n";
  if (loaded.zone == nullptr) return said;
  const ZoneTotals& totals = loaded.zone->totals();
  said += std::to_string(totals.records) + " " + std::to_string(totals.sets) + " " + std::to_string(totals.names) + "\n";
  return said + canonical_text(*loaded.zone);
}

void check_alike(const std::string& text) {
  REQUIRE((text.find("$TTL 600") != text.npos || text.find("$INCLUDE") != text.npos || !piece_borders(text, kPiece).empty()));
  const std::string alone = outcome(text, {});
  for (const std::size_t count : {2U, 5U}) {
    const std::string together = outcome(text, threads(count));
    const bool same = together == alone;
    CHECK_MESSAGE(same, together.substr(0, 3000) << "\nalone:\n" << alone.substr(0, 3000));
  }
}

struct Mix {
  unsigned owners;         // so many different ones, in any order
  unsigned odd_every;      // lines; 0: none are odd
  std::string_view odd;
};

std::string zone_of(const Mix& mix, unsigned seed) {
  std::mt19937 random(seed);
  std::string text = "$ORIGIN tld.\n$TTL 300\n@ SOA a.nic hm 1 2 3 4 5\n@ NS a.nic\n@ NS b.nic\na.nic A 192.0.2.1\nb.nic A 192.0.2.2\n";
  unsigned line = 0;
  while (text.size() < kDivided) {
    const std::string owner = "name-" + std::to_string(random() % mix.owners);
    text += owner + " NS ns1." + owner + "\n" + owner + " NS ns" + std::to_string(random() % 50) + ".hoster.net.\n";
    text += "ns1." + owner + " A 10.0." + std::to_string(random() % 256) + "." + std::to_string(random() % 256) + "\n";
    if (random() % 3 == 0) text += " AAAA 2001:db8::" + std::to_string(random() % 9999) + "\n";
    if (mix.odd_every != 0 && ++line % mix.odd_every == 0) text += mix.odd;
  }
  return text;
}

}  // namespace

TEST_CASE("pieces: borders are lines with owners behind all directives") {
  std::string text = "$TTL 5\n";
  while (text.size() < kDivided) text += "host A 192.0.2.1\n  AAAA ::1\n; comment\n\n";
  const std::vector<std::uint64_t> borders = piece_borders(text, kPiece);
  REQUIRE(borders.size() >= 3);
  for (const std::uint64_t border : borders) CHECK(text.substr(border, 6) == "host A");
  CHECK(piece_borders(text.substr(0, 4 * kPiece - 1), kPiece).empty());
  CHECK(piece_borders(text + "$TTL 6\n", kPiece).empty());
  CHECK(piece_borders("$TTL 5\n" + text, kPiece).front() >= kPiece / 16);
}

TEST_CASE("pieces: a large zone is the same by one and by several") {
  check_alike(zone_of({.owners = 10'000'000, .odd_every = 0, .odd = {}}, 1));
}

TEST_CASE("pieces: owners that come again in other pieces are put together") {
  check_alike(zone_of({.owners = 100, .odd_every = 0, .odd = {}}, 2));
}

TEST_CASE("pieces: faults, advice and what one line hands to the next are told alike") {
  constexpr std::string_view kOdd[] = {
      "bad A 1.2.3\n", "name-1 600 NS late.example.net.\n", "dup A 192.0.2.1\n", "www.tld A 192.0.2.1\n", "open TXT ( a\n", "close TXT ( a\nb )\n",
      "quoted TXT \"a b\"\n", "@ SOA a.nic hm 1 2 3 4 5\n", "@ SOA b.nic hm 1 2 3 4 5\n", "$TTL 600\n", "$INCLUDE inc\n", "a..b A 192.0.2.1\n  A 192.0.2.2\n",
      "outside.net. A 192.0.2.1\n", "c CNAME d\nc A 192.0.2.1\n", "mx MX 10 nowhere\n"};
  unsigned seed = 3;
  for (const std::string_view odd : kOdd) {
    CAPTURE(odd);
    check_alike(zone_of({.owners = 2000, .odd_every = 40, .odd = odd}, ++seed));
  }
}

TEST_CASE("pieces: without a TTL in the head each record needs its own, or one reader") {
  std::string text = "@ 5 SOA a hm 1 2 3 4 5\n@ 5 NS a.nic.example.\n";
  std::mt19937 random(17);
  while (text.size() < kDivided) text += "n" + std::to_string(random()) + (random() % 100 == 0 ? " 7 A 192.0.2.1\n" : " A 192.0.2.1\n");
  check_alike(text);
}

TEST_CASE("pieces: the table of bodies grows in the midst of pieces that all fill it") {
  constexpr std::size_t kLarge = 256 * 1024;   // more sets in a piece than are reserved at a time
  std::string text = "$ORIGIN tld.\n$TTL 300\n@ SOA a.nic hm 1 2 3 4 5\n@ NS a.nic\na.nic A 192.0.2.1\n";
  for (unsigned host = 0; text.size() < 5 * kLarge; ++host)
    text += "h" + std::to_string(host) + " A 10." + std::to_string(host >> 16) + "." + std::to_string(host >> 8 & 255) + "." + std::to_string(host & 255) + "\n";
  REQUIRE(piece_borders(text, kLarge).size() >= 4);
  const std::string alone = outcome(text, {});
  for (const std::size_t count : {2U, 4U}) {
    Together together = test::threads(count);
    together.least = kLarge;
    const bool same = outcome(text, together) == alone;
    CHECK(same);
  }
}
