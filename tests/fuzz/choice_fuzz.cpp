// Any octets as a packed choice, and as the text of a prefix. A decoded choice encodes to the same octets, and every
// set chosen from it lies within it. A parsed prefix prints as text that parses to the same prefix.
#include <cstdint>
#include <vector>

#include "zone/base/result.h"
#include "zone/snapshot/client_choice.h"

namespace {

// The octets as RDATA: as many complete ones as they contain.
dns::Rrset set_of(dns::Bytes octets) {
  dns::Rrset set(dns::kClientChoiceType, 0);
  std::size_t at = 0;
  while (at + 2 <= octets.size() && at + 2 + dns::load16(&octets[at]) <= octets.size() && set.count < 64) {
    at += 2U + dns::load16(&octets[at]);
    ++set.count;
  }
  set.packed.assign(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(at));
  return set;
}

void read_choice(const dns::Rrset& set) {
  const auto plan = dns::decode(set.view(), dns::Type::A);
  if (!plan) return;
  dns::require(dns::encode(*plan) == set, "a decoded choice encodes to the same octets");
  for (std::uint32_t i = 0; i < 64; ++i) {
    const std::uint8_t client[] = {192, 0, static_cast<std::uint8_t>(i), 1};
    const dns::RrsetView picked = dns::choose_rrset(set.view(), dns::Type::A, {.address = client, .salt = i}).set;
    dns::require(
        picked.packed == nullptr || picked.packed + picked.packed_size() <= set.packed.data() + set.packed.size(),
        "a chosen set lies within the choice");
  }
}

void read_prefix(std::string_view text) {
  const auto prefix = dns::parse_prefix(text);
  if (!prefix) return;
  dns::require(dns::parse_prefix(dns::to_text(*prefix)) == prefix, "a printed prefix parses to the same prefix");
  dns::require(dns::contains(*prefix, dns::Bytes(prefix->address).first(prefix->size)),
               "a prefix contains its own address");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_choice(set_of({data, size}));
  read_prefix(dns::as_text({data, size}));
  return 0;
}
