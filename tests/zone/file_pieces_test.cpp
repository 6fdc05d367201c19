// Loading a large file with several threads, or in parts, gives the same zone and diagnostics as loading it with one
// thread.
#include <random>

#include <doctest/doctest.h>

#include "tests/support/fake_files.h"
#include "tests/support/repetitions.h"
#include "tests/support/threads.h"
#include "tests/support/zone_meaning.h"
#include "zone/file/load.h"
#include "zone/name/text.h"
#include "zone/text/pieces.h"

using namespace dns;

namespace {

constexpr std::size_t kPiece = 8192, kDivided = 5 * kPiece;

ParallelExecutor threads(std::size_t count) {
  ParallelExecutor parallel = test::threads(count);
  parallel.min_part_octets = kPiece;
  return parallel;
}

// The diagnostics, the totals and the canonical text of a load. The size in memory is not included: several threads
// leave a different amount of memory unused.
std::string outcome(FakeFiles& files, const ParallelExecutor& parallel) {
  Diagnostics diagnostics(50);
  const LoadedZone loaded = load_zone(*parse_name("tld."), "zone", files, diagnostics, parallel);
  std::string report;
  for (const Diagnostic& diagnostic : diagnostics.kept()) report += render(diagnostic, loaded.sources, {});
  report += std::to_string(diagnostics.errors()) + " errors, " + std::to_string(diagnostics.warnings()) + " warnings\n";
  if (loaded.zone == nullptr) return report;
  const ZoneTotals& totals = loaded.zone->totals();
  report +=
      std::to_string(totals.records) + " " + std::to_string(totals.sets) + " " + std::to_string(totals.names) + "\n";
  return report + canonical_text(*loaded.zone);
}

std::string outcome(const std::string& text, const ParallelExecutor& parallel, std::size_t part_size = 0) {
  FakeFiles files;
  files.files["zone"] = text;
  files.files["inc"] = "inc A 192.0.2.77\n$TTL 77\n";
  files.part_size = part_size;
  return outcome(files, parallel);
}

void check_same_parts(const std::string& text, const std::string& single) {
  for (const std::size_t count : {1U, 2U, 4U}) {
    for (const std::size_t part : {kPiece, kPiece / 8 + 3}) {
      const std::string parallel_outcome = outcome(text, threads(count), part);
      const bool same = parallel_outcome == single;
      CHECK_MESSAGE(same, count << " threads, parts of " << part << ":\n"
                                << parallel_outcome.substr(0, 3000) << "\none thread:\n"
                                << single.substr(0, 3000));
    }
  }
}

void check_same_outcome(const std::string& text) {
  REQUIRE((text.find("$TTL 600") != text.npos || text.find("$INCLUDE") != text.npos ||
           !piece_borders(text, kPiece).empty()));
  const std::string single = outcome(text, {});
  for (const std::size_t count : {2U, 5U}) {
    const std::string parallel_outcome = outcome(text, threads(count));
    const bool same = parallel_outcome == single;
    CHECK_MESSAGE(same, parallel_outcome.substr(0, 3000) << "\none thread:\n" << single.substr(0, 3000));
  }
  check_same_parts(text, single);
}

struct Mix {
  unsigned owners;     // number of different owners, in random order
  unsigned odd_every;  // adds `odd` after each `odd_every` owners; 0: never
  std::string_view odd;
};

std::string zone_of(const Mix& mix, unsigned seed) {
  std::mt19937 random(seed);
  std::string text =
      "$ORIGIN tld.\n$TTL 300\n@ SOA a.nic hm 1 2 3 4 5\n@ NS a.nic\n@ NS b.nic\na.nic A 192.0.2.1\nb.nic A "
      "192.0.2.2\n";
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

TEST_CASE("pieces: each border is a line with an owner behind all directives") {
  std::string text = "$TTL 5\n";
  while (text.size() < kDivided) text += "host A 192.0.2.1\n  AAAA ::1\n; comment\n\n";
  const std::vector<std::uint64_t> borders = piece_borders(text, kPiece);
  REQUIRE(borders.size() >= 3);
  for (const std::uint64_t border : borders) CHECK(text.substr(border, 6) == "host A");
  CHECK(piece_borders(text.substr(0, 4 * kPiece - 1), kPiece).empty());
  CHECK(piece_borders(text + "$TTL 6\n", kPiece).empty());
  CHECK(piece_borders("$TTL 5\n" + text, kPiece).front() >= kPiece / 16);
}

TEST_CASE("pieces: several threads load the same large zone as one thread") {
  check_same_outcome(zone_of({.owners = 10'000'000, .odd_every = 0, .odd = {}}, 1));
}

TEST_CASE("pieces: merges the records of an owner from different pieces") {
  check_same_outcome(zone_of({.owners = 100, .odd_every = 0, .odd = {}}, 2));
}

TEST_CASE("pieces: several threads give the same diagnostics, inherited owners and TTLs as one thread") {
  constexpr std::string_view kOdd[] = {"bad A 1.2.3\n",
                                       "name-1 600 NS late.example.net.\n",
                                       "dup A 192.0.2.1\n",
                                       "www.tld A 192.0.2.1\n",
                                       "open TXT ( a\n",
                                       "close TXT ( a\nb )\n",
                                       "quoted TXT \"a b\"\n",
                                       "@ SOA a.nic hm 1 2 3 4 5\n",
                                       "@ SOA b.nic hm 1 2 3 4 5\n",
                                       "$TTL 600\n",
                                       "$INCLUDE inc\n",
                                       "a..b A 192.0.2.1\n  A 192.0.2.2\n",
                                       "outside.net. A 192.0.2.1\n",
                                       "c CNAME d\nc A 192.0.2.1\n",
                                       "mx MX 10 nowhere\n"};
  unsigned seed = 3;
  for (const std::string_view odd : kOdd) {
    CAPTURE(odd);
    check_same_outcome(zone_of({.owners = 2000, .odd_every = 40, .odd = odd}, ++seed));
  }
}

TEST_CASE("pieces: records without a TTL give the same result if the head has no $TTL") {
  std::string text = "@ 5 SOA a hm 1 2 3 4 5\n@ 5 NS a.nic.example.\n";
  std::mt19937 random(17);
  while (text.size() < kDivided)
    text += "n" + std::to_string(random()) + (random() % 100 == 0 ? " 7 A 192.0.2.1\n" : " A 192.0.2.1\n");
  check_same_outcome(text);
}

TEST_CASE("pieces: the table of RRset bodies grows while several pieces fill it") {
  constexpr std::size_t kLarge = 256 * 1024;  // a piece has more RRsets than the table reserves at once
  std::string text = "$ORIGIN tld.\n$TTL 300\n@ SOA a.nic hm 1 2 3 4 5\n@ NS a.nic\na.nic A 192.0.2.1\n";
  for (unsigned host = 0; text.size() < 5 * kLarge; ++host)
    text += "h" + std::to_string(host) + " A 10." + std::to_string(host >> 16) + "." + std::to_string(host >> 8 & 255) +
            "." + std::to_string(host & 255) + "\n";
  REQUIRE(piece_borders(text, kLarge).size() >= 4);
  const std::string single = outcome(text, {});
  for (const std::size_t count : {2U, 4U}) {
    ParallelExecutor parallel = test::threads(count);
    parallel.min_part_octets = kLarge;
    const bool same = outcome(text, parallel) == single;
    CHECK(same);
  }
}

TEST_CASE("parts: never opens the whole file, and keeps its text only if there are diagnostics") {
  // No diagnostic, a finding about the zone, a hint of the parser.
  for (const std::string odd : {"", "mx MX 10 nowhere\n", "www.tld A 192.0.2.1\n"}) {
    FakeFiles files;
    files.files["zone"] = zone_of({.owners = 10'000'000, .odd_every = 0, .odd = {}}, 5) + odd;
    files.part_size = kPiece;
    outcome(files, threads(2));
    CHECK(files.opened == 0);
    CHECK((files.held != 0) == !odd.empty());
  }
}

TEST_CASE("parts: any syntax may be at the border of two parts") {
  constexpr std::string_view kOdd[] = {"long TXT ( \"LONG\" )\n",
                                       "wide TXT ( a\n\nb\n; c ) d\n e )\n",
                                       "col TXT ( a\nb\n)\n",
                                       "quoted TXT \"a ; ( b\"\n",
                                       "x\tA\t192.0.2.1\r\n",
                                       "\n\n\n",
                                       "; LONG\n",
                                       "gen TXT ( a\n$TTL 5\n)\n",
                                       "$GENERATE 1-3 g$ A 192.0.2.$\n",
                                       "$ORIGIN sub.tld.\n",
                                       "rrs A 192.0.2.1\n A 192.0.2.2\n A 192.0.2.3\n"};
  for (const std::string_view odd : kOdd) {
    for (unsigned seed = 0; seed < ::dns::test::repetitions(3); ++seed) {
      std::string line(odd);
      if (const std::size_t at = line.find("LONG"); at != line.npos)
        line.replace(at, 4, std::string(odd[0] == ';' ? 2 * kPiece : 250, 'l'));
      const std::string text = zone_of({.owners = 1'000'000, .odd_every = 7, .odd = line}, 20 + seed);
      CAPTURE(odd);
      const std::string single = outcome(text, {});
      check_same_parts(text, single);
      check_same_parts(text.substr(0, text.size() - 1), outcome(text.substr(0, text.size() - 1), {}));
    }
  }
}

TEST_CASE("parts: the records of one owner, or one line, may fill several parts") {
  std::string text = "$TTL 5\n@ SOA a hm 1 2 3 4 5\n@ NS a.example.net.\n";
  const std::size_t head = text.size();
  while (text.size() < kDivided) text += "h" + std::to_string(text.size()) + " A 192.0.2.1\n";
  for (const std::size_t at : {head, text.find('\n', 2 * kPiece) + 1, text.size()}) {
    std::string records = "big A 192.0.2.1\n", line = "line TXT";
    for (unsigned i = 0; records.size() < 3 * kPiece; ++i) records += " TXT " + std::to_string(i) + "\n";
    while (line.size() < 3 * kPiece) line += " \"" + std::string(200, 'x') + "\"";
    for (const std::string& odd : {records, line + "\n"}) {
      std::string with = text;
      with.insert(at, odd);
      check_same_parts(with, outcome(with, {}));
    }
  }
}

namespace {

// Changes the content of the zone file to `to` when `after` parts have been processed.
ParallelExecutor changing(FakeFiles& files, std::size_t after, const std::string& to) {
  ParallelExecutor parallel;
  parallel.min_part_octets = kPiece;
  parallel.threads = 2;
  parallel.run = [&files, after, to, calls = std::make_shared<std::size_t>(0)](std::size_t parts,
                                                                               const ParallelExecutor::Work& work) {
    for (std::size_t part = 0; part < parts; ++part) {
      if ((*calls)++ == after) files.files["zone"] = to;
      work(part);
    }
  };
  return parallel;
}

}  // namespace

TEST_CASE("parts: a file that changes during the load is read again from the start") {
  const std::string before = zone_of({.owners = 10'000'000, .odd_every = 0, .odd = {}}, 31);
  std::string grown = before + "late A 192.0.2.1\n", shrunk = before.substr(0, before.rfind('\n', kDivided / 2) + 1),
              other = before;
  for (std::size_t at = 0; (at = other.find("hoster.net", at)) != other.npos;) other.replace(at, 10, "tsoher.net");
  for (const std::string& after : {grown, shrunk, other}) {
    const std::string expected = outcome(after, {});
    for (std::size_t calls = 0; calls < 5; ++calls) {
      FakeFiles files;
      files.files["zone"] = before;
      files.part_size = kPiece;
      const bool same = outcome(files, changing(files, calls, after)) == expected;
      CHECK(same);
      CHECK(files.opened > 0);
    }
  }
}
