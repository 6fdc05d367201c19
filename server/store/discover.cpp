#include "server/store/discover.h"

#include <algorithm>
#include <map>

#include "zone/name/text.h"

namespace server {
namespace {

constexpr std::string_view kSuffix = ".zone", kRootStem = "root";

class Search {
 public:
  explicit Search(Files& files) : files_(files) {}

  void add(const dns::Name& apex, const std::string& path) {
    const auto [at, is_new] = zones_.try_emplace(apex, path);
    if (!is_new && at->second != path)
      trouble(dns::to_text(apex) + " is named by " + at->second + " and by " + path + ": the first is used");
  }

  void add_file(const std::string& path) {
    const std::string name = path.substr(path.rfind('/') + 1);
    if (const auto apex = zone_of_file_name(name)) return add(*apex, path);
    trouble("cannot tell which zone " + path + " is: name the file after it, example.com.zone, or say --zone NAME=" + path);
  }

  void add_directory(const std::string& path) {
    const auto names = files_.list(path);
    if (!names) return unreadable(path, names.error());
    for (const std::string& name : *names) {
      if (!name.ends_with(kSuffix)) continue;
      const std::string file = join_path(path, name);
      if (const auto kind = files_.kind(file); kind && *kind == FileKind::kDirectory) continue;
      add_file(file);
    }
  }

  void unreadable(const std::string& path, const std::string& why) {
    trouble("cannot read " + path + ": " + why);
    found_.unreadable.push_back(path);
  }

  Discovery take() {
    for (auto& [apex, path] : zones_) found_.zones.push_back({apex, std::move(path)});
    return std::move(found_);
  }

 private:
  void trouble(std::string words) { found_.troubles.push_back(std::move(words)); }

  Files& files_;
  std::map<dns::Name, std::string, dns::CanonicalLess> zones_;
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
  return search.take();
}

std::optional<dns::Name> zone_of_file_name(std::string_view file_name) {
  if (!file_name.ends_with(kSuffix)) return std::nullopt;
  const std::string_view stem = file_name.substr(0, file_name.size() - kSuffix.size());
  if (stem == kRootStem) return dns::Name();
  if (stem == "@" || stem == ".") return std::nullopt;
  const auto name = dns::parse_name(stem);
  if (!name) return std::nullopt;
  return *name;
}

}  // namespace server
