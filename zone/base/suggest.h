// "Did you mean": the word of a closed set that is nearest to the typed word.
#pragma once

#include <span>
#include <string_view>

namespace dns {

// The candidate with the smallest edit distance to `typed` (insert, delete, replace, swap of neighbours; case ignored),
// or an empty view if all are too far away: more than a third of the word, or more than 3 edits. O(candidates x
// length^2).
std::string_view nearest_word(std::string_view typed, std::span<const std::string_view> candidates);

}  // namespace dns
