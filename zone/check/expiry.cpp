#include "zone/check/expiry.h"

namespace dns {
namespace {

// Octets before the expiration field of an RRSIG, and before the signer's name.
constexpr std::size_t kExpiration = 8, kFixedFields = 18;

// The latest expiration of the signatures of one RRset (at least one).
std::optional<Expiry> expiry_of(const NodeView& node, const RrsetView& signatures) {
  std::optional<Expiry> latest;
  for (const Bytes rdata : signatures) {
    if (rdata.size() < kFixedFields) continue;
    const Serial at{load32(rdata.data() + kExpiration)};
    if (!latest || later(at, latest->at)) latest = Expiry{{}, static_cast<Type>(load16(rdata.data())), at};
  }
  if (latest) latest->owner = node.owner();
  return latest;
}

}  // namespace

std::optional<Expiry> first_expiry(const Zone& zone) {
  std::optional<Expiry> first;
  zone.for_each([&](const NodeView& node) {
    if (!node.is_signed()) return true;
    for (std::size_t index = 0; index < node.set_count(); ++index) {
      if (node.type(index) != Type::RRSIG) continue;
      const auto expiry = expiry_of(node, node.set(index));
      if (expiry && (!first || later(first->at, expiry->at))) first = expiry;
    }
    return true;
  });
  return first;
}

std::optional<Expiry> soa_expiry(const Zone& zone) {
  const auto apex = zone.apex_node();
  const auto signatures = apex ? apex->signatures_of(Type::SOA) : std::nullopt;
  return signatures ? expiry_of(*apex, *signatures) : std::nullopt;
}

}  // namespace dns
