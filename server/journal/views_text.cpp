#include "server/journal/views_text.h"

#include <algorithm>

#include "server/journal/content_hash.h"

namespace server {
namespace {

constexpr std::string_view kViewsMagic = "waymark views 1\n";

}  // namespace

std::string views_text(const dns::ViewTable& table) {
  std::string text(kViewsMagic);
  for (const dns::View& view : table.views()) {
    text += "view " + view.name + "\n";
    for (const dns::Prefix& prefix : view.clients) text += "client " + dns::to_text(prefix) + "\n";
    for (const dns::Prefix& prefix : view.local) text += "local " + dns::to_text(prefix) + "\n";
  }
  return text + "mark " + std::to_string(content_hash(text)) + "\n";
}

std::shared_ptr<const dns::ViewTable> parse_views(std::string_view text) {
  std::vector<dns::View> views;
  if (!text.starts_with(kViewsMagic)) return nullptr;
  for (std::size_t at = kViewsMagic.size(), end = 0; (end = text.find('\n', at)) != text.npos; at = end + 1) {
    const std::string_view line = text.substr(at, end - at),
                           value = line.substr(std::min(line.size(), line.find(' ') + 1));
    if (line.starts_with("mark "))
      return line == "mark " + std::to_string(content_hash(text.substr(0, at)))
                 ? std::make_shared<const dns::ViewTable>(std::move(views))
                 : nullptr;
    if (line.starts_with("view ")) {
      views.push_back({std::string(value), {}, {}});
      continue;
    }
    const auto prefix = dns::parse_prefix(value);
    if (!prefix || views.empty() || views.size() > dns::kMaxViews) return nullptr;
    (line.starts_with("client ") ? views.back().clients : views.back().local).push_back(*prefix);
  }
  return nullptr;
}

std::uint64_t views_hash(const dns::ViewTable* views) {
  return views == nullptr ? 0 : content_hash(views_text(*views));
}

}  // namespace server
