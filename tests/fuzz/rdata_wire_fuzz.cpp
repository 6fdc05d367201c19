// A type (two octets) and RDATA. Well-formed RDATA prints and parses to the same octets, its names are valid, and it
// compares equal to itself. Malformed RDATA prints in generic form.
#include "tests/support/rdata.h"
#include "zone/base/result.h"
#include "zone/rr/rdata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 2 + dns::kMaxRdata) return 0;
  const auto type = static_cast<dns::Type>(dns::load16(data));
  const dns::Bytes rdata(data + 2, size - 2);
  const std::string printed = test::rdata_text(type, rdata);
  const auto checked = dns::check_rdata(type, rdata);
  if (!checked) {
    dns::require(checked.error().offset <= rdata.size(), "a fault is within the RDATA");
    dns::require(printed.starts_with("\\# "), "malformed RDATA prints in generic form");
    return 0;
  }
  dns::require(dns::compare_rdata(type, rdata, rdata) == 0, "an RDATA equals itself");
  const dns::RdataNames names = dns::names_of(type, rdata);
  for (std::size_t i = 0; i < names.count; ++i) {
    const auto name = dns::read_name(rdata.subspan(names.at[i].offset));
    dns::require(name.has_value() && name->size() == names.at[i].size, "a name is at its reported offset");
  }
  if (dns::is_meta(type)) return 0;
  const auto again = test::read_rdata(type, printed);
  dns::require(again.has_value() && dns::equal(*again, rdata), "printed RDATA parses to the same octets");
  return 0;
}
