#include "server/image/images.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <thread>

#include "server/image/map.h"
#include "server/journal/file_name.h"
#include "server/runtime/atomic_file.h"
#include "server/runtime/descriptor.h"
#include "zone/image/image.h"

namespace server {
namespace {

constexpr std::string_view kSuffix = ".image";
constexpr std::string_view kLabel = "waymark " WAYMARK_VERSION;  // other versions may read zone files differently
constexpr std::size_t kBlock = std::size_t{2} << 20;             // a huge page: the page cache then uses huge pages too
constexpr std::uint64_t kMaxHeadSize = std::uint64_t{1} << 30;
constexpr mode_t kFileMode = 0640, kDirectoryMode = 0750, kForeignWrite = 022;
// Two writes within one tick of the file system's clock leave the same times. After this time without a write, the
// times of a file are reliable.
constexpr std::int64_t kSettleNs = 1'000'000'000;
constexpr std::chrono::milliseconds kSettlePollInterval{20};

using Error = dns::Failure<std::string>;
Error system_error(int error) { return Error(std::generic_category().message(error)); }

std::string file_name(const dns::Name& apex) { return zone_file_name(apex, kSuffix); }

// The metadata of an image: these numbers, then the path of the zone file.
struct SourceFileInfo {
  FileStamp stamp;
  std::uint64_t content = 0;
};
static_assert(sizeof(SourceFileInfo) == 6 * sizeof(std::uint64_t));

std::vector<std::uint8_t> encode(const ReadFile& file) {
  const SourceFileInfo about{file.stamp, file.content};
  std::vector<std::uint8_t> octets(sizeof about + file.path.size());
  std::memcpy(octets.data(), &about, sizeof about);
  std::memcpy(octets.data() + sizeof about, file.path.data(), file.path.size());
  return octets;
}

std::optional<ReadFile> decode(dns::Bytes octets) {
  if (octets.size() < sizeof(SourceFileInfo)) return std::nullopt;
  SourceFileInfo about;
  std::memcpy(&about, octets.data(), sizeof about);
  return ReadFile{std::string(dns::as_text(octets.subspan(sizeof about))), about.stamp, about.content};
}

std::string_view describe(dns::ImageError fault) {
  switch (fault) {
    case dns::ImageError::kNoImage: return "it is not an image of a zone";
    case dns::ImageError::kOtherMachine: return "it was written on another type of machine";
    case dns::ImageError::kOtherFormat: return "it was written by another version of waymark";
    case dns::ImageError::kDamaged: return "it is damaged";
  }
  return {};
}

// Whether only our user and root can write the file.
bool is_owned(const struct stat& status) {
  return (status.st_uid == ::geteuid() || status.st_uid == 0) && (status.st_mode & kForeignWrite) == 0;
}

dns::Result<FileDescriptor, int> open_directory(const std::string& path) {
  FileDescriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return dns::Failure<int>(errno);
  return directory;
}

bool read_at(int file, std::uint64_t offset, dns::MutableBytes octets) {
  while (!octets.empty()) {
    const ssize_t got = ::pread(file, octets.data(), octets.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    offset += static_cast<std::uint64_t>(got);
    octets = octets.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

struct OpenImage {
  FileDescriptor file;
  std::uint64_t size = 0;
};

// The error is empty if there is no such file.
dns::Result<OpenImage, std::string> open_image_file(const std::string& directory, const std::string& name) {
  const auto parent = open_directory(directory);
  if (!parent) return parent.error() == ENOENT ? Error(std::string()) : system_error(parent.error());
  struct stat status;
  if (::fstat(parent->get(), &status) != 0) return system_error(errno);
  if (!is_owned(status)) return Error("other users may write to its directory");
  FileDescriptor file(::openat(parent->get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) return errno == ENOENT ? Error(std::string()) : system_error(errno);
  if (::fstat(file.get(), &status) != 0) return system_error(errno);
  if (!S_ISREG(status.st_mode)) return Error("it is not a regular file");
  if (!is_owned(status)) return Error("it belongs to another user, or other users may write to it");
  return OpenImage{std::move(file), static_cast<std::uint64_t>(status.st_size)};
}

dns::Result<std::vector<std::uint8_t>, std::string> read_head(const OpenImage& image) {
  std::array<std::uint8_t, dns::kMinImageBlock> beginning{};
  if (image.size < beginning.size() || !read_at(image.file.get(), 0, beginning))
    return Error(std::string(describe(dns::ImageError::kNoImage)));
  const std::uint64_t size = dns::image_header_size(beginning);
  if (size == 0) return Error(std::string(describe(dns::ImageError::kNoImage)));
  if (size > image.size || size > kMaxHeadSize) return Error(std::string(describe(dns::ImageError::kDamaged)));
  std::vector<std::uint8_t> head(size);
  if (!read_at(image.file.get(), 0, head)) return system_error(errno);
  return head;
}

// The parts in memory, for the lifetime of the zone.
struct MappedImage {
  ImageMap words, cells;
};

dns::Result<std::shared_ptr<const dns::Zone>, std::string> map_zone(const OpenImage& image,
                                                                    const dns::ImageHeader& head,
                                                                    const dns::ParallelExecutor& parallel) {
  if (head.block % static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) != 0)
    return Error(std::string(describe(dns::ImageError::kOtherMachine)));
  auto words_map = ImageMap::of(image.file.get(), head.words), cells_map = ImageMap::of(image.file.get(), head.cells);
  if (!words_map || !cells_map) return system_error(errno);
  // Shared: the zone's storage keeps it.
  const auto maps = std::make_shared<const MappedImage>(MappedImage{std::move(*words_map), std::move(*cells_map)});
  std::uint8_t* const of_words = maps->words.begin();
  std::uint8_t* const of_cells = maps->cells.begin();
  if (!dns::is_intact(head, {of_words, head.words.size}, {of_cells, head.cells.size}, parallel))
    return Error(std::string(describe(dns::ImageError::kDamaged)));
  return dns::open_image(head, of_words, of_cells, maps);
}

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// Whether the file still has the content of the zone and a stamp that will show the next change.
bool still_matches(const ReadFile& file, Files& files, const std::atomic<bool>& stopping) {
  for (std::int64_t now = now_ns(); now < file.stamp.changed_ns + kSettleNs && now > file.stamp.changed_ns - kSettleNs;
       now = now_ns()) {
    if (stopping) return false;
    std::this_thread::sleep_for(kSettlePollInterval);
  }
  ContentHash hash;
  const auto read = files.read_parts(file.path, [&](std::string_view part) { return hash.add(part), !stopping; });
  return read && *read == file.stamp && hash.finish() == file.content;
}

}  // namespace

std::string Images::path_of(const dns::Name& apex) const { return join_path(directory_, file_name(apex)); }

dns::Result<Images::LoadedImage, std::string> Images::load(const ZoneFile& file, Files& files,
                                                           const dns::ParallelExecutor& parallel) const {
  if (directory_.empty()) return Error(std::string());
  const auto image = open_image_file(directory_, file_name(dns::Name(file.apex.view())));
  if (!image) return Error(image.error());
  const auto octets = read_head(*image);
  if (!octets) return Error(octets.error());
  const auto head = dns::read_image_header(*octets, image->size, kLabel);
  if (!head) return Error(std::string(describe(head.error())));
  auto about = decode(head->metadata);
  if (!about || dns::Name(head->apex) != file.apex || about->path != file.path)
    return Error("it belongs to another zone or zone file");
  if (const auto stamp = files.stamp(file.path); !stamp || !(*stamp == about->stamp))
    return Error("the zone file has changed since then");
  auto zone = map_zone(*image, *head, parallel);
  if (!zone) return Error(zone.error());
  return LoadedImage{std::move(*zone), std::move(*about)};
}

dns::Result<void, std::string> Images::write(const ImageRequest& request, Files& files,
                                             const std::atomic<bool>& stopping) const {
  if (::mkdir(directory_.c_str(), kDirectoryMode) != 0 && errno != EEXIST) return system_error(errno);
  auto directory = open_directory(directory_);
  if (!directory) return system_error(directory.error());
  if (::flock(directory->get(), LOCK_EX | LOCK_NB) != 0)
    return errno == EWOULDBLOCK ? Error("another process is writing images to this directory") : system_error(errno);
  auto image = AtomicFile::create(std::move(*directory), file_name(request.apex), {.mode = kFileMode});
  if (!image) return Error(image.error());
  dns::Result<void, std::string> wrote;
  const auto sink = [&](std::uint64_t offset, dns::Bytes blocks) {
    if (stopping) return false;
    wrote = image->write_at(offset, blocks);
    return wrote.has_value();
  };
  const bool complete = dns::write_image(
      *request.zone, {.label = std::string(kLabel), .metadata = encode(request.file), .block = kBlock}, sink);
  if (!wrote) return wrote;
  if (!complete || !still_matches(request.file, files, stopping)) return Error(std::string());
  return image->commit();
}

}  // namespace server
