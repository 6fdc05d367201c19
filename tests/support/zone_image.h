// Images of zones in the memory of a test.
#pragma once

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "zone/image/image.h"

namespace dns::test {

using Octets = std::vector<std::uint8_t>;

inline constexpr std::size_t kImageBlock = 256;  // octets

// The image of a zone; empty if it was not written.
inline Octets image_of(const Zone& zone, const ImageOptions& options) {
  Octets image;
  const bool written = write_image(zone, options, [&](std::uint64_t offset, Bytes blocks) {
    image.resize(std::max<std::size_t>(image.size(), offset + blocks.size()));
    std::copy(blocks.begin(), blocks.end(), image.begin() + static_cast<std::ptrdiff_t>(offset));
    return true;
  });
  return written ? image : Octets();
}

struct OpenedImage {
  std::shared_ptr<const Zone> zone;
  ImageError error = ImageError::kNoImage;
};

// Opens the image like the server does, with each part in its own memory.
inline OpenedImage open(const Octets& image, std::string_view label, const ParallelExecutor& parallel = {}) {
  const std::uint64_t size = image_header_size(image);
  if (size == 0 || size > image.size()) return {};
  const auto head = read_image_header(Bytes(image).first(size), image.size(), label);
  if (!head) return {nullptr, head.error()};
  auto words = std::make_shared<Octets>(head->words.capacity), cells = std::make_shared<Octets>(head->cells.capacity);
  const auto load = [&](const ImageHeader::Part& part, Octets& to) {
    const Bytes octets = Bytes(image).subspan(part.offset, part.size);
    std::copy(octets.begin(), octets.end(), to.begin());
    return octets;
  };
  const Bytes in_words = load(head->words, *words), in_cells = load(head->cells, *cells);
  if (!is_intact(*head, in_words, in_cells, parallel)) return {nullptr, ImageError::kDamaged};
  return {open_image(*head, words->data(), cells->data(),
                     std::make_shared<std::pair<std::shared_ptr<Octets>, std::shared_ptr<Octets>>>(words, cells))};
}

// The zone that its image gives.
inline std::shared_ptr<const Zone> through_image(const Zone& zone) {
  return open(image_of(zone, {.label = "test", .metadata = {}, .block = kImageBlock}), "test").zone;
}

}  // namespace dns::test
