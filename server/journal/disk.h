// The door to a disk that is written to, so that tests can have one that fails and loses power; and the disk itself.
//
// Three grades of safety: what `append` returned from survives the end of the process; what `sync` returned from
// survives the loss of power; a new or renamed file survives it once its directory was synced as well.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "zone/base/bytes.h"
#include "zone/base/result.h"

namespace server {

template <class T>
using DiskResult = dns::Result<T, std::string>;  // the error is words for a person: "No space left on device"

// One open file. `sync` may be called beside the others, on another thread.
class DiskFile {
 public:
  virtual ~DiskFile() = default;
  // All of it at the end, or an error: then any part of it may stand there.
  virtual DiskResult<void> append(dns::Bytes octets) = 0;
  // In place, within what the file has already.
  virtual DiskResult<void> overwrite(std::uint64_t offset, dns::Bytes octets) = 0;
  virtual DiskResult<void> truncate(std::uint64_t size) = 0;
  virtual DiskResult<void> sync() = 0;
};

// A directory that is ours alone.
class Disk {
 public:
  virtual ~Disk() = default;
  // Makes the directory where it is missing and locks it against other processes, for as long as this lives.
  virtual DiskResult<void> lock() = 0;
  virtual DiskResult<std::vector<std::string>> list() = 0;  // names of files, ascending
  virtual DiskResult<std::vector<std::uint8_t>> read(const std::string& name) = 0;
  virtual DiskResult<std::shared_ptr<DiskFile>> open(
      const std::string& name) = 0;  // as it is. Shared: a sync may be under way
  virtual DiskResult<std::shared_ptr<DiskFile>> create(
      const std::string& name) = 0;  // empty, in place of one of that name
  virtual DiskResult<void> rename(const std::string& from, const std::string& to) = 0;
  virtual DiskResult<void> sync_directory() = 0;
  virtual std::string boot_id() = 0;  // tells one run of the kernel from another
};

// `subdirectory` in `directory`, both made where they are missing.
std::unique_ptr<Disk> open_disk(const std::string& directory, const std::string& subdirectory);

}  // namespace server
