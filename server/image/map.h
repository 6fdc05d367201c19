// A part of an image in memory: the file's octets, and behind them room for what is added to the zone later.
//
//     | the file's pages, private: written ones are copied | pages of our own, zeros |
//     ^ begins as a huge page does                         ^ part.size               ^ part.capacity
//
// Files that were written in huge steps lie in the system's cache in huge pages, where it has such: then they are
// mapped so, and neither the first touch of a page nor the way to it costs anything to speak of.
#pragma once

#include <cstdint>
#include <optional>

#include "zone/image/image.h"

namespace server {

// Owns the mapping; any thread may end it.
class ImageMap {
 public:
  // Nothing where the system refuses.
  static std::optional<ImageMap> of(int file, const dns::ImageHeader::Part& part);
  ~ImageMap();
  ImageMap(ImageMap&& other) noexcept;
  ImageMap& operator=(ImageMap&&) = delete;

  std::uint8_t* begin() const { return begin_; }

 private:
  ImageMap() = default;

  std::uint8_t* begin_ = nullptr;
  std::uint8_t* whole_ = nullptr;  // with what aligns its beginning
  std::size_t whole_size_ = 0;
};

}  // namespace server
