// The interface to zone files on the disk, and its implementation. Tests have one in memory.
//
// Files may change while the server runs, so only regular files are read, and always as a whole: a file that changes
// while it is read is an error, and the next reload tries again. Files are copied and not mapped, because a mapped file
// that somebody truncates ends the process. Stateless; any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "zone/base/result.h"
#include "zone/diagnostic/source.h"

namespace server {

// Shows whether a file was touched. It includes the change time of the inode, because `rsync -t` sets the other one
// back.
struct FileStamp {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

enum class FileKind : std::uint8_t { kRegular, kDirectory, kOther };

// An entry of a directory. `kind` is empty if the directory does not say it, as for links.
struct ListedFile {
  std::string name;
  std::optional<FileKind> kind;
};

// A file that any thread may read at any offset. All reads are of one content if the file `is_unchanged` after the last
// read.
class OpenFile {
 public:
  virtual ~OpenFile() = default;
  virtual FileStamp stamp() const = 0;  // when it was opened
  // Fills `room` with the octets from `at`; false if it cannot.
  virtual bool read(std::uint64_t at, std::span<char> room) const = 0;
  virtual bool is_unchanged() const = 0;
};

class Files {
 public:
  virtual ~Files() = default;

  template <class T>
  using Outcome = dns::Result<T, std::string>;  // the error is the system's text: "Permission denied"

  struct Content {
    std::unique_ptr<dns::Text> text;
    FileStamp stamp;
  };
  virtual Outcome<Content> read(const std::string& path) = 0;
  // The same text in parts of some megabytes, for callers that do not keep it. Each part ends at the end of a line,
  // except for the last one and for texts without line ends. `take` returns false to stop, which is not an error.
  virtual Outcome<FileStamp> read_parts(const std::string& path, const std::function<bool(std::string_view)>& take) = 0;
  virtual Outcome<std::unique_ptr<OpenFile>> open(const std::string& path) = 0;
  virtual Outcome<FileStamp> stamp(const std::string& path) = 0;
  virtual Outcome<FileKind> kind(const std::string& path) = 0;
  // The entries of a directory, ascending by name, without names that begin with a dot.
  virtual Outcome<std::vector<ListedFile>> list(const std::string& directory) = 0;
  // Absolute, without links.
  virtual Outcome<std::string> resolve(const std::string& path) = 0;
};

class DiskFiles : public Files {
 public:
  Outcome<Content> read(const std::string& path) override;
  Outcome<FileStamp> read_parts(const std::string& path, const std::function<bool(std::string_view)>& take) override;
  Outcome<std::unique_ptr<OpenFile>> open(const std::string& path) override;
  Outcome<FileStamp> stamp(const std::string& path) override;
  Outcome<FileKind> kind(const std::string& path) override;
  Outcome<std::vector<ListedFile>> list(const std::string& directory) override;
  Outcome<std::string> resolve(const std::string& path) override;
};

// Memory for a text of `size` octets. A large text has its own huge pages: there are few page faults, and the memory
// goes back to the system as soon as the text is parsed.
class OwnedText : public dns::Text {
 public:
  explicit OwnedText(std::size_t size);
  ~OwnedText() override;
  OwnedText(const OwnedText&) = delete;
  OwnedText& operator=(const OwnedText&) = delete;
  std::string_view text() const override { return {octets_, size_}; }
  std::span<char> room() { return {octets_, size_}; }

 private:
  char* octets_;
  std::size_t size_;
};

// "zones/a.zone" of "zones" and "a.zone".
std::string join_path(std::string_view directory, std::string_view name);
// "zones" of "zones/a.zone"; "." of "a.zone".
std::string directory_of(std::string_view path);

}  // namespace server
