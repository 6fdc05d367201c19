#include <doctest/doctest.h>

#include "tests/support/rdata.h"
#include "zone/name/text.h"
#include "zone/rr/rdata.h"
#include "zone/rr/rrset.h"
#include "zone/rr/table.h"

using dns::RdataErrorKind;
using dns::Type;

namespace {

std::vector<std::uint8_t> wire(std::string_view type, std::string_view text) {
  const auto rdata = test::read_rdata(test::type_of(type), text);
  REQUIRE_MESSAGE(rdata.has_value(), text);
  return *rdata;
}

int sign(int order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

}  // namespace

TEST_CASE("check_rdata: reports the kind and offset of the first error") {
  struct Row {
    std::string_view type, octets;
    RdataErrorKind error;
    std::size_t offset;
  };
  static constexpr Row rows[] = {
      {"A", "0a0000", RdataErrorKind::kTooShort, 3},
      {"A", "0a00000001", RdataErrorKind::kTrailing, 4},
      {"A", "", RdataErrorKind::kTooShort, 0},
      {"NS", "", RdataErrorKind::kTooShort, 0},
      {"NS", "0161", RdataErrorKind::kTooShort, 2 - 2},
      {"NS", "c00c", RdataErrorKind::kBadName, 0},
      {"NS", "00ff", RdataErrorKind::kTrailing, 1},
      {"MX", "000a", RdataErrorKind::kTooShort, 2},
      {"SOA", "0000 00000001 00000002 00000003 00000004 000005", RdataErrorKind::kTooShort, 21},
      {"TXT", "", RdataErrorKind::kTooShort, 0},
      {"TXT", "0361", RdataErrorKind::kTooShort, 2},
      {"HINFO", "0161", RdataErrorKind::kTooShort, 2},
      {"NSEC", "00 00 00", RdataErrorKind::kBadValue, 1},
      {"NSEC", "00 00 21", RdataErrorKind::kBadValue, 1},
      {"NSEC", "00 00 02 40", RdataErrorKind::kTooShort, 4},
      {"NSEC", "00 00 02 4000", RdataErrorKind::kBadValue, 4},
      {"NSEC", "00 00 01 40 00 01 40", RdataErrorKind::kBadValue, 4},
      {"NSEC", "00 01 01 40 00 01 40", RdataErrorKind::kBadValue, 4},
      {"NSEC3", "01 00 0000 00 00", RdataErrorKind::kBadValue, 5},
      {"NSEC3PARAM", "01 00 0000 02 aa", RdataErrorKind::kTooShort, 6},
      {"DS", "0001 08 02 00", RdataErrorKind::kBadValue, 4},
      {"DS", "0001 08 c8", RdataErrorKind::kTooShort, 4},
      {"CAA", "00 00", RdataErrorKind::kBadValue, 1},
      {"CAA", "00 01 2d", RdataErrorKind::kBadValue, 2},
      {"URI", "0001 0001", RdataErrorKind::kTooShort, 4},
      {"X25", "03 313233", RdataErrorKind::kBadValue, 0},
      {"SVCB", "0001 00 0003 0002", RdataErrorKind::kTooShort, 7},
      {"SVCB", "0001 00 0003 0001 00", RdataErrorKind::kBadValue, 3},
      {"SVCB", "0001 00 0003 0002 0035 0003 0002 0035", RdataErrorKind::kBadValue, 9},
      {"SVCB", "0001 00 ffff 0000", RdataErrorKind::kBadValue, 3},
      {"SVCB", "0001 00 0002 0000", RdataErrorKind::kBadValue, 3},
      {"SVCB", "0001 00 0000 0002 0003", RdataErrorKind::kBadValue, 7},
      {"LOC", "01121613 80000000 80000000 00989680", RdataErrorKind::kBadValue, 0},
      {"LOC", "00a21613 80000000 80000000 00989680", RdataErrorKind::kBadValue, 0},
      {"LOC", "00121613 a0000000 80000000 00989680", RdataErrorKind::kBadValue, 0},
      {"APL", "0001 18 05 0101010101", RdataErrorKind::kBadValue, 0},
      {"APL", "0001 21 00", RdataErrorKind::kBadValue, 0},
      {"APL", "0001 18 02 0a00", RdataErrorKind::kBadValue, 5},
      {"APL", "0001 18", RdataErrorKind::kTooShort, 3},
      {"IPSECKEY", "0a 04 02", RdataErrorKind::kBadValue, 1},
      {"IPSECKEY", "0a 01 02 c00002", RdataErrorKind::kTooShort, 6},
      {"AMTRELAY", "0a", RdataErrorKind::kTooShort, 1},
      {"HIP", "00 02 0001 aa", RdataErrorKind::kBadValue, 0},
      {"HIP", "01 02 0002 aabb", RdataErrorKind::kTooShort, 6},
      {"A6", "81", RdataErrorKind::kBadValue, 0},
      {"A6", "7c 10 00", RdataErrorKind::kBadValue, 1},
      {"ATMA", "02 31", RdataErrorKind::kBadValue, 0},
      {"ATMA", "01 61", RdataErrorKind::kBadValue, 1},
      {"KEY", "0000 03 05", RdataErrorKind::kTooShort, 4},
      {"NXT", "00 4000", RdataErrorKind::kBadValue, 1},
      {"ZONEMD", "00000001 01 01 00", RdataErrorKind::kTooShort, 7},
      {"SSHFP", "01 01 00", RdataErrorKind::kBadValue, 2},
      {"EUI48", "0000000000", RdataErrorKind::kTooShort, 5},
  };
  for (const Row& row : rows) {
    CAPTURE(row.type);
    CAPTURE(row.octets);
    const auto checked = dns::check_rdata(test::type_of(row.type), test::octets_of(row.octets));
    REQUIRE_FALSE(checked.has_value());
    CHECK(static_cast<int>(checked.error().error) == static_cast<int>(row.error));
    CHECK(checked.error().offset == row.offset);
  }
  CHECK(dns::check_rdata(static_cast<Type>(731), test::octets_of("00ff")).has_value());
}

TEST_CASE("compare_rdata: ignores the case of names only in the types of RFC 4034 6.2 and RFC 6840 5.1") {
  struct Row {
    std::string_view type, a, b;
    int order;
  };
  static constexpr Row rows[] = {
      {"NS", "A.example.", "a.example.", 0},
      {"NS", "a.example.", "B.example.", -1},
      {"NS", "b.", "a.a.", 1},
      {"MX", "10 A.", "10 a.", 0},
      {"MX", "9 b.", "10 a.", -1},
      {"SOA", "A. B. 1 2 3 4 5", "a. b. 1 2 3 4 5", 0},
      {"SOA", "A. B. 1 2 3 4 5", "a. b. 2 2 3 4 5", -1},
      {"SRV", "1 1 1 A.", "1 1 1 a.", 0},
      {"RRSIG", "A 5 3 1 1 0 1 A. AQID", "A 5 3 1 1 0 1 a. AQID", 0},
      {"RRSIG", "A 5 3 1 1 0 1 a. AQID", "A 5 3 1 1 0 1 a. AQIE", -1},
      {"NAPTR", "1 1 \"S\" \"\" \"\" A.", "1 1 \"S\" \"\" \"\" a.", 0},
      {"NAPTR", "1 1 \"S\" \"\" \"\" a.", "1 1 \"s\" \"\" \"\" a.", -1},
      {"A6", "64 ::1 A.", "64 ::1 a.", 0},
      {"DNAME", "A.", "a.", 0},
      {"NSEC", "A. A", "a. A", -1},
      {"SVCB", "1 A.", "1 a.", -1},
      {"TXT", "A", "a", -1},
      {"TXT", "\"\"", "a", -1},
      {"TXT", "a", "a b", -1},
      {"A", "10.0.0.2", "10.0.0.10", -1},
      {"RP", "A. B.", "a. b.", 0},
      {"LP", "1 A.", "1 a.", -1},
  };
  for (const Row& row : rows) {
    CAPTURE(row.type);
    CAPTURE(row.a);
    const auto a = wire(row.type, row.a), b = wire(row.type, row.b);
    CHECK(sign(dns::compare_rdata(test::type_of(row.type), a, b)) == row.order);
    CHECK(sign(dns::compare_rdata(test::type_of(row.type), b, a)) == -row.order);
  }
}

TEST_CASE("names_of: returns offsets, sizes and whether compression is allowed") {
  struct Row {
    std::string_view type, text, names;
  };
  static constexpr Row rows[] = {
      {"NS", "a.", "0+3 compressible"},
      {"MX", "10 a.", "2+3 compressible"},
      {"SOA", "a. bc. 1 2 3 4 5", "0+3 3+4 compressible"},
      {"MINFO", "a. bc.", "0+3 3+4 compressible"},
      {"RP", "a. bc.", "0+3 3+4"},
      {"SRV", "1 2 3 a.", "6+3"},
      {"NAPTR", "1 2 \"s\" \"x\" \"\" a.", "9+3"},
      {"PX", "1 a. b.", "2+3 5+3"},
      {"RRSIG", "A 5 3 1 1 0 1 a. AQID", "18+3"},
      {"NSEC", "a. A", "0+3"},
      {"SVCB", "1 a. port=1", "2+3"},
      {"A6", "64 ::1 a.", "9+3"},
      {"A6", "0 ::1", ""},
      {"A", "10.0.0.1", ""},
      {"TXT", "a.", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.type);
    const dns::RdataNames names = dns::names_of(test::type_of(row.type), wire(row.type, row.text));
    std::string text;
    for (std::size_t i = 0; i < names.count; ++i)
      text += (i > 0 ? " " : "") + std::to_string(names.at[i].offset) + "+" + std::to_string(names.at[i].size);
    if (names.compressible) text += " compressible";
    CHECK(text == row.names);
  }
  CHECK(dns::has_compressible_names(Type::MX));
  CHECK_FALSE(dns::has_compressible_names(Type::SRV));
}

TEST_CASE("additional_target: returns the host name, or nothing for a null target") {
  const auto target = [](std::string_view type, std::string_view text) {
    const auto rdata = wire(type, text);
    const auto name = dns::additional_target(test::type_of(type), rdata);
    return name ? dns::to_text(*name) : std::string("-");
  };
  CHECK(target("NS", "a.") == "a.");
  CHECK(target("MX", "0 .") == "-");
  CHECK(target("MX", "1 a.") == "a.");
  CHECK(target("SRV", "1 2 3 a.") == "a.");
  CHECK(target("SVCB", "1 .") == "-");
  CHECK(target("HTTPS", "0 a.") == "a.");
  CHECK(target("AFSDB", "1 a.") == "a.");
  CHECK(target("RT", "1 a.") == "a.");
  CHECK(target("KX", "1 a.") == "a.");
  CHECK(target("CNAME", "a.") == "-");
}

TEST_CASE("read_soa: returns all fields") {
  const auto rdata = wire("SOA", "ns. mail. 1 2 3 4 5");
  const dns::Soa soa = dns::read_soa(rdata);
  CHECK(dns::to_text(soa.mname) == "ns.");
  CHECK(dns::to_text(soa.rname) == "mail.");
  CHECK(soa.serial == 1);
  CHECK(soa.refresh == 2);
  CHECK(soa.retry == 3);
  CHECK(soa.expire == 4);
  CHECK(soa.minimum == 5);
}

TEST_CASE("Rrset::add: keeps canonical order and rejects duplicates") {
  dns::Rrset set(Type::NS, 60);
  CHECK(set.add(wire("NS", "b.")));
  CHECK(set.add(wire("NS", "a.")));
  CHECK(set.add(wire("NS", "c.")));
  CHECK_FALSE(set.add(wire("NS", "B.")));
  std::string text;
  for (const dns::Bytes rdata : set.view()) text += test::rdata_text(Type::NS, rdata) + " ";
  CHECK(text == "a. b. c. ");
  CHECK(set.count == 3);
  CHECK(set.packed.size() == set.view().packed_size());
}
