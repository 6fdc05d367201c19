#include "server/zonefiles/discover.h"

#include <algorithm>
#include <map>

#include "zone/name/text.h"

namespace server {
namespace {

constexpr std::string_view kSuffix = ".zone", kRootStem = "root";

class Search {
 public:
  explicit Search(Files& files) : files_(files) {}

  void add(dns::NameView apex, const std::string& path) {
    const std::size_t before = zones_.size();
    const auto at = zones_.try_emplace(hint_, apex, path);  // zones that come in order are inserted without a search
    hint_ = std::next(at);
    if (zones_.size() == before && at->second != path)
      add_error("zone " + dns::to_text(apex) + " has two files, " + at->second + " and " + path + ": using the first");
  }

  void add_file(const std::string& path) {
    const std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
    if (const auto apex = apex_of_file_name(name)) return add(*apex, path);
    add_error("cannot find the name of the zone in " + path +
              ": rename the file to NAME.zone (example.com.zone), or use --zone NAME=" + path);
  }

  void add_directory(const std::string& path) {
    const auto listed = files_.list(path);
    if (!listed) return unreadable(path, listed.error());
    std::string prefix = join_path(path, "x");
    prefix.pop_back();
    bool empty = true;
    for (const auto& [name, kind] : *listed) {
      if (!name.ends_with(kSuffix)) continue;
      const std::string file = prefix + name;
      if (is_directory(file, kind)) continue;
      add_file(file);
      empty = false;
    }
    if (empty) found_.empty.push_back(path);
  }

  void unreadable(const std::string& path, const std::string& why) {
    add_error("cannot read " + path + ": " + why);
    found_.unreadable.push_back(path);
  }

  Discovery finish() {
    found_.zones.reserve(zones_.size());
    for (auto& [apex, path] : zones_) found_.zones.push_back({apex, std::move(path)});
    zones_.clear();
    return std::move(found_);
  }

 private:
  bool is_directory(const std::string& path, std::optional<FileKind> known) {
    if (known) return *known == FileKind::kDirectory;
    const auto kind = files_.kind(path);
    return kind && *kind == FileKind::kDirectory;
  }
  void add_error(std::string words) { found_.errors.push_back(std::move(words)); }

  Files& files_;
  std::map<dns::CompactName, std::string, dns::CanonicalLess> zones_;
  decltype(zones_)::iterator hint_ = zones_.end();  // behind the zone that was added last
  Discovery found_;
};

}  // namespace

Discovery discover(const StoreOptions& options, Files& files) {
  Search search(files);
  for (const NamedZone& zone : options.zones) search.add(zone.apex, zone.path);
  std::vector<std::string> directories;
  for (const std::string& path : options.paths) {
    const auto kind = files.kind(path);
    if (!kind) {
      search.unreadable(path, kind.error());
    } else if (*kind == FileKind::kDirectory) {
      directories.push_back(path);
    } else {
      search.add_file(path);
    }
  }
  for (const std::string& directory : directories) search.add_directory(directory);
  return search.finish();
}

std::optional<dns::Name> apex_of_file_name(std::string_view file_name) {
  if (!file_name.ends_with(kSuffix)) return std::nullopt;
  const std::string_view stem = file_name.substr(0, file_name.size() - kSuffix.size());
  if (stem == kRootStem) return dns::Name();
  if (stem == "@" || stem == ".") return std::nullopt;
  const auto name = dns::parse_name(stem);
  if (!name) return std::nullopt;
  return *name;
}

}  // namespace server
