#include <doctest/doctest.h>

#include "zone/field/text.h"
#include "zone/rr/table.h"

using dns::Type;

TEST_CASE("field text: converts types, classes and codes to text and back") {
  for (const dns::TypeRow& row : dns::table::kRows) {
    CHECK(dns::to_text(row.type) == row.name);
    CHECK(static_cast<int>(*dns::parse_type(row.name)) == static_cast<int>(row.type));
  }
  for (unsigned value = 0; value <= 0xffff; ++value) {
    const auto type = static_cast<Type>(value);
    REQUIRE(static_cast<unsigned>(*dns::parse_type("TYPE" + std::to_string(value))) == value);
    REQUIRE(static_cast<unsigned>(*dns::parse_type(dns::to_text(type))) == value);
  }
  CHECK(dns::parse_type("aaaa") == Type::AAAA);
  CHECK(dns::parse_type("nsec3param") == Type::NSEC3PARAM);
  for (const char* wrong :
       {"", "AAA", "TYPE", "TYPE65536", "TYPE-1", "TYPE1x", "TYPE000001", "NSEC3PARAMS", "TYP1", "A "})
    CHECK_FALSE(dns::parse_type(wrong).has_value());
  CHECK(dns::to_text(dns::Class::IN) == "IN");
  CHECK(dns::parse_class("class42") == static_cast<dns::Class>(42));
  CHECK(dns::parse_class("ch") == dns::Class::CH);
  CHECK_FALSE(dns::parse_class("INN").has_value());
  CHECK(dns::to_text(static_cast<dns::Class>(42)) == "CLASS42");
  CHECK(dns::to_text(dns::Rcode::NXDOMAIN) == "NXDOMAIN");
  CHECK(dns::to_text(static_cast<dns::Rcode>(12)) == "RCODE12");
  CHECK(dns::to_text(dns::Opcode::NOTIFY) == "NOTIFY");
  CHECK(dns::to_text(static_cast<dns::Opcode>(3)) == "OPCODE3");
  CHECK(dns::nearest_type("AAA") == "AAAA");
  CHECK(dns::nearest_type("CNMAE") == "CNAME");
  CHECK(dns::nearest_type("QQQQQQQQQ").empty());
}
