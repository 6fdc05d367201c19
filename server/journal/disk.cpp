#include "server/journal/disk.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "server/runtime/descriptor.h"

namespace server {
namespace {

constexpr mode_t kFileMode = 0640, kDirectoryMode = 0750;
constexpr std::size_t kReadStep = 64 * 1024;

dns::Failure<std::string> system_error(int error) {
  return dns::Failure<std::string>(std::generic_category().message(error));
}

DiskResult<void> succeeded(int result) {
  if (result != 0) return system_error(errno);
  return {};
}

DiskResult<std::vector<std::uint8_t>> read_all(int file) {
  std::vector<std::uint8_t> octets;
  std::size_t have = 0;
  for (;;) {
    octets.resize(have + kReadStep);
    const ssize_t got = ::read(file, octets.data() + have, kReadStep);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno);
    have += static_cast<std::size_t>(got);
    if (got == 0) break;
  }
  octets.resize(have);
  return octets;
}

class RealFile : public DiskFile {
 public:
  explicit RealFile(int descriptor) : descriptor_(descriptor) {}

  DiskResult<void> append(dns::Bytes octets) override {
    std::uint64_t at = size_;
    while (!octets.empty()) {
      const ssize_t wrote = ::pwrite(descriptor_.get(), octets.data(), octets.size(), static_cast<off_t>(at));
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return system_error(errno);
      at += static_cast<std::uint64_t>(wrote);
      octets = octets.subspan(static_cast<std::size_t>(wrote));
    }
    size_ = at;
    return {};
  }
  DiskResult<void> sync() override { return succeeded(::fdatasync(descriptor_.get())); }

 private:
  FileDescriptor descriptor_;
  std::uint64_t size_ = 0;
};

class RealDisk : public Disk {
 public:
  RealDisk(std::string parent, const std::string& subdirectory)
      : parent_(std::move(parent)), directory_(parent_ + "/" + subdirectory) {}

  DiskResult<void> lock() override {
    for (const std::string& path : {parent_, directory_})
      if (::mkdir(path.c_str(), kDirectoryMode) != 0 && errno != EEXIST) return system_error(errno);
    descriptor_ = FileDescriptor(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor_.get() < 0) return system_error(errno);
    if (::flock(descriptor_.get(), LOCK_EX | LOCK_NB) != 0)
      return errno == EWOULDBLOCK ? DiskResult<void>(dns::Failure<std::string>("another process is using it"))
                                  : system_error(errno);
    // Other reasons (the disk is full) may pass.
    if (::faccessat(descriptor_.get(), ".", W_OK, AT_EACCESS) != 0 && errno == EACCES) return system_error(EACCES);
    return {};
  }
  DiskResult<std::vector<std::string>> list() override {
    std::error_code error;
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator at(directory_, error), end; !error && at != end; at.increment(error))
      names.push_back(at->path().filename().string());
    if (error) return system_error(error.value());
    std::ranges::sort(names);
    return names;
  }
  DiskResult<std::vector<std::uint8_t>> read(const std::string& name) override {
    const FileDescriptor file(
        ::openat(descriptor_.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
    if (file.get() < 0) return system_error(errno);
    return read_all(file.get());
  }
  DiskResult<std::shared_ptr<DiskFile>> create(const std::string& name) override {
    constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_CREAT | O_TRUNC;
    FileDescriptor file(::openat(descriptor_.get(), name.c_str(), kFlags, kFileMode));
    if (file.get() < 0) return system_error(errno);
    return std::make_shared<RealFile>(file.release());
  }
  DiskResult<void> rename(const std::string& from, const std::string& to) override {
    return succeeded(::renameat(descriptor_.get(), from.c_str(), descriptor_.get(), to.c_str()));
  }
  DiskResult<void> remove(const std::string& name) override {
    return succeeded(::unlinkat(descriptor_.get(), name.c_str(), 0));
  }
  DiskResult<void> sync_directory() override { return succeeded(::fsync(descriptor_.get())); }
  bool is_in_place() override {
    struct stat opened{}, found{};
    return ::fstat(descriptor_.get(), &opened) == 0 && ::stat(directory_.c_str(), &found) == 0 &&
           opened.st_dev == found.st_dev && opened.st_ino == found.st_ino;
  }

 private:
  std::string parent_, directory_;
  FileDescriptor descriptor_{-1};
};

}  // namespace

std::string temporary_name(const std::string& name) { return name + ".new"; }

std::unique_ptr<Disk> open_disk(const std::string& directory, const std::string& subdirectory) {
  return std::make_unique<RealDisk>(directory, subdirectory);
}

}  // namespace server
