#include "server/image/map.h"

#include <sys/mman.h>

#include <memory>
#include <utility>

namespace server {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

std::optional<ImageMap> ImageMap::of(int file, const dns::ImageHeader::Part& part) {
  if (part.size == 0) return ImageMap();
  ImageMap map;
  const std::size_t size = part.capacity + kHugePage;
  void* const whole = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (whole == MAP_FAILED) return std::nullopt;
  map.whole_ = static_cast<std::uint8_t*>(whole);
  map.whole_size_ = size;
  void* aligned = whole;
  std::size_t space = size;
  std::align(kHugePage, part.capacity, aligned, space);
  const int flags = MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE;
  if (::mmap(aligned, part.size, PROT_READ | PROT_WRITE, flags, file, static_cast<off_t>(part.offset)) == MAP_FAILED)
    return std::nullopt;
  map.begin_ = static_cast<std::uint8_t*>(aligned);
  // Advice, so errors are ignored: pages that are not in memory yet are read as huge pages, if the file system can.
  ::madvise(aligned, part.size, MADV_HUGEPAGE);
  if (part.capacity > part.size) ::madvise(map.begin_ + part.size, part.capacity - part.size, MADV_HUGEPAGE);
  return map;
}

ImageMap::ImageMap(ImageMap&& other) noexcept
    : begin_(std::exchange(other.begin_, nullptr)),
      whole_(std::exchange(other.whole_, nullptr)),
      whole_size_(other.whole_size_) {}

ImageMap::~ImageMap() {
  if (whole_ != nullptr) ::munmap(whole_, whole_size_);
}

}  // namespace server
