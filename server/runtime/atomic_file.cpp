#include "server/runtime/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <climits>

namespace server {
namespace {

constexpr mode_t kModeBits = 07777, kOwnerOnly = 0600;

dns::Failure<std::string> system_error(int error) {
  return dns::Failure<std::string>(std::generic_category().message(error));
}

}  // namespace

AtomicFile::AtomicFile(FileDescriptor directory, const std::string& name, const FileAttributes& attributes)
    : directory_(std::move(directory)),
      name_(name),
      temporary_name_(name.substr(0, NAME_MAX - attributes.temporary_suffix.size())) {
  temporary_name_ += attributes.temporary_suffix;
}

AtomicFile::~AtomicFile() {
  if (file_.get() >= 0) ::unlinkat(directory_.get(), temporary_name_.c_str(), 0);
}

AtomicFile::Outcome<AtomicFile> AtomicFile::create(const std::string& path, const FileAttributes& attributes) {
  const std::filesystem::path target(path);
  const std::string parent = target.has_parent_path() ? target.parent_path().string() : ".";
  FileDescriptor directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return system_error(errno);
  return create(std::move(directory), target.filename().string(), attributes);
}

AtomicFile::Outcome<AtomicFile> AtomicFile::create(FileDescriptor directory, const std::string& name,
                                                   const FileAttributes& attributes) {
  AtomicFile file(std::move(directory), name, attributes);
  const int parent = file.directory_.get();
  if (!attributes.mode) {
    struct stat old;
    if (::fstatat(parent, name.c_str(), &old, 0) != 0) return system_error(errno);
    file.copied_ = Owner{old.st_uid, old.st_gid, old.st_mode & kModeBits};
  }
  const char* const temporary = file.temporary_name_.c_str();
  if (::unlinkat(parent, temporary, 0) != 0 && errno != ENOENT) return system_error(errno);
  file.file_ = FileDescriptor(::openat(parent, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                       attributes.mode.value_or(kOwnerOnly)));
  if (file.file_.get() < 0) return system_error(errno);
  return file;
}

AtomicFile::Outcome<void> AtomicFile::write_at(std::uint64_t offset, dns::Bytes octets) {
  while (!octets.empty()) {
    const ssize_t wrote = ::pwrite(file_.get(), octets.data(), octets.size(), static_cast<off_t>(offset));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return system_error(errno);
    offset += static_cast<std::uint64_t>(wrote);
    octets = octets.subspan(static_cast<std::size_t>(wrote));
  }
  return {};
}

// Readers of the old file must be able to read the new one. A user who may not give files away keeps at least the
// group, where the system allows that.
bool AtomicFile::copy_owner_and_mode() const {
  if (!copied_) return true;
  const int file = file_.get();
  if (::fchown(file, copied_->user, copied_->group) != 0 && ::fchown(file, ::geteuid(), copied_->group) != 0 &&
      errno != EPERM)
    return false;
  return ::fchmod(file, copied_->mode) == 0;
}

AtomicFile::Outcome<void> AtomicFile::commit() {
  const int parent = directory_.get();
  if (!copy_owner_and_mode() || ::fsync(file_.get()) != 0 ||
      ::renameat(parent, temporary_name_.c_str(), parent, name_.c_str()) != 0)
    return system_error(errno);
  file_ = FileDescriptor();  // the temporary name is gone
  // EINVAL: this file system cannot sync directories.
  if (::fsync(parent) != 0 && errno != EINVAL) return system_error(errno);
  return {};
}

AtomicFile::Outcome<void> replace_file(const std::string& path, std::string_view text,
                                       const FileAttributes& attributes) {
  auto file = AtomicFile::create(path, attributes);
  if (!file) return dns::Failure<std::string>(file.error());
  if (auto written = file->write_at(0, dns::as_bytes(text)); !written) return written;
  return file->commit();
}

}  // namespace server
