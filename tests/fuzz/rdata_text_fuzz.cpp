// A type (two octets) and RDATA as text: accepted RDATA is well-formed, prints, and parses to the same octets.
#include <memory>

#include "tests/support/rdata.h"
#include "zone/base/result.h"
#include "zone/rr/rdata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto type = static_cast<dns::Type>(dns::load16(data));
  const std::string_view text = dns::as_text({data + 2, size - 2});
  const auto rdata = test::read_rdata(type, text);
  if (!rdata) {
    const std::vector<dns::Token> tokens = test::cut(text);
    dns::require(!rdata.error().code.empty() && !rdata.error().message.empty(), "a fault has a code and a message");
    dns::require(rdata.error().token <= tokens.size(), "a fault is at a token, or after the last");
    if (rdata.error().token < tokens.size())
      dns::require(rdata.error().offset <= tokens[rdata.error().token].text.size(), "a fault is within its token");
    return 0;
  }
  dns::require(dns::check_rdata(type, *rdata).has_value(), "parsed RDATA is well-formed");
  const std::string printed = test::rdata_text(type, *rdata);
  const auto again = test::read_rdata(type, printed);
  dns::require(again.has_value() && *again == *rdata, "printed RDATA parses to the same octets");
  return 0;
}
