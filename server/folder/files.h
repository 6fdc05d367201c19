// The door to the disk, so that tests can have one in memory; and the disk itself.
//
// Reading is careful because files change under a running server: only regular files are read, and never a half of one. What
// was written to while it was read is an error, and the next reload tries again. Copies rather than maps: a mapped file
// that somebody truncates ends the process.
// Stateless: any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "zone/base/result.h"
#include "zone/fault/source.h"

namespace server {

// What tells that a file was touched. The time of the inode's change is included: `rsync -t` sets the other one back.
struct FileStamp {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

enum class FileKind : std::uint8_t { kRegular, kDirectory, kOther };

// A name in a directory. What it is where that can be told from the directory alone: of links it cannot.
struct ListedFile {
  std::string name;
  std::optional<FileKind> kind;
};

class Files {
 public:
  virtual ~Files() = default;

  template <class T>
  using Outcome = dns::Result<T, std::string>;  // the error is words for a person: "Permission denied"

  struct Content {
    std::unique_ptr<dns::Text> text;
    FileStamp stamp;
  };
  virtual Outcome<Content> read(const std::string& path) = 0;
  // The same text in parts of some megabytes, for who keeps none of it: each ends where a line ends, but for the last and those of
  // texts without line ends. `take` returns false to stop, which is no error.
  virtual Outcome<FileStamp> read_parts(const std::string& path, const std::function<bool(std::string_view)>& take) = 0;
  virtual Outcome<FileStamp> stamp(const std::string& path) = 0;
  virtual Outcome<FileKind> kind(const std::string& path) = 0;
  // What a directory holds, ascending by name, without names that begin with a dot.
  virtual Outcome<std::vector<ListedFile>> list(const std::string& directory) = 0;
  // Absolute, without links.
  virtual Outcome<std::string> resolve(const std::string& path) = 0;
};

class DiskFiles : public Files {
 public:
  Outcome<Content> read(const std::string& path) override;
  Outcome<FileStamp> read_parts(const std::string& path, const std::function<bool(std::string_view)>& take) override;
  Outcome<FileStamp> stamp(const std::string& path) override;
  Outcome<FileKind> kind(const std::string& path) override;
  Outcome<std::vector<ListedFile>> list(const std::string& directory) override;
  Outcome<std::string> resolve(const std::string& path) override;
};

// "zones/a.zone" of "zones" and "a.zone".
std::string join_path(std::string_view directory, std::string_view name);
// "zones" of "zones/a.zone"; "." of "a.zone".
std::string directory_of(std::string_view path);

}  // namespace server
