// Finds and loads the zone files of a command line, in the same way as `serve`.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/zonefiles/discover.h"
#include "server/zonefiles/reader.h"
#include "zone/file/load.h"

namespace tools {

inline constexpr std::string_view kStandardInput = "-";

// What a reader accepts.
struct ReadLimits {
  enum class Streams : std::uint8_t {
    kRead,
    kRefuse,  // they are "not a regular file": nobody waits for what may never come
  };
  std::uint64_t octets_max = UINT64_MAX;
  Streams streams = Streams::kRead;
};
// Of a configuration: more than a file with a hundred thousand records has.
inline constexpr std::uint64_t kMaxConfigOctets = std::uint64_t{64} << 20;
inline constexpr ReadLimits kConfigLimits{.octets_max = kMaxConfigOctets};

// Opens a zone file and its included files for the parser. By default $INCLUDE is limited as in `serve`. The zone file
// may be a pipe, or "-" for standard input; its text is read once and kept, because some commands read it again.
class FileReader final : public dns::SourceReader {
 public:
  explicit FileReader(server::IncludeScope scope = server::IncludeScope::kInside, const ReadLimits& limits = {})
      : reader_(files_, scope), limits_(limits) {}
  dns::Result<Opened, std::string> open(std::string_view path, std::string_view included_by) override;
  OpenedParts open_parts(std::string_view path) override;

 private:
  server::DiskFiles files_;
  server::ZoneFileReader reader_;
  ReadLimits limits_;
  std::shared_ptr<const std::string> stream_;
};

// Parses "NAME=FILE". The error is a message for the user.
dns::Result<server::NamedZone, std::string> parse_named_zone(const std::string& typed);

// The zone files in `paths` (directories and files) and `named` (NAME=FILE). The error is a message for the user.
dns::Result<std::vector<server::ZoneFile>, std::string> zone_files(std::span<const std::string> paths,
                                                                   std::span<const std::string> named);

dns::Result<std::vector<server::ZoneFile>, std::string> zone_files(const server::StoreOptions& named);

// The apex of the zone, taken from the file name NAME.zone. Nothing if the file name has another form.
std::optional<dns::Name> apex_of(const std::string& path);

// Loads the zone with `reader` and prints its errors on standard error. Null if there are errors that refuse it.
std::shared_ptr<const dns::Zone> load_or_print_errors(const server::ZoneFile& file, FileReader& reader);

// How to print diagnostics on `stream`.
dns::RenderOptions render_options(std::FILE* stream, dns::DiagnosticFormat format = dns::DiagnosticFormat::kLong);

// Prints the errors in `diagnostics` on standard error, without the warnings; in colour if `wants_colour(stderr)`.
void print_errors(const dns::Diagnostics& diagnostics, const dns::Sources& sources);

}  // namespace tools
