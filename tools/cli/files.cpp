#include "tools/cli/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "server/runtime/descriptor.h"
#include "tools/cli/terminal.h"
#include "zone/name/text.h"

namespace tools {
namespace {

class SharedText final : public dns::Text {
 public:
  explicit SharedText(std::shared_ptr<const std::string> text) : text_(std::move(text)) {}
  std::string_view text() const override { return *text_; }

 private:
  std::shared_ptr<const std::string> text_;
};

bool is_stream(const std::string& path) {
  if (path == kStandardInput) return true;
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 &&
         (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode) || S_ISSOCK(status.st_mode));
}

dns::Failure<std::string> too_large(std::uint64_t octets_max) {
  return dns::Failure<std::string>(fmt::format("larger than {} MiB", octets_max >> 20));
}

dns::Result<std::string, std::string> read_stream(const std::string& path, std::uint64_t octets_max) {
  const server::FileDescriptor opened(path == kStandardInput ? ::dup(STDIN_FILENO)
                                                             : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (opened.get() < 0) return dns::Failure<std::string>(std::strerror(errno));
  std::string text;
  std::array<char, 65536> block;
  for (;;) {
    const ssize_t got = ::read(opened.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return dns::Failure<std::string>(std::strerror(errno));
    if (got == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(got));
    if (text.size() > octets_max) return too_large(octets_max);
  }
}

}  // namespace

dns::Result<dns::SourceReader::Opened, std::string> FileReader::open(std::string_view path,
                                                                     std::string_view included_by) {
  const std::string whole(path);
  const bool reads_stream = stream_ != nullptr || (limits_.streams == ReadLimits::Streams::kRead && is_stream(whole));
  if (!included_by.empty() || !reads_stream) {
    if (const auto stamp = files_.stamp(whole); included_by.empty() && stamp && stamp->size > limits_.octets_max)
      return too_large(limits_.octets_max);
    return reader_.open(path, included_by);
  }
  if (stream_ == nullptr) {
    auto text = read_stream(whole, limits_.octets_max);
    if (!text) return dns::Failure(text.error());
    stream_ = std::make_shared<const std::string>(std::move(*text));
  }
  return Opened{path == kStandardInput ? "<stdin>" : whole, std::make_unique<SharedText>(stream_)};
}

dns::SourceReader::OpenedParts FileReader::open_parts(std::string_view path) {
  if (stream_ != nullptr || is_stream(std::string(path))) return {};
  return reader_.open_parts(path);
}

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
  if (!found.errors.empty()) return dns::Failure(fmt::format("{}", fmt::join(found.errors, "; ")));
  if (found.zones.empty() && !named.paths.empty())
    return dns::Failure(
        fmt::format("there is no zone in {}: the file of a zone is called NAME.zone", fmt::join(named.paths, ", ")));
  return std::move(found.zones);
}

std::optional<dns::Name> apex_of(const std::string& path) {
  return server::apex_of_file_name(std::string_view(path).substr(path.rfind('/') + 1));
}

void print_errors(const dns::Diagnostics& diagnostics, const dns::Sources& sources) {
  const dns::RenderOptions options = render_options(stderr);
  for (const dns::Diagnostic& diagnostic : diagnostics.kept())
    if (diagnostic.code->severity == dns::Severity::kError) write_to(stderr, dns::render(diagnostic, sources, options));
}

dns::RenderOptions render_options(std::FILE* stream, dns::DiagnosticFormat format) {
  return {.format = format,
          .colour = wants_colour(stream) ? dns::RenderOptions::Colour::kOn : dns::RenderOptions::Colour::kOff,
          .charset = charset()};
}

std::shared_ptr<const dns::Zone> load_or_print_errors(const server::ZoneFile& file, FileReader& reader) {
  dns::Diagnostics diagnostics;
  dns::LoadedZone loaded = dns::load_zone(file.apex, file.path, reader, diagnostics);
  print_errors(diagnostics, loaded.sources);
  return std::move(loaded.zone);
}

}  // namespace tools
