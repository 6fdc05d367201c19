#include "tests/support/query_bytes.h"

#include "tests/support/zone_from_text.h"

namespace dns::test {
namespace {

void put16(std::vector<std::uint8_t>& out, unsigned value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

}  // namespace

std::vector<std::uint8_t> octets_of(const QueryBytes& query) {
  std::vector<std::uint8_t> out;
  for (const unsigned value : {unsigned{query.id}, unsigned{query.flags}, 1U, 0U, 0U, query.edns ? 1U : 0U})
    put16(out, value);
  const Name name = name_of(query.name);
  out.insert(out.end(), name.view().data(), name.view().data() + name.size());
  put16(out, static_cast<unsigned>(query.type));
  put16(out, static_cast<unsigned>(query.klass));
  if (!query.edns) return out;
  out.push_back(0);
  put16(out, static_cast<unsigned>(Type::OPT));
  put16(out, query.edns->payload);
  put16(out, query.edns->version);
  put16(out, query.edns->flags);
  put16(out, static_cast<unsigned>(query.edns->options.size()));
  out.insert(out.end(), query.edns->options.begin(), query.edns->options.end());
  return out;
}

}  // namespace dns::test
