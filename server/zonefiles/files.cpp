#include "server/zonefiles/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <system_error>

#include "server/runtime/descriptor.h"
#include "zone/base/pages.h"

namespace server {
namespace {

constexpr std::size_t kPart = std::size_t{4} << 20;  // octets of a text that is read in parts
constexpr std::size_t kLinesTried = 1000;            // to find a good place to split the text

dns::Failure<std::string> system_error(int error) {
  return dns::Failure<std::string>(std::generic_category().message(error));
}

std::int64_t nanoseconds(const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

FileStamp stamp_of(const struct stat& status) {
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = static_cast<std::uint64_t>(status.st_size),
          .modified_ns = nanoseconds(status.st_mtim),
          .changed_ns = nanoseconds(status.st_ctim)};
}

std::optional<FileKind> kind_of(const dirent& entry) {
  if (entry.d_type == DT_REG) return FileKind::kRegular;
  if (entry.d_type == DT_DIR) return FileKind::kDirectory;
  return std::nullopt;
}

// Fills `target`. Returns the number of octets read; it is smaller if the file ends before.
dns::Result<std::size_t, int> read_up_to(int file, std::span<char> target) {
  std::size_t have = 0;
  while (have < target.size()) {
    const ssize_t got = ::read(file, target.data() + have, target.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return dns::Failure<int>(errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  return have;
}

constexpr const char* kChanged = "changed while it was read; write to a new file and rename it into place";

class DiskFile final : public OpenFile {
 public:
  DiskFile(FileDescriptor file, const FileStamp& stamp) : file_(std::move(file)), stamp_(stamp) {}

  FileStamp stamp() const override { return stamp_; }
  bool is_unchanged() const override {
    struct stat status;
    return ::fstat(file_.get(), &status) == 0 && stamp_of(status) == stamp_;
  }
  bool read(std::uint64_t at, std::span<char> room) const override {
    while (!room.empty()) {
      const ssize_t got = ::pread(file_.get(), room.data(), room.size(), static_cast<off_t>(at));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      at += static_cast<std::uint64_t>(got);
      room = room.subspan(static_cast<std::size_t>(got));
    }
    return true;
  }
  int descriptor() const { return file_.get(); }

 private:
  FileDescriptor file_;
  FileStamp stamp_;
};

Files::Outcome<DiskFile> open_file(const std::string& path) {
  // Non-blocking: otherwise a FIFO in the directory would block the load until a program writes to it.
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status;
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return system_error(errno);
  if (S_ISDIR(status.st_mode)) return system_error(EISDIR);
  if (!S_ISREG(status.st_mode)) return dns::Failure<std::string>("not a regular file");
  return DiskFile(std::move(file), stamp_of(status));
}

// Splits at the end of a line, if possible before a line that does not begin with a blank: lines inside parentheses are
// usually indented.
std::size_t part_size(std::string_view text) {
  for (std::size_t end = text.size(), tries = 0; tries < kLinesTried; ++tries) {
    const std::size_t line = end < 2 ? std::string_view::npos : text.rfind('\n', end - 2);
    if (line == std::string_view::npos) break;
    end = line + 1;
    if (text[end] != ' ' && text[end] != '\t') return end;
  }
  const std::size_t line = text.rfind('\n');
  return line == std::string_view::npos ? text.size() : line + 1;
}

}  // namespace

OwnedText::OwnedText(std::size_t size) : octets_(static_cast<char*>(dns::allocate_pages(size + 1))), size_(size) {}
OwnedText::~OwnedText() { dns::free_pages(octets_, size_ + 1); }

Files::Outcome<Files::Content> DiskFiles::read(const std::string& path) {
  const auto opened = open_file(path);
  if (!opened) return dns::Failure<std::string>(opened.error());
  const std::size_t size = opened->stamp().size;
  auto text = std::make_unique<OwnedText>(size);
  const auto have = read_up_to(opened->descriptor(), text->room());
  if (!have) return system_error(have.error());
  if (*have != size || !opened->is_unchanged()) return dns::Failure<std::string>(kChanged);
  return Content{std::move(text), opened->stamp()};
}

Files::Outcome<FileStamp> DiskFiles::read_parts(const std::string& path,
                                                const std::function<bool(std::string_view)>& take) {
  const auto opened = open_file(path);
  if (!opened) return dns::Failure<std::string>(opened.error());
  const std::size_t room = std::min<std::size_t>(kPart, opened->stamp().size + 1);
  OwnedText buffer(room);
  std::size_t kept = 0;
  for (std::uint64_t read = 0;;) {
    const auto got = read_up_to(opened->descriptor(), buffer.room().subspan(kept));
    if (!got) return system_error(got.error());
    read += *got;
    const bool last = kept + *got < room;
    if (last && (read != opened->stamp().size || !opened->is_unchanged())) return dns::Failure<std::string>(kChanged);
    const std::string_view have = buffer.text().substr(0, kept + *got);
    const std::string_view part = last ? have : have.substr(0, part_size(have));
    if (!take(part) || last) return opened->stamp();
    kept = have.size() - part.size();
    std::memmove(buffer.room().data(), have.data() + part.size(), kept);
  }
}

Files::Outcome<std::unique_ptr<OpenFile>> DiskFiles::open(const std::string& path) {
  auto opened = open_file(path);
  if (!opened) return dns::Failure<std::string>(opened.error());
  return std::make_unique<DiskFile>(std::move(*opened));
}

Files::Outcome<FileStamp> DiskFiles::stamp(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) return system_error(errno);
  return stamp_of(status);
}

Files::Outcome<FileKind> DiskFiles::kind(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) return system_error(errno);
  if (S_ISREG(status.st_mode)) return FileKind::kRegular;
  return S_ISDIR(status.st_mode) ? FileKind::kDirectory : FileKind::kOther;
}

Files::Outcome<std::vector<ListedFile>> DiskFiles::list(const std::string& directory) {
  const auto close = [](DIR* stream) { ::closedir(stream); };
  const std::unique_ptr<DIR, decltype(close)> open(::opendir(directory.c_str()), close);
  if (open == nullptr) return system_error(errno);
  std::vector<ListedFile> files;
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(open.get());
    if (entry == nullptr) break;
    if (entry->d_name[0] != '.') files.push_back({entry->d_name, kind_of(*entry)});
  }
  if (errno != 0) return system_error(errno);
  std::ranges::sort(files, {}, &ListedFile::name);
  return files;
}

Files::Outcome<std::string> DiskFiles::resolve(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  if (real == nullptr) return system_error(errno);
  return std::string(real.get());
}

std::string join_path(std::string_view directory, std::string_view name) {
  return (std::filesystem::path(directory) / name).lexically_normal().string();
}

std::string directory_of(std::string_view path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

}  // namespace server
