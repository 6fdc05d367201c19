#include "zone/diagnostic/source.h"

#include <algorithm>
#include <utility>

namespace dns {

std::uint32_t Sources::add(SourceReader::Opened opened, std::optional<Place> included_at) {
  sources_.push_back(std::make_unique<Source>(Source{std::move(opened), included_at}));
  return static_cast<std::uint32_t>(sources_.size() - 1);
}

Position Sources::position(Place place) const {
  const std::string_view whole = text(place.source);
  const std::size_t offset = std::min<std::size_t>(place.offset, whole.size());
  const std::string_view before = whole.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0: the first line
  std::string_view line = whole.substr(line_start, whole.find('\n', offset) - line_start);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return {.path = path(place.source),
          .line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')),
          .column = offset - line_start + 1,
          .line_text = line};
}

}  // namespace dns
