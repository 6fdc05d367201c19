#include "zone/base/suggest.h"

#include <algorithm>
#include <array>

#include "zone/base/ascii.h"

namespace dns {
namespace {

constexpr std::size_t kMaxWord = 40;
constexpr std::size_t kMaxEdits = 3;

// Optimal string alignment distance, computed with three rows.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::array<std::array<std::size_t, kMaxWord + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i - 1) % 3];
    const auto& above2 = rows[(i + 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto at = [](std::string_view word, std::size_t k) { return fold(static_cast<std::uint8_t>(word[k - 1])); };
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (at(a, i) == at(b, j) ? 0U : 1U)});
      if (i > 1 && j > 1 && at(a, i) == at(b, j - 1) && at(a, i - 1) == at(b, j))
        row[j] = std::min(row[j], above2[j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

std::string_view nearest_word(std::string_view typed, std::span<const std::string_view> candidates) {
  if (typed.empty() || typed.size() > kMaxWord) return {};
  std::string_view best;
  std::size_t best_distance = std::min(kMaxEdits, typed.size() / 3 + 1) + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kMaxWord) continue;
    const std::size_t distance = edit_distance(typed, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace dns
