// Replaces a file in one step: a reader finds the old content or the new content, never a part of it.
//
//     create: PATH.new (O_EXCL, O_NOFOLLOW) -> write_at ... -> commit: fsync, rename to PATH, fsync of the directory
//
// After `commit` the new content survives a loss of power. Without `commit` the destructor removes the temporary file
// and PATH keeps its content. A temporary file that an earlier process left is removed first, so only one process at a
// time may replace the same file. PATH is not followed where it is a symbolic link: the link itself would be replaced.
// An error is the system's text ("No space left on device"), without the path. One thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/runtime/descriptor.h"
#include "zone/base/bytes.h"
#include "zone/base/result.h"

namespace server {

// Owner and mode of the new file.
struct FileAttributes {
  std::optional<mode_t> mode{};  // empty: owner, group and mode of the file that is replaced
  std::string_view temporary_suffix = ".new";
};

class AtomicFile {
 public:
  template <class T>
  using Outcome = dns::Result<T, std::string>;

  static Outcome<AtomicFile> create(const std::string& path, const FileAttributes& attributes);
  // The same for a file in a directory that is open already (and perhaps locked).
  static Outcome<AtomicFile> create(FileDescriptor directory, const std::string& name,
                                    const FileAttributes& attributes);
  ~AtomicFile();
  AtomicFile(AtomicFile&&) noexcept = default;
  AtomicFile& operator=(AtomicFile&&) = delete;

  Outcome<void> write_at(std::uint64_t offset, dns::Bytes octets);
  // Where only the fsync of the directory fails, the file is replaced, but a loss of power may bring the old one back.
  Outcome<void> commit();

 private:
  struct Owner {
    uid_t user;
    gid_t group;
    mode_t mode;
  };
  AtomicFile(FileDescriptor directory, const std::string& name, const FileAttributes& attributes);
  bool copy_owner_and_mode() const;

  FileDescriptor directory_, file_;
  std::string name_, temporary_name_;
  std::optional<Owner> copied_;
};

// The whole replacement of a file by one that holds `text`.
AtomicFile::Outcome<void> replace_file(const std::string& path, std::string_view text,
                                       const FileAttributes& attributes);

}  // namespace server
