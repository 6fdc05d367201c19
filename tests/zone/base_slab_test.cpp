// SlabAllocator: blocks do not overlap, free blocks are reused by size, and free slabs go back to the system.
#include <cstring>
#include <deque>
#include <random>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "zone/base/slab.h"

namespace dns {
namespace {

constexpr std::size_t kSlab = std::size_t{2} << 20;

struct Block {
  std::uint8_t* memory;
  std::size_t bytes;
  std::uint8_t mark;

  bool is_intact() const {
    for (std::size_t at = 0; at < bytes; ++at)
      if (memory[at] != mark) return false;
    return true;
  }
};

Block take(SlabAllocator& slabs, std::size_t bytes, std::uint8_t mark) {
  const Block block{static_cast<std::uint8_t*>(slabs.allocate(bytes)), bytes, mark};
  std::memset(block.memory, mark, bytes);
  return block;
}

// Allocates and frees blocks in random order. Returns the number of blocks whose content changed.
std::size_t count_corrupted(SlabAllocator& slabs, std::uint64_t seed, int rounds) {
  std::mt19937_64 random(seed);
  std::vector<Block> blocks;
  std::size_t corrupted = 0;
  const auto release = [&](std::size_t at) {
    corrupted += blocks[at].is_intact() ? 0 : 1;
    slabs.free(blocks[at].memory, blocks[at].bytes);
    blocks[at] = blocks.back();
    blocks.pop_back();
  };
  for (int round = 0; round < rounds; ++round) {
    const bool more = random() % 16 < (round / 2000 % 2 == 0 ? 11U : 5U);
    if (more || blocks.empty())
      blocks.push_back(take(slabs, 1 + random() % (random() % 8 == 0 ? SlabAllocator::kLargest : 1500),
                            static_cast<std::uint8_t>(random())));
    else release(random() % blocks.size());
  }
  while (!blocks.empty()) release(random() % blocks.size());
  return corrupted;
}

}  // namespace

TEST_CASE("slabs: blocks are cache-aligned, adjacent and keep their content") {
  SlabAllocator slabs;
  const Block first = take(slabs, 100, 1), second = take(slabs, SlabAllocator::kLargest, 2), third = take(slabs, 1, 3);
  CHECK(reinterpret_cast<std::uintptr_t>(first.memory) % kCacheLine == 0);  // NOLINT: where it lies
  CHECK(second.memory - first.memory == 128);
  CHECK(third.memory - second.memory == static_cast<std::ptrdiff_t>(SlabAllocator::kLargest));
  for (const Block& block : {first, second, third}) {
    CHECK(block.is_intact());
    slabs.free(block.memory, block.bytes);
  }
  CHECK(count_corrupted(slabs, 20261123, 20000) == 0);
}

TEST_CASE("slabs: reuses a free block for a request of the same number of cache lines") {
  SlabAllocator slabs;
  const Block kept = take(slabs, 64, 1), block = take(slabs, 300, 2);
  slabs.free(block.memory, block.bytes);
  const Block other = take(slabs, 400, 3), again = take(slabs, 257, 4);
  CHECK(again.memory == block.memory);
  CHECK(other.memory != block.memory);
  for (const Block& each : {kept, other, again}) slabs.free(each.memory, each.bytes);
}

TEST_CASE("slabs: repeated reallocation uses no more memory, and empty slabs go back to the system") {
  SlabAllocator slabs;
  std::deque<Block> blocks;
  for (std::size_t i = 0; i < 20000; ++i)
    blocks.push_back(take(slabs, 64 * (1 + i % 20), static_cast<std::uint8_t>(i)));
  const std::size_t held_bytes = slabs.held();
  CHECK(held_bytes > 10 * 1024 * 1024);
  std::mt19937_64 random(7);
  for (int round = 0; round < 100000; ++round) {  // replaces a block with one of the same size, like a zone reload
    Block& block = blocks[random() % blocks.size()];
    slabs.free(block.memory, block.bytes);
    block = take(slabs, block.bytes, block.mark);
  }
  CHECK(slabs.held() == held_bytes);
  for (const Block& block : blocks) slabs.free(block.memory, block.bytes);
  CHECK(slabs.held() == kSlab);
}

TEST_CASE("slabs: concurrent threads do not corrupt blocks of each other") {
  SlabAllocator slabs;
  std::size_t corrupted[4] = {};
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 4; ++i)
      threads.emplace_back([&slabs, &corrupted, i] { corrupted[i] = count_corrupted(slabs, i, 5000); });
  }
  for (const std::size_t blocks : corrupted) CHECK(blocks == 0);
  CHECK(slabs.held() == kSlab);
}

TEST_CASE("slabs: allocate_block also accepts sizes above kLargest") {
  for (const std::size_t bytes :
       {std::size_t{1}, SlabAllocator::kLargest, SlabAllocator::kLargest + 1, std::size_t{1} << 22}) {
    void* const memory = allocate_block(bytes);
    CHECK(reinterpret_cast<std::uintptr_t>(memory) % kCacheLine == 0);  // NOLINT: where it lies
    std::memset(memory, 1, bytes);
    free_block(memory, bytes);
  }
}

}  // namespace dns
