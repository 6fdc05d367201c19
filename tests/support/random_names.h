// Names for random tests. They have few different labels, so that names are often ancestors, siblings and wildcards of
// each other. Some labels have octets that need two symbols, some have capitals, and some are prefixes of others.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "zone/name/name.h"

namespace dns::test {

using Random = std::mt19937_64;

inline std::size_t below(Random& random, std::size_t bound) { return static_cast<std::size_t>(random() % bound); }

// Length-prefixed labels without the root octet.
using Labels = std::vector<std::uint8_t>;

inline void prepend_label(Labels& labels, std::string_view label) {
  Labels whole{static_cast<std::uint8_t>(label.size())};
  for (const char c : label) whole.push_back(static_cast<std::uint8_t>(c));
  whole.insert(whole.end(), labels.begin(), labels.end());
  labels = std::move(whole);
}

inline std::string random_label(Random& random) {
  static const std::string few[] = {
      "*",    "a", "A",  "b",    "ab", "aB", "*a", "www", "_x", "-", std::string("\0", 1), std::string("a\0", 2),
      "\xff", "{", "@.", "z\x80"};
  if (below(random, 8) != 0) return few[below(random, std::size(few))];
  std::string label(1 + below(random, 63), 'x');
  for (char& c : label) c = static_cast<char>(random());
  return label;
}

// Up to `depth` labels before `under`.
inline Name random_name(Random& random, std::size_t depth, NameView under = {}) {
  Labels labels;
  for (std::size_t count = below(random, depth + 1); count > 0; --count) {
    const std::string label = random_label(random);
    if (labels.size() + label.size() + 1 + under.size() > kMaxName) break;
    prepend_label(labels, label);
  }
  return *join(labels, under);
}

}  // namespace dns::test
