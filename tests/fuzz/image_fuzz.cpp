// Any octets as an image: the reader never reads after their end. An image with altered octets: the reader rejects it
// unless it equals the original.
//
//     | 0 | octets ...                          the octets are the image
//     | 1 | place 16, alteration 8 | ...        alters the image of a small zone
#include <algorithm>
#include <cstdlib>

#include "zone/build/builder.h"
#include "zone/image/image.h"
#include "zone/name/text.h"

namespace {

constexpr std::string_view kLabel = "fuzz";

std::vector<std::uint8_t> small_image() {
  dns::ZoneBuilder builder(*dns::parse_name("example."));
  const std::uint8_t soa[22] = {}, server[] = {1, 'n', 0};
  builder.add(*dns::parse_name("example."), dns::Type::SOA, 60, soa);
  for (const std::string_view name : {"a.example.", "b.example.", "*.c.example."})
    builder.add(*dns::parse_name(name), dns::Type::NS, 60, server);
  std::vector<std::uint8_t> image;
  const auto sink = [&](std::uint64_t offset, dns::Bytes blocks) {
    image.resize(std::max<std::size_t>(image.size(), offset + blocks.size()));
    std::ranges::copy(blocks, image.begin() + static_cast<std::ptrdiff_t>(offset));
    return true;
  };
  if (!dns::write_image(*builder.finish().zone,
                        {.label = std::string(kLabel), .metadata = {1}, .block = dns::kMinImageBlock}, sink))
    std::abort();
  return image;
}

bool is_taken(dns::Bytes image) {
  const std::uint64_t size = dns::image_header_size(image);
  if (size == 0 || size > image.size()) return false;
  const auto head = dns::read_image_header(image.first(size), image.size(), kLabel);
  if (!head) return false;
  const dns::Bytes words = image.subspan(head->words.offset, head->words.size),
                   cells = image.subspan(head->cells.offset, head->cells.size);
  if (head->words.capacity < words.size() || head->cells.capacity < cells.size()) std::abort();
  return dns::is_intact(*head, words, cells, {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::uint8_t> whole = small_image();
  if (!is_taken(whole)) std::abort();
  if (size == 0) return 0;
  dns::Bytes input(data + 1, size - 1);
  if (data[0] % 2 == 0) {
    is_taken(input);
    return 0;
  }
  std::vector<std::uint8_t> image = whole;
  for (; input.size() >= 3; input = input.subspan(3)) image[dns::load16(input.data()) % image.size()] ^= input[2];
  if (is_taken(image) != (image == whole)) std::abort();
  return 0;
}
