// Text to name and back: a parsed name prints as text that parses to the same octets; names in wire format do too.
#include "zone/base/result.h"
#include "zone/name/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const dns::Bytes input{data, size};
  const auto check = [](const dns::Name& name) {
    const auto again = dns::parse_name(dns::to_text(name));
    dns::require(again.has_value() && dns::equal(again->view().bytes(), name.view().bytes()),
                 "a printed name parses to the same name");
  };
  const auto parsed = dns::parse_name(dns::as_text(input));
  if (parsed) {
    check(*parsed);
  } else {
    dns::require(parsed.error().offset <= size, "a fault is within the text");
  }
  if (const auto read = dns::read_name(input)) check(*read);
  return 0;
}
