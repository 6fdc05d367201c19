#include "server/folder/reader.h"

#include <algorithm>

namespace server {
namespace {

bool is_below(std::string_view path, std::string_view directory) {
  return directory == "/" || (path.starts_with(directory) && path.size() > directory.size() && path[directory.size()] == '/');
}

}  // namespace

dns::Result<dns::SourceReader::Opened, std::string> ZoneReader::open(std::string_view path, std::string_view included_by) {
  const std::string full = included_by.empty() ? std::string(path) : join_path(directory_of(included_by), path);
  if (included_by.empty()) {
    zone_file_ = full;
  } else if (scope_ == IncludeScope::kInside) {
    if (const auto inside = check_inside(full); !inside) return dns::Failure<std::string>(inside.error());
  }
  auto content = files_.read(full);
  if (!content) return dns::Failure<std::string>(content.error());
  const bool known = std::ranges::any_of(read_, [&](const ReadFile& file) { return file.path == full; });
  if (!known) read_.push_back({full, content->stamp, content_mark(content->text->text())});
  return Opened{full, std::move(content->text)};
}

void ZoneReader::learn_roots() {
  if (!roots_.empty()) return;
  if (const auto directory = files_.resolve(directory_of(zone_file_))) roots_.push_back(*directory);
  if (const auto file = files_.resolve(zone_file_)) roots_.push_back(directory_of(*file));
}

dns::Result<void, std::string> ZoneReader::check_inside(const std::string& path) {
  learn_roots();
  const auto real = files_.resolve(path);
  if (!real) return dns::Failure<std::string>(real.error());
  if (std::ranges::any_of(roots_, [&](const std::string& root) { return is_below(*real, root); })) return {};
  return dns::Failure<std::string>("outside the zone file's directory (includes = \"anywhere\" allows it)");
}

}  // namespace server
