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
  RealFile(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}

  DiskResult<void> append(dns::Bytes octets) override {
    const auto written = overwrite(size_, octets);
    if (written) size_ += octets.size();
    return written;
  }
  DiskResult<void> overwrite(std::uint64_t offset, dns::Bytes octets) override {
    while (!octets.empty()) {
      const ssize_t wrote = ::pwrite(descriptor_.get(), octets.data(), octets.size(), static_cast<off_t>(offset));
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return system_error(errno);
      offset += static_cast<std::uint64_t>(wrote);
      octets = octets.subspan(static_cast<std::size_t>(wrote));
    }
    return {};
  }
  DiskResult<void> truncate(std::uint64_t size) override {
    size_ = size;
    return succeeded(::ftruncate(descriptor_.get(), static_cast<off_t>(size)));
  }
  DiskResult<void> sync() override { return succeeded(::fdatasync(descriptor_.get())); }

 private:
  FileDescriptor descriptor_;
  std::uint64_t size_;
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
  DiskResult<std::shared_ptr<DiskFile>> open(const std::string& name) override { return open_with(name, 0); }
  DiskResult<std::shared_ptr<DiskFile>> create(const std::string& name) override {
    return open_with(name, O_CREAT | O_TRUNC);
  }
  DiskResult<void> rename(const std::string& from, const std::string& to) override {
    return succeeded(::renameat(descriptor_.get(), from.c_str(), descriptor_.get(), to.c_str()));
  }
  DiskResult<void> sync_directory() override { return succeeded(::fsync(descriptor_.get())); }
  bool is_in_place() override {
    struct stat opened{}, found{};
    return ::fstat(descriptor_.get(), &opened) == 0 && ::stat(directory_.c_str(), &found) == 0 &&
           opened.st_dev == found.st_dev && opened.st_ino == found.st_ino;
  }
  std::string boot_id() override {
    const FileDescriptor file(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
    const auto octets = file.get() < 0 ? DiskResult<std::vector<std::uint8_t>>() : read_all(file.get());
    return octets ? std::string(dns::as_text(*octets)) : std::string();
  }

 private:
  DiskResult<std::shared_ptr<DiskFile>> open_with(const std::string& name, int flags) {
    FileDescriptor file(::openat(descriptor_.get(), name.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, kFileMode));
    struct stat status;
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return system_error(errno);
    return std::make_shared<RealFile>(file.release(), static_cast<std::uint64_t>(status.st_size));
  }

  std::string parent_, directory_;
  FileDescriptor descriptor_{-1};
};

}  // namespace

std::string temporary_name(const std::string& name) { return name + ".new"; }

DiskResult<std::shared_ptr<DiskFile>> write_file(Disk& disk, const std::string& name, dns::Bytes octets) {
  auto file = disk.create(name);
  if (!file) return file;
  DiskResult<void> done = (*file)->append(octets);
  if (done) done = (*file)->sync();
  if (!done) return dns::Failure<std::string>(done.error());
  return file;
}

DiskResult<std::shared_ptr<DiskFile>> replace_file(Disk& disk, const std::string& name, dns::Bytes octets) {
  auto file = write_file(disk, temporary_name(name), octets);
  if (!file) return file;
  DiskResult<void> done = disk.rename(temporary_name(name), name);
  if (done) done = disk.sync_directory();
  if (!done) return dns::Failure<std::string>(done.error());
  return file;
}

std::unique_ptr<Disk> open_disk(const std::string& directory, const std::string& subdirectory) {
  return std::make_unique<RealDisk>(directory, subdirectory);
}

}  // namespace server
