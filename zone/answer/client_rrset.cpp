#include "zone/answer/client_rrset.h"

namespace dns {
namespace {

bool same_records(const RrsetView& a, const RrsetView& b) {
  const std::size_t size = a.packed_size();
  return a.count == b.count && size == b.packed_size() && equal({a.packed, size}, {b.packed, size});
}

}  // namespace

std::optional<ChosenRrset> choose_for_client(const NodeView& node, Type type, const ClientInfo* client) {
  if (client == nullptr) return std::nullopt;
  const auto choice = node.client_choice_of(type);
  if (!choice) return std::nullopt;
  return choose_rrset(*choice, type, *client);
}

std::optional<RrsetView> signatures_for_client(const NodeView& node, const RrsetView& given) {
  if (node.has_client_choices() && node.client_choice_of(given.type))
    if (const auto plain = node.find(given.type); !plain || !same_records(*plain, given)) return std::nullopt;
  return node.signatures_of(given.type);
}

}  // namespace dns
