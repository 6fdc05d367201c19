// The memory layout of the head of an image, shared by the writer and the reader. Numbers are in the byte order of the
// machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "zone/image/checksum.h"
#include "zone/tree/node.h"

namespace dns::image_format {

inline constexpr std::array<char, 8> kMagic = {'\x89', 'W', 'a', 'y', 'm', 'a', 'r', 'k'};
inline constexpr std::uint32_t kByteOrderTag = 0x0102'0304;  // another value in another byte order

inline constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 32;  // limit of the 32-bit indexes of words and cells

// The header is followed by apex, label and metadata; then, from the next multiple of 16 on, by the checksums of the
// blocks of the words and of the cells; then by zeros up to the end of a block.
struct Header {
  std::array<char, 8> magic = kMagic;
  std::uint32_t order = kByteOrderTag;
  std::uint32_t format = 0;
  std::uint64_t head_size = 0;  // whole blocks
  Checksum sum;                 // of the rest of the head behind it; the reader checks the fields before it directly
  std::uint64_t image_size = 0;
  std::uint64_t block = 0;
  std::uint64_t word_count = 0, cell_count = 0;
  std::uint64_t records = 0, sets = 0, names = 0;
  Node root, nsec3_root;  // `nsec3_root`: null if the zone has no usable NSEC3 chain
  std::uint32_t apex_size = 0, label_size = 0, metadata_size = 0;
  std::uint32_t unused = 0;  // no octet of an image is undefined
};
static_assert(std::is_trivially_copyable_v<Header> && std::has_unique_object_representations_v<Checksum>);
static_assert(sizeof(Header) == 136);

// The offset at which the checksummed part begins.
inline constexpr std::size_t kChecksumStart = offsetof(Header, sum) + sizeof(Checksum);

constexpr std::uint64_t round_up(std::uint64_t size, std::uint64_t unit) { return (size + unit - 1) / unit * unit; }

// The offset of the checksums.
constexpr std::uint64_t table_offset(const Header& head) {
  return round_up(sizeof(Header) + std::uint64_t{head.apex_size} + head.label_size + head.metadata_size,
                  sizeof(Checksum));
}
constexpr std::uint64_t words_size(const Header& head) {
  return round_up(head.word_count * sizeof(std::uint32_t), head.block);
}
constexpr std::uint64_t cells_size(const Header& head) { return round_up(head.cell_count * sizeof(Node), head.block); }
// The size that the head must have, from its other fields.
constexpr std::uint64_t whole_head_size(const Header& head) {
  const std::uint64_t blocks = (words_size(head) + cells_size(head)) / head.block;
  return round_up(table_offset(head) + blocks * sizeof(Checksum), head.block);
}

}  // namespace dns::image_format
