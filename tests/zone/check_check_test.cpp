// Each finding of `check`, and similar zones without that finding.
#include "zone/check/check.h"

#include <random>
#include <sstream>

#include <doctest/doctest.h>

#include "tests/support/threads.h"
#include "tests/support/zone_dump.h"

namespace dns {
namespace {

constexpr const char* kNames[] = {"NoSoa",
                                  "NoApexNs",
                                  "SerialZero",
                                  "CnameWithOtherData",
                                  "SeveralCnames",
                                  "SeveralDnames",
                                  "DnameWithNamesBelow",
                                  "DnameWithCname",
                                  "TargetIsCname",
                                  "TargetWithoutAddress",
                                  "MissingGlue",
                                  "Occluded",
                                  "SetTooLargeForUdp",
                                  "SetTooLarge",
                                  "DsWithoutCut",
                                  "CutWithOtherData",
                                  "CutAtWildcard"};

Name name(std::string_view text) { return *parse_name(text, *parse_name("z.")); }

void append_name(std::vector<std::uint8_t>& rdata, std::string_view text) {
  const Name target = name(text);
  rdata.insert(rdata.end(), target.view().data(), target.view().data() + target.size());
}

// Adds the record "owner type target". Its RDATA contains only the parts that `check` examines.
void add(ZoneBuilder& builder, const std::string& line) {
  std::istringstream words(line);
  std::string owner, type, target;
  words >> owner >> type >> target;
  struct Row {
    const char* text;
    Type type;
    std::size_t before;
    bool has_name;
  };
  static constexpr Row rows[] = {{"NS", Type::NS, 0, true},       {"CNAME", Type::CNAME, 0, true},
                                 {"DNAME", Type::DNAME, 0, true}, {"MX", Type::MX, 2, true},
                                 {"SRV", Type::SRV, 6, true},     {"A", Type::A, 4, false},
                                 {"AAAA", Type::AAAA, 16, false}, {"TXT", Type::TXT, 1, false},
                                 {"DS", Type::DS, 36, false},     {"NSEC", Type::NSEC, 0, true}};
  for (const Row& row : rows) {
    if (type != row.text) continue;
    std::vector<std::uint8_t> rdata(row.before);
    if (row.has_name) append_name(rdata, target);
    REQUIRE(builder.add(name(owner), row.type, 60, rdata) <= AddOutcome::kDuplicate);
    return;
  }
  REQUIRE_MESSAGE(type == "SOA", line);
  std::vector<std::uint8_t> rdata(22);
  rdata[5] = static_cast<std::uint8_t>(std::stoi(target));
  REQUIRE(builder.add(name(owner), Type::SOA, 60, rdata) == AddOutcome::kAdded);
}

std::string text(const std::vector<ZoneFinding>& findings) {
  std::string out;
  for (const ZoneFinding& found : findings) {
    out += std::string(kNames[static_cast<std::size_t>(found.finding)]) + " " + to_text(found.owner) + " " +
           std::to_string(static_cast<int>(found.type));
    if (!found.target.view().is_root()) out += " " + to_text(found.target);
    out += "; ";
  }
  return out;
}

std::shared_ptr<const Zone> zone_of(const std::string& lines) {
  ZoneBuilder builder(name("@"));
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line, ';');)
    if (line.find_first_not_of(' ') != std::string::npos) add(builder, line);
  return builder.finish().zone;
}

const std::string kGood = "@ SOA 1; @ NS ns.elsewhere.; ";

}  // namespace

TEST_CASE("check: reports each kind of finding") {
  struct Row {
    const char* lines;
    const char* findings;
  };
  const Row rows[] = {
      {"", ""},
      {"a CNAME b; a NSEC b", ""},
      {"a CNAME b; a TXT", "CnameWithOtherData a.z. 5; "},
      {"a CNAME b; a CNAME c", "SeveralCnames a.z. 5; "},
      {"a DNAME b; a TXT", ""},
      {"a DNAME b; a DNAME c", "SeveralDnames a.z. 39; "},
      {"a DNAME b; a CNAME c", "DnameWithCname a.z. 5; "},
      {"a DNAME b; x.a TXT; y.x.a TXT; ab TXT",
       "DnameWithNamesBelow a.z. 39 x.a.z.; Occluded x.a.z. 16 a.z.; Occluded y.x.a.z. 16 a.z.; "},
      {"a MX b; b CNAME c; s SRV b", "TargetIsCname a.z. 15 b.z.; TargetIsCname s.z. 33 b.z.; "},
      {"a MX w.b; *.b CNAME c", "TargetIsCname a.z. 15 w.b.z.; "},
      {"a MX b", "TargetWithoutAddress a.z. 15 b.z.; "},
      {"a MX b; b TXT", "TargetWithoutAddress a.z. 15 b.z.; "},
      {"a MX b; b AAAA", ""},
      {"a MX w.b; *.b A", ""},
      {"a MX .; s SRV .", ""},
      {"a MX b.elsewhere.", ""},
      {"a MX x.b; b NS ns.elsewhere.", ""},  // the name belongs to the delegated zone
      {"@ NS ns", "TargetWithoutAddress z. 2 ns.z.; "},
      {"a NS ns.a; ns.a A", ""},
      {"a NS a; a A", ""},
      {"a NS ns.a", "MissingGlue a.z. 2 ns.a.z.; "},
      {"a NS ns.a; b NS ns.a; ns.a AAAA", ""},  // sibling glue
      {"a NS ns.b; b NS ns.b; c NS ns.b",
       "MissingGlue b.z. 2 ns.b.z.; "},               // the same name servers, but one delegation needs the glue
      {"a NS ns.b; b NS ns.elsewhere.; ns.b A", ""},  // glue for a name server that only the sibling uses
      {"a NS ns.elsewhere.; x.a A; y.a TXT", "Occluded x.a.z. 1 a.z.; Occluded y.a.z. 16 a.z.; "},
      {"a NS ns.a; ns.a A; ns.a TXT", "Occluded ns.a.z. 16 a.z.; "},
      {"a NS ns.a; ns.a A; b.a NS ns.b.a; ns.b.a A", "Occluded b.a.z. 2 a.z.; "},
      {"a DS", "DsWithoutCut a.z. 43; "},
      {"a DS; a NS ns.elsewhere.; a NSEC b", ""},
      {"@ DS", "DsWithoutCut z. 43; "},
      {"*.a NS ns.elsewhere.; *.b DNAME c; *a NS ns.elsewhere.", "CutAtWildcard *.a.z. 2; CutAtWildcard *.b.z. 39; "},
      {"a NS ns.elsewhere.; a TXT; a MX b.elsewhere.", "CutWithOtherData a.z. 15; CutWithOtherData a.z. 16; "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.lines);
    CHECK(text(check(*zone_of(kGood + row.lines), 100)) == row.findings);
  }
}

TEST_CASE("check: reports a missing SOA, missing NS and serial 0 at the apex") {
  CHECK(text(check(*zone_of("@ NS ns.elsewhere."), 100)) == "NoSoa z. 6; ");
  CHECK(text(check(*zone_of("@ SOA 1"), 100)) == "NoApexNs z. 2; ");
  CHECK(text(check(*zone_of("@ SOA 0; @ NS ns.elsewhere."), 100)) == "SerialZero z. 6; ");
  CHECK(text(check(*zone_of("a TXT"), 100)) == "NoSoa z. 6; NoApexNs z. 2; ");
  CHECK(text(check(*zone_of(""), 100)) == "NoSoa z. 6; NoApexNs z. 2; ");
}

TEST_CASE("check: reports an RRset if an answer with this RRset alone exceeds the size limit") {
  // header 12, OPT 11, question a.z. 5 + 4, each record 12 + RDATA
  const auto findings = [](std::size_t records, std::size_t size) {
    ZoneBuilder builder(name("@"));
    add(builder, "@ SOA 1");
    add(builder, "@ NS ns.elsewhere.");
    for (std::size_t i = 0; i < records; ++i) {
      std::vector<std::uint8_t> rdata(size);
      rdata[0] = static_cast<std::uint8_t>(i >> 8);
      rdata[1] = static_cast<std::uint8_t>(i);
      REQUIRE(builder.add(name("a"), static_cast<Type>(65280), 60, rdata) == AddOutcome::kAdded);
    }
    return text(check(*builder.finish().zone, 100));
  };
  CHECK(findings(10, (1232 - 32) / 10 - 12) == "");
  CHECK(findings(10, (1232 - 32) / 10 - 11) == "SetTooLargeForUdp a.z. 65280; ");
  CHECK(findings(1000, 53) == "SetTooLargeForUdp a.z. 65280; ");
  CHECK(findings(1000, 54) == "SetTooLarge a.z. 65280; ");
}

TEST_CASE("check: lists errors before warnings, each in canonical order, up to the limit") {
  const auto zone = zone_of("@ NS ns; a MX b; c CNAME d; c TXT; b TXT; e CNAME f; e TXT");
  const std::string all =
      "NoSoa z. 6; CnameWithOtherData c.z. 5; CnameWithOtherData e.z. 5; TargetWithoutAddress z. 2 ns.z.; "
      "TargetWithoutAddress a.z. 15 b.z.; ";
  CHECK(text(check(*zone, 100)) == all);
  for (std::size_t limit = 0; limit < 6; ++limit) {
    const std::string some = text(check(*zone, limit));
    CHECK(check(*zone, limit).size() == std::min<std::size_t>(limit, 5));
    CHECK(all.starts_with(some));
  }
}

TEST_CASE("check: several threads report the same findings in the same order as one thread") {
  std::mt19937 random(20261123);
  const auto one_of = [&random](const auto& list) { return std::string(list[random() % std::size(list)]); };
  static constexpr const char* labels[] = {"a", "b", "ab", "a-b", "x", "xa", "ns", "*", "zz"};
  static constexpr const char* types[] = {"NS", "NS", "CNAME", "DNAME", "MX", "SRV", "A", "A", "AAAA", "TXT", "DS"};
  const auto any_name = [&] {
    std::string name = one_of(labels);
    for (std::size_t deeper = random() % 3; deeper > 0; --deeper) name += '.' + one_of(labels);
    return random() % 40 == 0 ? std::string("@") : name;
  };
  ParallelExecutor parallel = test::threads(3);
  parallel.min_part_octets = 1;
  std::size_t findings = 0;
  for (int round = 0; round < 300; ++round) {
    std::string lines = kGood;
    for (std::size_t count = random() % 60; count > 0; --count)
      lines += any_name() + ' ' + one_of(types) + ' ' + any_name() + "; ";
    const auto zone = zone_of(lines);
    for (const std::size_t limit : {1U, 3U, 1000U}) {
      CAPTURE(lines);
      CAPTURE(limit);
      const auto single = check(*zone, limit);
      CHECK(text(check(*zone, limit, SIZE_MAX, parallel)) == text(single));
      findings += single.size();
    }
  }
  CHECK(findings > 5000);
}

}  // namespace dns
