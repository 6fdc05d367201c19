// Zone files on disk: the reader that the parser opens them through, and which files a command line means.
//
// A file `example.com.zone` is the zone example.com.; a folder is all such files directly in it; `NAME=FILE` gives any file
// any name. Includes are found beside the including file.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "zone/file/load.h"

namespace tools {

class FileReader final : public dns::SourceReader {
 public:
  dns::Result<Opened, std::string> open(std::string_view path, std::string_view included_by) override;
};

struct ZoneFile {
  dns::Name apex;
  std::string path;
};

// What `paths` (folders and files) and `named` (NAME=FILE) mean, sorted by path within a folder. The error is words.
dns::Result<std::vector<ZoneFile>, std::string> zone_files(std::span<const std::string> paths,
                                                           std::span<const std::string> named);

// "NAME=FILE". The error is words.
dns::Result<ZoneFile, std::string> parse_named_zone(const std::string& typed);

// The apex that a file's name says: nothing where it does not end in ".zone" or is not a name.
std::optional<dns::Name> apex_of(std::string_view path);

// The zone, its errors told on standard error as a person reads them. Null where there were errors.
std::shared_ptr<const dns::Zone> load_or_complain(const ZoneFile& file);

}  // namespace tools
