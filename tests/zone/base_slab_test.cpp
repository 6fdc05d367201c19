// SlabAllocator: blocks that do not meet, reuse by size, and slabs that go back.
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

  bool is_whole() const {
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

// Takes and gives back at random, in random order; how many blocks were not as they were left.
std::size_t torn(SlabAllocator& slabs, std::uint64_t seed, int rounds) {
  std::mt19937_64 random(seed);
  std::vector<Block> blocks;
  std::size_t torn = 0;
  const auto give = [&](std::size_t at) {
    torn += blocks[at].is_whole() ? 0 : 1;
    slabs.free(blocks[at].memory, blocks[at].bytes);
    blocks[at] = blocks.back();
    blocks.pop_back();
  };
  for (int round = 0; round < rounds; ++round) {
    const bool more = random() % 16 < (round / 2000 % 2 == 0 ? 11U : 5U);
    if (more || blocks.empty())
      blocks.push_back(take(slabs, 1 + random() % (random() % 8 == 0 ? SlabAllocator::kLargest : 1500),
                            static_cast<std::uint8_t>(random())));
    else give(random() % blocks.size());
  }
  while (!blocks.empty()) give(random() % blocks.size());
  return torn;
}

}  // namespace

TEST_CASE("slabs: blocks begin a line, side by side, and hold what is written to them") {
  SlabAllocator slabs;
  const Block first = take(slabs, 100, 1), second = take(slabs, SlabAllocator::kLargest, 2), third = take(slabs, 1, 3);
  CHECK(reinterpret_cast<std::uintptr_t>(first.memory) % kCacheLine == 0);  // NOLINT: where it lies
  CHECK(second.memory - first.memory == 128);
  CHECK(third.memory - second.memory == static_cast<std::ptrdiff_t>(SlabAllocator::kLargest));
  for (const Block& block : {first, second, third}) {
    CHECK(block.is_whole());
    slabs.free(block.memory, block.bytes);
  }
  CHECK(torn(slabs, 20261123, 20000) == 0);
}

TEST_CASE("slabs: what is free is taken again by who needs as many lines") {
  SlabAllocator slabs;
  const Block kept = take(slabs, 64, 1), block = take(slabs, 300, 2);
  slabs.free(block.memory, block.bytes);
  const Block other = take(slabs, 400, 3), again = take(slabs, 257, 4);
  CHECK(again.memory == block.memory);
  CHECK(other.memory != block.memory);
  for (const Block& each : {kept, other, again}) slabs.free(each.memory, each.bytes);
}

TEST_CASE("slabs: many of all sizes come and go for ever in the same memory, and what is all free goes back") {
  SlabAllocator slabs;
  std::deque<Block> blocks;
  for (std::size_t i = 0; i < 20000; ++i)
    blocks.push_back(take(slabs, 64 * (1 + i % 20), static_cast<std::uint8_t>(i)));
  const std::size_t held = slabs.held();
  CHECK(held > 10 * 1024 * 1024);
  std::mt19937_64 random(7);
  for (int round = 0; round < 100000; ++round) {  // each for one of its size: as zones that are loaded anew
    Block& block = blocks[random() % blocks.size()];
    slabs.free(block.memory, block.bytes);
    block = take(slabs, block.bytes, block.mark);
  }
  CHECK(slabs.held() == held);
  for (const Block& block : blocks) slabs.free(block.memory, block.bytes);
  CHECK(slabs.held() == kSlab);
}

TEST_CASE("slabs: threads do not meet") {
  SlabAllocator slabs;
  std::size_t torn_blocks[4] = {};
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 4; ++i)
      threads.emplace_back([&slabs, &torn_blocks, i] { torn_blocks[i] = torn(slabs, i, 5000); });
  }
  for (const std::size_t blocks : torn_blocks) CHECK(blocks == 0);
  CHECK(slabs.held() == kSlab);
}

TEST_CASE("slabs: the process's have room for what is larger, too") {
  for (const std::size_t bytes :
       {std::size_t{1}, SlabAllocator::kLargest, SlabAllocator::kLargest + 1, std::size_t{1} << 22}) {
    void* const memory = allocate_block(bytes);
    CHECK(reinterpret_cast<std::uintptr_t>(memory) % kCacheLine == 0);  // NOLINT: where it lies
    std::memset(memory, 1, bytes);
    free_block(memory, bytes);
  }
}

}  // namespace dns
