#include "zone/file/canonical.h"

#include <string>

#include "zone/field/rdata_text.h"
#include "zone/field/text.h"
#include "zone/name/text.h"

namespace dns {
namespace {

constexpr std::size_t kPieceSize = 65'536;

}  // namespace

void write_canonical(const Zone& zone, const std::function<void(std::string_view)>& out) {
  std::string piece;
  piece.reserve(kPieceSize + kPieceSize / 4);
  zone.for_each([&](const NodeView& node) {
    const std::string owner = to_text(node.owner());
    for (std::size_t i = 0; i < node.set_count(); ++i) {
      const RrsetView set = node.set(i);
      const std::string head = owner + ' ' + std::to_string(set.ttl) + " IN " + to_text(set.type) + ' ';
      for (const Bytes rdata : set) {
        piece += head;
        append_rdata(piece, set.type, rdata);
        piece += '\n';
        if (piece.size() < kPieceSize) continue;
        out(piece);
        piece.clear();
      }
    }
    return true;
  });
  if (!piece.empty()) out(piece);
}

}  // namespace dns
