#include <algorithm>
#include <atomic>
#include <bit>

#include "zone/image/format.h"
#include "zone/image/image.h"
#include "zone/snapshot/nsec3_edit.h"

namespace dns {
namespace {

using image_format::Header;

constexpr std::uint64_t kMaxBlock = std::uint64_t{1} << 30;  // octets
constexpr std::uint64_t kMaxText = std::uint64_t{1} << 31;   // octets of label and metadata

// True if the numbers are in range and consistent.
bool is_sound(const Header& head, std::uint64_t size) {
  if (head.block < kMinImageBlock || head.block > kMaxBlock || !std::has_single_bit(head.block)) return false;
  if (head.word_count == 0 || head.word_count > image_format::kMaxElements ||
      head.cell_count > image_format::kMaxElements)
    return false;
  if (head.apex_size == 0 || head.apex_size > kMaxName || head.label_size > kMaxText || head.metadata_size > kMaxText)
    return false;
  return head.head_size == image_format::whole_head_size(head) && head.image_size == size &&
         size == head.head_size + image_format::words_size(head) + image_format::cells_size(head);
}

Header copy_head(Bytes octets) {
  Header head;
  std::memcpy(&head, octets.data(), sizeof head);
  return head;
}

}  // namespace

std::uint64_t image_header_size(Bytes beginning) {
  static_assert(offsetof(Header, head_size) + sizeof(Header::head_size) <= kMinImageBlock);
  if (beginning.size() < kMinImageBlock || !equal(beginning.first(image_format::kMagic.size()),
                                                  as_bytes({image_format::kMagic.data(), image_format::kMagic.size()})))
    return 0;
  std::uint64_t size = 0;
  std::memcpy(&size, beginning.data() + offsetof(Header, head_size), sizeof size);
  return size;
}

Result<ImageHeader, ImageError> read_image_header(Bytes octets, std::uint64_t size, std::string_view label) {
  if (octets.size() < sizeof(Header) || image_header_size(octets) == 0) return Failure(ImageError::kNoImage);
  const Header head = copy_head(octets);
  if (head.order != image_format::kByteOrderTag) return Failure(ImageError::kOtherMachine);
  if (head.format != kImageFormat) return Failure(ImageError::kOtherFormat);
  if (head.head_size != octets.size() || checksum(octets.subspan(image_format::kChecksumStart)) != head.sum ||
      !is_sound(head, size))
    return Failure(ImageError::kDamaged);
  Bytes names = octets.subspan(sizeof(Header));
  const auto next = [&names](std::size_t count) {
    const Bytes name = names.first(count);
    names = names.subspan(count);
    return name;
  };
  const auto apex = read_name(next(head.apex_size));
  if (!apex || apex->size() != head.apex_size || head.root.is_null()) return Failure(ImageError::kDamaged);
  if (as_text(next(head.label_size)) != label) return Failure(ImageError::kOtherFormat);

  ImageHeader read;
  read.apex = *apex;
  read.metadata = next(head.metadata_size);
  read.words = {.offset = head.head_size,
                .size = image_format::words_size(head),
                .capacity = TreeStore::word_capacity(head.word_count)};
  read.cells = {.offset = read.words.offset + read.words.size,
                .size = image_format::cells_size(head),
                .capacity = TreeStore::cell_capacity(head.cell_count)};
  for (ImageHeader::Part* part : {&read.words, &read.cells}) part->capacity = std::max(part->capacity, part->size);
  read.word_count = head.word_count;
  read.cell_count = head.cell_count;
  read.roots = {head.root, head.nsec3_root};
  read.totals = {.records = head.records,
                 .sets = head.sets,
                 .names = head.names,
                 .bytes = head.word_count * sizeof(std::uint32_t) + head.cell_count * sizeof(Node)};
  read.block = head.block;
  read.checksums = octets.subspan(image_format::table_offset(head),
                                  (read.words.size + read.cells.size) / head.block * sizeof(Checksum));
  return read;
}

bool is_intact(const ImageHeader& head, Bytes words, Bytes cells, const ParallelExecutor& parallel) {
  if (words.size() != head.words.size || cells.size() != head.cells.size) return false;
  const std::size_t of_words = words.size() / head.block, blocks = of_words + cells.size() / head.block;
  std::atomic<bool> whole = true;
  parallel(blocks, [&](std::size_t block) {
    const Bytes octets = block < of_words ? words.subspan(block * head.block, head.block)
                                          : cells.subspan((block - of_words) * head.block, head.block);
    Checksum wanted;
    std::memcpy(&wanted, head.checksums.data() + block * sizeof wanted, sizeof wanted);
    if (checksum(octets) != wanted) whole = false;
  });
  return whole;
}

std::shared_ptr<const Zone> open_image(const ImageHeader& head, std::uint8_t* words, std::uint8_t* cells,
                                       std::shared_ptr<const void> backing) {
  auto storage = std::make_shared<ZoneStorage>(head.apex);
  storage->tree().adopt({.cells = cells,
                         .cell_count = head.cell_count,
                         .words = words,
                         .word_count = head.word_count,
                         .backing = std::move(backing)});
  const std::uint64_t version = storage->add_version({}, {}, head.roots);
  const ZoneTrees trees = {head.roots, nsec3_in_use(*storage, head.roots.first)};
  return Zone::make(std::move(storage), trees, version, head.totals);
}

}  // namespace dns
