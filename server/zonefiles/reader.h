// What the parser of zone files opens files by: resolves a path against the including file, keeps $INCLUDE inside the
// zone file's directory, and remembers what was read so that a reload can tell whether anything changed.
//
// The directory counts both as it was named and as it really is: where a zone file is itself a link (a mounted
// configuration volume makes them so), files beside either end are inside. One load, one thread.
#pragma once

#include <vector>

#include "server/journal/content_hash.h"
#include "server/zonefiles/files.h"
#include "server/zonefiles/options.h"

namespace server {

// A file that a zone was made of.
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
  // In parts of kHashBlock octets where there are some of them. The text may outlive the reader, but is finished
  // before.
  OpenedParts open_parts(std::string_view path) override;

  // In the order of their first opening.
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
  std::vector<std::string> include_roots_;  // real directories that an include may lie below, once there was an include
  std::vector<ReadFile> read_;
};

}  // namespace server
