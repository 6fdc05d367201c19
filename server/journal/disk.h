// The interface to the disk that journals are written to, and its implementation. Tests have one in memory that fails
// and loses power.
//
// Three grades of safety: what was appended survives the end of the process; what was synced survives a loss of power;
// a new or renamed file survives it once its directory was synced as well.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "zone/base/bytes.h"
#include "zone/base/result.h"

namespace server {

template <class T>
using DiskResult = dns::Result<T, std::string>;  // the error is words for a person: "No space left on device"

// One open file.
class DiskFile {
 public:
  virtual ~DiskFile() = default;
  // Adds all octets at the end. After an error any part of them may be there.
  virtual DiskResult<void> append(dns::Bytes octets) = 0;
  virtual DiskResult<void> sync() = 0;
};

// A directory that only this process uses.
class Disk {
 public:
  virtual ~Disk() = default;
  // Makes the directory if it is missing and locks it against other processes for the lifetime of this object.
  virtual DiskResult<void> lock() = 0;
  virtual DiskResult<std::vector<std::string>> list() = 0;  // names of files, ascending
  virtual DiskResult<std::vector<std::uint8_t>> read(const std::string& name) = 0;
  // An empty file, in place of an existing one.
  virtual DiskResult<std::shared_ptr<DiskFile>> create(const std::string& name) = 0;
  virtual DiskResult<void> rename(const std::string& from, const std::string& to) = 0;
  virtual DiskResult<void> remove(const std::string& name) = 0;
  virtual DiskResult<void> sync_directory() = 0;
  // False if another program deleted or replaced the directory: what is written from now on is lost.
  virtual bool is_in_place() { return true; }
};

// The name under which a new version of a file is written before it is renamed.
std::string temporary_name(const std::string& name);
// `subdirectory` in `directory`; `lock` makes both if they are missing.
std::unique_ptr<Disk> open_disk(const std::string& directory, const std::string& subdirectory);

}  // namespace server
