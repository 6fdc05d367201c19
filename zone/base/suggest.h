// "Did you mean": the nearest of a closed set of words to what was typed.
#pragma once

#include <span>
#include <string_view>

namespace dns {

// The candidate with the smallest edit distance (insert, delete, replace, swap of neighbours; case ignored) to `typed`,
// or an empty view where none is near: more than a third of the word, or more than 3 edits. O(candidates x length^2).
std::string_view nearest_word(std::string_view typed, std::span<const std::string_view> candidates);

}  // namespace dns
