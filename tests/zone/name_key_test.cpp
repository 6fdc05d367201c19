// The order of keys is the canonical order of names. A KeyTail equals the key of the labels below the apex.
#include <algorithm>

#include <doctest/doctest.h>

#include "tests/support/random_names.h"
#include "zone/base/ascii.h"
#include "zone/name/key.h"
#include "zone/name/text.h"

namespace dns {
namespace {

int order(const Key& a, const Key& b) {
  for (std::size_t at = 0; at < std::max(a.size, b.size); ++at)
    if (a[at] != b[at]) return a[at] < b[at] ? -1 : 1;
  return 0;
}

int sign(std::strong_ordering ordering) { return ordering < 0 ? -1 : ordering > 0 ? 1 : 0; }

}  // namespace

TEST_CASE("key: key order equals canonical order for a million random pairs of names") {
  test::Random random(4034);
  std::vector<Name> names;
  std::vector<Key> keys;
  for (int i = 0; i < 1000; ++i) {
    names.push_back(test::random_name(random, 6));
    keys.emplace_back(names.back());
  }
  std::size_t wrong = 0, equal = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (std::size_t j = 0; j < names.size(); ++j) {
      const int by_name = sign(canonical_order(names[i], names[j]));
      wrong += order(keys[i], keys[j]) != by_name;
      equal += by_name == 0;
    }
  }
  CHECK(wrong == 0);
  CHECK(equal > names.size());  // some names differ only in case
}

TEST_CASE("key: every pair of octets keeps its order, without case") {
  for (unsigned a = 0; a < 256; ++a) {
    for (unsigned b = 0; b < 256; ++b) {
      const std::uint8_t x[] = {2, 'm', static_cast<std::uint8_t>(a), 0},
                         y[] = {2, 'm', static_cast<std::uint8_t>(b), 0};
      const int folded = fold(x[2]) < fold(y[2]) ? -1 : fold(x[2]) > fold(y[2]) ? 1 : 0;
      REQUIRE(order(Key(NameView::trusted(x, 4)), Key(NameView::trusted(y, 4))) == folded);
    }
  }
}

TEST_CASE("key: the longest names fit into a key") {
  std::vector<std::uint8_t> wire;
  for (const std::size_t label : {63U, 63U, 63U, 61U}) {
    wire.push_back(static_cast<std::uint8_t>(label));
    wire.insert(wire.end(), label, 0xff);  // two symbols each
  }
  wire.push_back(0);
  REQUIRE(wire.size() == kMaxName);
  const Key wide(NameView::trusted(wire.data()));
  CHECK(wide.size == 2 * 250 + 4);
  CHECK(wide.size <= kMaxKey);
  CHECK(wide[wide.size] == kLabelEnd);

  std::vector<std::uint8_t> deep;
  for (std::size_t i = 0; i < kMaxLabels; ++i) deep.insert(deep.end(), {1, 'a'});
  deep.push_back(0);
  const Key many(NameView::trusted(deep.data()));
  CHECK(many.labels == kMaxLabels);
  CHECK(many.size == 2 * kMaxLabels);
}

namespace {

void check_same(const KeyTail& tail, const Key& expected, Bytes relative) {
  REQUIRE(tail.size() == expected.size);
  REQUIRE(std::ranges::equal(tail.symbols(), std::span(expected.symbols.data(), expected.size)));
  REQUIRE(tail.labels() == expected.labels);
  REQUIRE(equal_fold(tail.folded(), relative));
  for (std::size_t count = 0; count <= tail.labels(); ++count) {
    REQUIRE(tail.end_of(count) == expected.end_of(count));
    REQUIRE(tail.label_starts_at(tail.end_of(count)));
    REQUIRE(tail.labels_within(tail.end_of(count)) == count);
  }
}

}  // namespace

TEST_CASE("key: the tail below an apex equals the key of the relative labels") {
  test::Random random(2);
  for (int round = 0; round < 5000; ++round) {
    const Name apex = test::random_name(random, 3);
    const Name name = test::random_name(random, 4, apex);
    const Bytes relative = name.view().bytes().first(name.size() - apex.size());
    const Key whole(name);
    Key expected;
    expected.assign_labels(relative);
    Key finished;
    finished.begin(name);
    finished.finish(name, ApexExtent(apex));
    check_same(KeyTail(finished, ApexExtent(apex)), expected, relative);
    check_same(KeyTail(whole, ApexExtent(apex)), expected, relative);
  }
}

}  // namespace dns
