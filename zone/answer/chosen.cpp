#include "zone/answer/chosen.h"

namespace dns {
namespace {

bool same_records(const RrsetView& a, const RrsetView& b) {
  const std::size_t size = a.packed_size();
  return a.count == b.count && size == b.packed_size() && equal({a.packed, size}, {b.packed, size});
}

}  // namespace

std::optional<Picked> picked_of(const NodeView& node, Type type, const Asker* asker) {
  if (asker == nullptr) return std::nullopt;
  const auto choice = node.choice_of(type);
  if (!choice) return std::nullopt;
  return pick_of(*choice, type, *asker);
}

std::optional<RrsetView> signatures_of_given(const NodeView& node, const RrsetView& given) {
  if (node.has_choices() && node.choice_of(given.type))
    if (const auto plain = node.find(given.type); !plain || !same_records(*plain, given)) return std::nullopt;
  return node.signatures_of(given.type);
}

}  // namespace dns
