// Images: open_image returns the zone that was written, and rejects every changed image.
#include "zone/image/image.h"

#include <bit>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/random_zones.h"
#include "tests/support/threads.h"
#include "tests/support/zone_dump.h"
#include "tests/support/zone_image.h"
#include "tests/support/zone_meaning.h"
#include "zone/build/builder.h"
#include "zone/file/load.h"
#include "zone/image/checksum.h"
#include "zone/snapshot/change.h"

namespace dns {
namespace {

const ImageOptions kOptions{.label = "test 1", .metadata = {1, 2, 3}, .block = test::kImageBlock};

using test::Octets;

Octets image_of(const Zone& zone, const ImageOptions& options = kOptions) {
  Octets image = test::image_of(zone, options);
  REQUIRE_FALSE(image.empty());
  return image;
}

test::OpenedImage open(const Octets& image, std::string_view label = "test 1", const ParallelExecutor& parallel = {}) {
  return test::open(image, label, parallel);
}

std::shared_ptr<const Zone> small_zone() {
  FakeFiles files;
  files.files["z"] =
      "$TTL 60\n@ SOA ns root 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\nwww A 192.0.2.1\nsub NS ns\n*.w TXT \"x\"\n";
  Diagnostics diagnostics;
  return load_zone(*parse_name("example."), "z", files, diagnostics).zone;
}

}  // namespace

// The checksum as zone/image/checksum.h defines it, one word at a time.
Checksum slow_checksum(Bytes octets) {
  constexpr std::uint64_t kKeys[8] = {0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89,
                                      0x452821e638d01377, 0xbe5466cf34e90c6c, 0xc0ac29b7c97c50dd, 0x3f84d5b5b5470917};
  Octets whole(octets.begin(), octets.end());
  while (whole.size() % 64 != 0) whole.push_back(0);
  std::uint64_t sums[8] = {};
  for (std::size_t at = 0; at < whole.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, &whole[at], 8);
    const std::uint64_t mixed = word ^ (kKeys[at / 8 % 8] + at / 64 * 0x9e3779b97f4a7c15);
    sums[at / 8 % 8] += (mixed & 0xffffffff) * (mixed >> 32);
    sums[(at / 8 % 8) ^ 1] += word;
  }
  std::uint64_t ends[2] = {octets.size(), ~std::uint64_t{octets.size()}};
  for (std::size_t i = 0; i < 8; ++i) {
    ends[i % 2] = (ends[i % 2] ^ sums[i]) * 0xd6e8feb86659fd93;
    ends[i % 2] ^= ends[i % 2] >> 32;
  }
  return {ends[0], ends[1]};
}

TEST_CASE("image: the checksum equals its definition at any address and length") {
  std::mt19937_64 random(7);
  Octets octets(1024);
  for (std::uint8_t& octet : octets) octet = static_cast<std::uint8_t>(random());
  for (std::size_t size = 0; size < 600; ++size) {
    const Bytes some = Bytes(octets).subspan(random() % 400, size);
    REQUIRE((checksum(some) == slow_checksum(some)));
  }
}

TEST_CASE("image: an opened image equals the zone that was written") {
  std::mt19937_64 random(20261123);
  std::size_t zones = 0;
  for (int round = 0; round < 200; ++round) {
    const test::RandomZones made = test::random_zones(random);
    for (const auto& zone : made.snapshot->zones()) {
      if (zone->root().is_null()) continue;
      ++zones;
      const auto opened = open(image_of(*zone)).zone;
      REQUIRE(opened != nullptr);
      CHECK(diff(*zone, *opened).empty());
      CHECK(diff(*opened, *zone).empty());
      CHECK(canonical_text(*opened) == canonical_text(*zone));
      CHECK(opened->serial() == zone->serial());
      CHECK(opened->totals().records == zone->totals().records);
      CHECK(opened->is_signed() == zone->is_signed());
      CHECK(opened->totals().bytes <= zone->totals().bytes);
      CHECK(image_of(*opened) == image_of(*zone));
    }
  }
  CHECK(zones > 100);
}

TEST_CASE("image: an opened image accepts changes and is written again without unused memory") {
  std::mt19937_64 random(4);
  std::size_t pairs = 0;
  const auto check_changes = [&](const Zone& a, const Zone& b) {
    if (a.root().is_null() || b.root().is_null() || !(a.apex() == b.apex())) return;
    ++pairs;
    auto zone = open(image_of(a)).zone;
    for (const Zone* target : {&b, &a, &b}) {
      const auto next = dns::apply(zone, diff(*zone, *target));
      REQUIRE(next.has_value());
      zone = *next;
      CHECK(diff(*zone, *target).empty());
    }
    const auto again = open(image_of(*zone)).zone;
    REQUIRE(again != nullptr);
    CHECK(diff(*again, b).empty());
    CHECK(again->totals().bytes < zone->totals().bytes);
  };
  for (int round = 0; round < 200; ++round) {
    const test::RandomZones some = test::random_zones(random), others = test::random_zones(random);
    for (const auto& a : some.snapshot->zones())
      for (const auto& b : others.snapshot->zones()) check_changes(*a, *b);
  }
  CHECK(pairs > 20);
}

TEST_CASE("image: detects every flipped bit") {
  const Octets image = image_of(*small_zone());
  REQUIRE(open(image).zone != nullptr);
  REQUIRE(image.size() < 4096);
  Octets damaged = image;
  std::size_t opened = 0;
  for (std::size_t bit = 0; bit < 8 * image.size(); ++bit) {
    damaged[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    opened += open(damaged).zone != nullptr ? 1 : 0;
    damaged[bit / 8] = image[bit / 8];
  }
  CHECK(opened == 0);
}

TEST_CASE("image: rejects a truncated image and an image with extra data") {
  Octets image = image_of(*small_zone());
  for (std::size_t size = 0; size < image.size(); ++size)
    CHECK(open(Octets(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size))).zone == nullptr);
  image.resize(image.size() + test::kImageBlock);
  CHECK(open(image).error == ImageError::kDamaged);
}

TEST_CASE("image: distinguishes foreign images from damaged images") {
  const Octets image = image_of(*small_zone());
  CHECK(open(image, "test 2").error == ImageError::kOtherFormat);
  Octets other = image;
  other[12] ^= 1;  // the format number
  CHECK(open(other).error == ImageError::kOtherFormat);
  other = image;
  std::swap(other[8], other[11]), std::swap(other[9], other[10]);  // the byte order
  CHECK(open(other).error == ImageError::kOtherMachine);
  CHECK(open(Octets(4096)).error == ImageError::kNoImage);
  CHECK(open({}).error == ImageError::kNoImage);
}

TEST_CASE("image: the header contains the metadata and the apex") {
  const Octets image = image_of(*small_zone());
  const auto head = read_image_header(Bytes(image).first(image_header_size(image)), image.size(), "test 1");
  REQUIRE(head.has_value());
  CHECK(equal(head->metadata, kOptions.metadata));
  CHECK(head->apex == small_zone()->apex());
  CHECK(head->words.offset % test::kImageBlock == 0);
}

TEST_CASE("image: a failed write ends write_image, and an empty zone has no image") {
  std::size_t blocks = 0;
  CHECK(!write_image(*small_zone(), kOptions, [&](std::uint64_t, Bytes) { return ++blocks < 2; }));
  CHECK(blocks == 2);
  CHECK(!write_image(*ZoneBuilder(*parse_name("example.")).finish().zone, kOptions,
                     [](std::uint64_t, Bytes) { return true; }));
}

TEST_CASE("image: several threads verify the same checksums as one thread") {
  ImageOptions options = kOptions;
  options.block = 64;
  const Octets image = image_of(*small_zone(), options);
  CHECK(open(image, "test 1", test::threads(3)).zone != nullptr);
  Octets damaged = image;
  damaged.back() ^= 1;
  CHECK(open(damaged, "test 1", test::threads(3)).error == ImageError::kDamaged);
}

// If this test fails, the content of images has changed. Increase kImageFormat, because older images would be read
// incorrectly. Then update the numbers below.
TEST_CASE("image: the content matches the format number") {
  if (std::endian::native != std::endian::little) return;
  const Checksum sum = checksum(image_of(*small_zone()));
  CHECK(kImageFormat == 2);
  CHECK(sum.first == 2237903605383528232U);
  CHECK(sum.second == 1236705719124104332U);
}

}  // namespace dns
