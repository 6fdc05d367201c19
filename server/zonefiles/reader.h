// Opens files for the zone file parser: resolves paths relative to the including file, keeps $INCLUDE inside the
// directory of the zone file, and records which files were read, so that a reload finds out whether any has changed.
//
// The directory counts under its given name and under its real name. If the zone file is a link (as in a mounted
// configuration volume), files beside either end are inside. One object for each load; one thread.
#pragma once

#include <vector>

#include "server/journal/content_hash.h"
#include "server/zonefiles/files.h"
#include "server/zonefiles/options.h"

namespace server {

// A file from which a zone was loaded.
struct ReadFile {
  std::string path;
  FileStamp stamp;
  std::uint64_t content = 0;  // content_hash

  friend bool operator==(const ReadFile&, const ReadFile&) = default;
};

class ZoneFileReader : public dns::SourceReader {
 public:
  ZoneFileReader(Files& files, IncludeScope scope) : files_(files), scope_(scope) {}

  dns::Result<Opened, std::string> open(std::string_view path, std::string_view included_by) override;
  // In parts of kHashBlock octets; nothing if the file is too small. The text may outlive the reader, but `finish` must
  // be called before.
  OpenedParts open_parts(std::string_view path) override;

  // True if `open` would let the zone file include `path`.
  bool may_include(std::string_view zone_file, const std::string& path);

  // In the order in which they were opened first.
  const std::vector<ReadFile>& files_read() const { return read_; }

 private:
  class PartedFile;

  void begin(std::string_view zone_file);
  dns::Result<void, std::string> check_inside(const std::string& path);
  void find_include_roots();

  void add_read_file(ReadFile file);

  Files& files_;
  IncludeScope scope_;
  std::string zone_file_;
  // Real directories in which included files may be; set at the first $INCLUDE.
  std::vector<std::string> include_roots_;
  std::vector<ReadFile> read_;
};

}  // namespace server
