#include <algorithm>
#include <atomic>
#include <bit>

#include "zone/image/form.h"
#include "zone/image/image.h"
#include "zone/snapshot/storage.h"

namespace dns {
namespace {

using form::Head;

constexpr std::uint64_t kMostElements = std::uint64_t{1} << 32;   // that 32-bit indexes reach
constexpr std::uint64_t kMostBlock = std::uint64_t{1} << 30;      // octets
constexpr std::uint64_t kMostAbout = std::uint64_t{1} << 31;      // octets of a name of the head

// Whether the numbers can be calculated with, and fit each other.
bool is_sound(const Head& head, std::uint64_t size) {
  if (head.block < kLeastImageBlock || head.block > kMostBlock || !std::has_single_bit(head.block)) return false;
  if (head.word_count == 0 || head.word_count > kMostElements || head.cell_count > kMostElements) return false;
  if (head.apex_size == 0 || head.apex_size > kMaxName || head.label_size > kMostAbout || head.about_size > kMostAbout) return false;
  return head.head_size == form::whole_head_size(head) && head.image_size == size &&
         size == head.head_size + form::words_size(head) + form::cells_size(head);
}

Head copy_head(Bytes octets) {
  Head head;
  std::memcpy(&head, octets.data(), sizeof head);
  return head;
}

}  // namespace

std::uint64_t image_head_size(Bytes beginning) {
  static_assert(offsetof(Head, head_size) + sizeof(Head::head_size) <= kLeastImageBlock);
  if (beginning.size() < kLeastImageBlock || !equal(beginning.first(form::kMagic.size()), as_bytes({form::kMagic.data(), form::kMagic.size()})))
    return 0;
  std::uint64_t size = 0;
  std::memcpy(&size, beginning.data() + offsetof(Head, head_size), sizeof size);
  return size;
}

Result<ImageHead, ImageFault> read_image_head(Bytes octets, std::uint64_t size, std::string_view label) {
  if (octets.size() < sizeof(Head) || image_head_size(octets) == 0) return Failure(ImageFault::kNoImage);
  const Head head = copy_head(octets);
  if (head.order != form::kOrderMark) return Failure(ImageFault::kOtherMachine);
  if (head.form != kImageForm) return Failure(ImageFault::kOtherForm);
  if (head.head_size != octets.size() || checksum(octets.subspan(form::kSummed)) != head.sum || !is_sound(head, size))
    return Failure(ImageFault::kDamaged);
  Bytes names = octets.subspan(sizeof(Head));
  const auto next = [&names](std::size_t count) {
    const Bytes name = names.first(count);
    names = names.subspan(count);
    return name;
  };
  const auto apex = read_name(next(head.apex_size));
  if (!apex || apex->size() != head.apex_size || head.root.is_null()) return Failure(ImageFault::kDamaged);
  if (as_text(next(head.label_size)) != label) return Failure(ImageFault::kOtherForm);

  ImageHead read;
  read.apex = *apex;
  read.about = next(head.about_size);
  read.words = {.offset = head.head_size, .size = form::words_size(head), .room = TreeStore::word_room(head.word_count)};
  read.cells = {.offset = read.words.offset + read.words.size, .size = form::cells_size(head), .room = TreeStore::cell_room(head.cell_count)};
  for (ImageHead::Part* part : {&read.words, &read.cells}) part->room = std::max(part->room, part->size);
  read.word_count = head.word_count;
  read.cell_count = head.cell_count;
  read.root = head.root;
  read.totals = {.records = head.records, .sets = head.sets, .names = head.names,
                 .bytes = head.word_count * sizeof(std::uint32_t) + head.cell_count * sizeof(Node)};
  read.block = head.block;
  read.checksums = octets.subspan(form::table_offset(head), (read.words.size + read.cells.size) / head.block * sizeof(Checksum));
  return read;
}

bool is_whole(const ImageHead& head, Bytes words, Bytes cells, const Together& together) {
  if (words.size() != head.words.size || cells.size() != head.cells.size) return false;
  const std::size_t of_words = words.size() / head.block, blocks = of_words + cells.size() / head.block;
  std::atomic<bool> whole = true;
  together(blocks, [&](std::size_t block) {
    const Bytes octets = block < of_words ? words.subspan(block * head.block, head.block)
                                          : cells.subspan((block - of_words) * head.block, head.block);
    Checksum wanted;
    std::memcpy(&wanted, head.checksums.data() + block * sizeof wanted, sizeof wanted);
    if (checksum(octets) != wanted) whole = false;
  });
  return whole;
}

std::shared_ptr<const Zone> open_image(const ImageHead& head, std::uint8_t* words, std::uint8_t* cells, std::shared_ptr<const void> keeper) {
  auto storage = std::make_shared<ZoneStorage>(head.apex);
  storage->tree().adopt({.cells = cells, .cell_count = head.cell_count, .words = words, .word_count = head.word_count, .keeper = std::move(keeper)});
  const std::uint64_t version = storage->add_version({}, {}, head.root);
  return Zone::make(std::move(storage), head.root, version, head.totals);
}

}  // namespace dns
