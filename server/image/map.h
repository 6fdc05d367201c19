// A part of an image in memory: the octets of the file, and behind them space for what is added to the zone later.
//
//     | pages of the file, private: copied when written to | anonymous pages, zeros |
//     ^ aligned to a huge page                             ^ part.size              ^ part.capacity
//
// Files that were written in steps of huge pages are cached in huge pages, if the file system supports them. Then they
// are mapped as huge pages, with very few page faults and TLB misses.
#pragma once

#include <cstdint>
#include <optional>

#include "zone/image/image.h"

namespace server {

// Owns the mapping. Any thread may destroy it.
class ImageMap {
 public:
  // Nothing if the system refuses.
  static std::optional<ImageMap> of(int file, const dns::ImageHeader::Part& part);
  ~ImageMap();
  ImageMap(ImageMap&& other) noexcept;
  ImageMap& operator=(ImageMap&&) = delete;

  std::uint8_t* begin() const { return begin_; }

 private:
  ImageMap() = default;

  std::uint8_t* begin_ = nullptr;
  std::uint8_t* whole_ = nullptr;  // with the space for its alignment
  std::size_t whole_size_ = 0;
};

}  // namespace server
