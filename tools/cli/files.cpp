#include "tools/cli/files.h"

#include <fmt/format.h>

#include "tools/cli/terminal.h"
#include "zone/name/text.h"

namespace tools {

dns::Result<server::NamedZone, std::string> parse_named_zone(const std::string& typed) {
  const std::size_t equals = typed.find('=');
  if (equals == std::string::npos || equals + 1 == typed.size())
    return dns::Failure(fmt::format("--zone {}: expected NAME=FILE", typed));
  const auto apex = dns::parse_name(std::string_view(typed).substr(0, equals));
  if (!apex) return dns::Failure(fmt::format("--zone {}: {}", typed, dns::describe(apex.error().error)));
  return server::NamedZone{*apex, typed.substr(equals + 1)};
}

dns::Result<std::vector<server::ZoneFile>, std::string> zone_files(std::span<const std::string> paths,
                                                                   std::span<const std::string> named) {
  server::StoreOptions options;
  options.paths.assign(paths.begin(), paths.end());
  for (const std::string& typed : named) {
    auto zone = parse_named_zone(typed);
    if (!zone) return dns::Failure(zone.error());
    options.zones.push_back(std::move(*zone));
  }
  return zone_files(options);
}

dns::Result<std::vector<server::ZoneFile>, std::string> zone_files(const server::StoreOptions& named) {
  server::DiskFiles files;
  server::Discovery found = server::discover(named, files);
  if (!found.errors.empty()) return dns::Failure(fmt::format("{}", fmt::join(found.errors, "\n")));
  if (found.zones.empty() && !named.paths.empty())
    return dns::Failure(
        fmt::format("there is no zone in {}: the file of a zone is called NAME.zone", fmt::join(named.paths, ", ")));
  return std::move(found.zones);
}

std::optional<dns::Name> apex_of(const std::string& path) {
  return server::apex_of_file_name(std::string_view(path).substr(path.rfind('/') + 1));
}

void print_errors(const dns::Diagnostics& diagnostics, const dns::Sources& sources) {
  const dns::RenderOptions options{.colour = wants_colour(stderr) ? dns::RenderOptions::Colour::kOn
                                                                  : dns::RenderOptions::Colour::kOff};
  for (const dns::Diagnostic& diagnostic : diagnostics.kept())
    if (diagnostic.code->severity == dns::Severity::kError) write_to(stderr, dns::render(diagnostic, sources, options));
}

std::shared_ptr<const dns::Zone> load_or_print_errors(const server::ZoneFile& file) {
  FileReader reader;
  dns::Diagnostics diagnostics;
  dns::LoadedZone loaded = dns::load_zone(file.apex, file.path, reader, diagnostics);
  if (!loaded.zone) print_errors(diagnostics, loaded.sources);
  return std::move(loaded.zone);
}

}  // namespace tools
