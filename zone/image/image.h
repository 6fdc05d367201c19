// A zone as a memory image: its cells and words as the tree has them. A zone can be answered from an image in place;
// nothing has to be parsed, sorted or counted first.
//
//     | head: what it is, checksums of blocks ... | words ................ | cells ................ |
//     ^ one block or more                          ^ begins with a block    ^ begins with a block
//
// Each part consists of whole blocks and is padded with zeros. The head has a checksum for each block and one for
// itself; they cover all octets. References inside are indexes (tree/store.h): the parts may be placed anywhere in
// memory, each with space behind it for later additions.
//
// The checksums prove only that the image is as it was written. References are not checked: read images only from a
// directory that nobody else can write to. An image is only read by the program that wrote it: another byte order,
// another memory layout (kImageFormat) or the label of another program are refused, and the zone is then loaded from
// its zone file.
//
// Pure. Any thread; the writer reads one version, as any reader does.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "zone/base/parallel.h"
#include "zone/snapshot/zone.h"
#include "zone/tree/store.h"

namespace dns {

// Increase this number with each change to the content of cells and words: nodes, marks, leaf records, RRset bodies,
// the order of names.
inline constexpr std::uint32_t kImageFormat = 2;

struct ImageOptions {
  std::string label;                   // identifies the program and its memory layout; must be equal to read the image
  std::vector<std::uint8_t> metadata;  // for the caller: the sources of the zone
  // A power of two, at least kMinImageBlock. For an image that is mapped: the size of its pages.
  std::size_t block = std::size_t{2} << 20;
};
inline constexpr std::size_t kMinImageBlock = 64;

// Receives the octets at `offset` of the image: whole blocks, each once, in any order. Returns false to stop.
using ImageSink = std::function<bool(std::uint64_t offset, Bytes blocks)>;

// Writes `zone` as an image; names and RRsets are packed as in a newly loaded zone. Temporarily needs 16 octets for
// each distinct RRset and 24 for each owner of NSEC3 records. False if the sink stopped it, or if the zone is too large
// (2^32 cells or words).
bool write_image(const Zone& zone, const ImageOptions& options, const ImageSink& sink);

enum class ImageError : std::uint8_t {
  kNoImage,       // not an image
  kOtherMachine,  // another byte order
  kOtherFormat,   // another memory layout
  kDamaged,       // the octets differ from those that were written, or some are missing
};

// The content of the head. Its views point into the head.
struct ImageHeader {
  struct Part {
    std::uint64_t offset = 0, size = 0;  // in the image; whole blocks
    std::uint64_t capacity = 0;          // octets of memory that the part needs; at least `size`
  };
  NameView apex;
  Bytes metadata;
  Part words, cells;
  std::uint64_t word_count = 0, cell_count = 0;
  VersionRoots roots;
  ZoneTotals totals;
  std::size_t block = 0;
  Bytes checksums;
};

// The size of the head, from its first kMinImageBlock octets; 0 if they are not those of an image.
std::uint64_t image_header_size(Bytes beginning);

// Parses `head`, which has the size that `image_header_size` gave. `size` is the size of the image.
Result<ImageHeader, ImageError> read_image_header(Bytes head, std::uint64_t size, std::string_view label);

// True if the two parts match their checksums.
bool is_intact(const ImageHeader& head, Bytes words, Bytes cells, const ParallelExecutor& parallel);

// The zone, which uses the memory of the parts in place. The parts must be intact. `backing` keeps both alive, with
// their capacity: the writer changes them and appends to them.
std::shared_ptr<const Zone> open_image(const ImageHeader& head, std::uint8_t* words, std::uint8_t* cells,
                                       std::shared_ptr<const void> backing);

}  // namespace dns
