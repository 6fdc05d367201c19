// A zone as octets that can be answered from where they lie: its cells and words as the tree has them, with nothing to
// be followed, sorted or counted before the first question.
//
//     | head: what it is, checksums of blocks ... | words ................ | cells ................ |
//     ^ one block or more                          ^ begins with a block    ^ begins with a block
//
// All of it is whole blocks, zeros behind what a part does not fill. Each block has a checksum in the head, and the
// head has one itself: no octet is left out. References inside are indexes (tree/store.h), so that the parts may be put
// anywhere, each before room for what is added later.
//
// Who opens an image proves that it is what was written, and no more: references are followed as they stand, so that an
// image may only come from where nobody else can write. An image is read by what wrote it: another byte order, another
// form of what lies in the arenas (kImageFormat) or another program's label refuses it, and its zone is made anew from
// the records.
//
// Pure. Any thread; writing reads one version, as any reader does.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "zone/base/parallel.h"
#include "zone/snapshot/zone.h"
#include "zone/tree/store.h"

namespace dns {

// To be raised with every change to what lies in cells and words: nodes, marks, records of leaves, bodies, the order of
// names.
inline constexpr std::uint32_t kImageFormat = 1;

struct ImageOptions {
  std::string label;                   // the program's own, and what of its words must be the same to read it
  std::vector<std::uint8_t> metadata;  // the caller's: what the zone was made of
  std::size_t block =
      std::size_t{2} << 20;  // a power of two from kMinImageBlock on; pages of memory, where it is to be mapped
};
inline constexpr std::size_t kMinImageBlock = 64;

// Takes what stands at `offset` of the image: blocks, each once and whole, in any order. False to stop.
using ImageSink = std::function<bool(std::uint64_t offset, Bytes blocks)>;

// `zone` as an image, its names and sets packed as if it had just been made. Needs, for a while, 16 octets for each set
// that is not another's equal. False where the sink stopped it, or the zone is too large (2^32 cells or words).
bool write_image(const Zone& zone, const ImageOptions& options, const ImageSink& sink);

enum class ImageError : std::uint8_t {
  kNoImage,       // nothing that `write_image` wrote
  kOtherMachine,  // of another byte order
  kOtherFormat,   // by a program that lays zones out in another way
  kDamaged,       // not the octets that were written, or not all of them
};

// What the head says. Views into it.
struct ImageHeader {
  struct Part {
    std::uint64_t offset = 0, size = 0;  // in the image; whole blocks
    std::uint64_t capacity = 0;          // octets of memory that it needs, from its beginning; no less than `size`
  };
  NameView apex;
  Bytes metadata;
  Part words, cells;
  std::uint64_t word_count = 0, cell_count = 0;
  Node root;
  ZoneTotals totals;
  std::size_t block = 0;
  Bytes checksums;
};

// How many octets the head has, by its first kMinImageBlock; 0 where that is no image's.
std::uint64_t image_header_size(Bytes beginning);

// `head` is as long as `image_header_size` says, of an image of `size` octets.
Result<ImageHeader, ImageError> read_image_header(Bytes head, std::uint64_t size, std::string_view label);

// Whether the parts, of which the caller says where they lie, are what was written.
bool is_intact(const ImageHeader& head, Bytes words, Bytes cells, const ParallelExecutor& parallel);

// The zone, answered from the memory where the parts were found whole. `backing` holds both, with the room that they
// need: the writer alters them, and adds to them.
std::shared_ptr<const Zone> open_image(const ImageHeader& head, std::uint8_t* words, std::uint8_t* cells,
                                       std::shared_ptr<const void> backing);

}  // namespace dns
