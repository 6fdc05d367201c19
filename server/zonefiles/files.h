// The door to the disk, so that tests can have one in memory; and the disk itself.
//
// Reading is careful because files change under a running server: only regular files are read, and never a half of one.
// What was written to while it was read is an error, and the next reload tries again. Copies rather than maps: a mapped
// file that somebody truncates ends the process. Stateless: any thread.
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

// A file that is read here and there, by any thread. What it reads is of one content where it `is_unchanged` as it was
// after the last.
class OpenFile {
 public:
  virtual ~OpenFile() = default;
  virtual FileStamp stamp() const = 0;  // when it was opened
  // Fills `room` from `at`; false where it cannot.
  virtual bool read(std::uint64_t at, std::span<char> room) const = 0;
  virtual bool is_unchanged() const = 0;
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
  // The same text in parts of some megabytes, for who keeps none of it: each ends where a line ends, but for the last
  // and those of texts without line ends. `take` returns false to stop, which is no error.
  virtual Outcome<FileStamp> read_parts(const std::string& path, const std::function<bool(std::string_view)>& take) = 0;
  virtual Outcome<std::unique_ptr<OpenFile>> open(const std::string& path) = 0;
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
  Outcome<std::unique_ptr<OpenFile>> open(const std::string& path) override;
  Outcome<FileStamp> stamp(const std::string& path) override;
  Outcome<FileKind> kind(const std::string& path) override;
  Outcome<std::vector<ListedFile>> list(const std::string& directory) override;
  Outcome<std::string> resolve(const std::string& path) override;
};

// Room for a text of `size` octets, and in time the text. In pages of its own where it is big: huge ones, so that
// reading it faults seldom, and given back as soon as it is parsed.
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
