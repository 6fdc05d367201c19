#include "tools/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fmt/format.h>

#include "tools/terminal.h"
#include "zone/name/text.h"

namespace tools {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kZoneSuffix = ".zone";

class OwnedText final : public dns::Text {
 public:
  explicit OwnedText(std::string text) : text_(std::move(text)) {}
  std::string_view text() const override { return text_; }

 private:
  std::string text_;
};

using Files = std::vector<ZoneFile>;

dns::Result<Files, std::string> files_of_folder(const std::string& folder) {
  Files files;
  std::error_code fault;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, fault)) {
    const std::string path = entry.path().string();
    if (!path.ends_with(kZoneSuffix) || !entry.is_regular_file()) continue;
    const auto apex = apex_of(path);
    if (!apex) return dns::Failure(fmt::format("{}: its name is not a zone's; give it by --zone NAME=FILE", path));
    files.push_back({*apex, path});
  }
  if (fault) return dns::Failure(fmt::format("{}: {}", folder, fault.message()));
  if (files.empty()) return dns::Failure(fmt::format("{}: no file in it ends in .zone", folder));
  std::ranges::sort(files, {}, &ZoneFile::path);
  return files;
}

dns::Result<Files, std::string> files_of_path(const std::string& path) {
  std::error_code fault;
  if (fs::is_directory(path, fault)) return files_of_folder(path);
  const auto apex = apex_of(path);
  if (!apex) return dns::Failure(fmt::format("{}: which zone is it? Its name does not say; use --zone NAME=FILE", path));
  return Files{{*apex, path}};
}

}  // namespace

dns::Result<dns::SourceReader::Opened, std::string> FileReader::open(std::string_view path, std::string_view included_by) {
  fs::path file(path);
  if (file.is_relative() && !included_by.empty()) file = fs::path(included_by).parent_path() / file;
  std::error_code fault;
  if (fs::is_directory(file, fault)) return dns::Failure(std::string("it is a folder"));
  std::ifstream in(file, std::ios::binary);
  if (!in) return dns::Failure(std::string(std::strerror(errno)));
  std::string text((std::istreambuf_iterator<char>(in)), {});
  if (in.bad()) return dns::Failure(std::string("it cannot be read"));
  return Opened{file.string(), std::make_unique<OwnedText>(std::move(text))};
}

std::optional<dns::Name> apex_of(std::string_view path) {
  const std::string name = fs::path(path).filename().string();
  if (!name.ends_with(kZoneSuffix)) return std::nullopt;
  const auto apex = dns::parse_name(std::string_view(name).substr(0, name.size() - kZoneSuffix.size()));
  return apex ? std::optional(*apex) : std::nullopt;
}

dns::Result<ZoneFile, std::string> parse_named_zone(const std::string& typed) {
  const std::size_t equals = typed.find('=');
  if (equals == std::string::npos || equals + 1 == typed.size())
    return dns::Failure(fmt::format("--zone {}: expected NAME=FILE", typed));
  const auto apex = dns::parse_name(std::string_view(typed).substr(0, equals));
  if (!apex) return dns::Failure(fmt::format("--zone {}: {}", typed, dns::describe(apex.error().error)));
  return ZoneFile{*apex, typed.substr(equals + 1)};
}

dns::Result<std::vector<ZoneFile>, std::string> zone_files(std::span<const std::string> paths,
                                                           std::span<const std::string> named) {
  Files all;
  const auto take = [&all](const dns::Result<Files, std::string>& found) {
    if (found) all.insert(all.end(), found->begin(), found->end());
    return found.has_value();
  };
  for (const std::string& path : paths)
    if (const auto found = files_of_path(path); !take(found)) return dns::Failure(found.error());
  for (const std::string& typed : named) {
    auto found = parse_named_zone(typed);
    if (!found) return dns::Failure(found.error());
    all.push_back(std::move(*found));
  }
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (all[i].apex == all[j].apex)
        return dns::Failure(fmt::format("{} and {} are both zone {}", all[j].path, all[i].path,
                                        dns::to_text(all[i].apex.view())));
  return all;
}

std::shared_ptr<const dns::Zone> load_or_complain(const ZoneFile& file) {
  FileReader reader;
  dns::Diagnostics diagnostics;
  auto loaded = dns::load_zone(file.apex, file.path, reader, diagnostics);
  if (loaded.zone) return std::move(loaded.zone);
  const dns::RenderOptions options{.colour = wants_colour(stderr) ? dns::RenderOptions::Colour::kOn
                                                                   : dns::RenderOptions::Colour::kOff};
  for (const dns::Diagnostic& diagnostic : diagnostics.kept())
    if (diagnostic.code->severity == dns::Severity::kError)
      fmt::print(stderr, "{}", dns::render(diagnostic, loaded.sources, options));
  return nullptr;
}

}  // namespace tools
