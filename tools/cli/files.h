// Which zone files a command line means, and a zone read from one: as `serve` finds and reads them.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/zonefiles/discover.h"
#include "server/zonefiles/reader.h"
#include "zone/file/load.h"

namespace tools {

// What the parser opens zone files by. $INCLUDE reads where serve would by default.
class FileReader final : public dns::SourceReader {
 public:
  explicit FileReader(server::IncludeScope scope = server::IncludeScope::kInside) : reader_(files_, scope) {}
  dns::Result<Opened, std::string> open(std::string_view path, std::string_view included_by) override {
    return reader_.open(path, included_by);
  }
  OpenedParts open_parts(std::string_view path) override { return reader_.open_parts(path); }

 private:
  server::DiskFiles files_;
  server::ZoneFileReader reader_;
};

// "NAME=FILE". The error is words for a person.
dns::Result<server::NamedZone, std::string> parse_named_zone(const std::string& typed);

// What `paths` (folders and files) and `named` (NAME=FILE) mean. The error is words, a line a trouble.
dns::Result<std::vector<server::ZoneFile>, std::string> zone_files(std::span<const std::string> paths,
                                                                   std::span<const std::string> named);

dns::Result<std::vector<server::ZoneFile>, std::string> zone_files(const server::StoreOptions& named);

// The zone that a file's name says; nothing where it says none.
std::optional<dns::Name> apex_of(const std::string& path);

// The zone, its errors told on standard error as a person reads them. Null where there were errors.
std::shared_ptr<const dns::Zone> load_or_print_errors(const server::ZoneFile& file);

// Prints `diagnostics` that are errors on standard error, coloured where that is wanted.
void print_errors(const dns::Diagnostics& diagnostics, const dns::Sources& sources);

}  // namespace tools
