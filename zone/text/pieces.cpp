#include "zone/text/pieces.h"

#include <algorithm>

#include "zone/text/scan.h"

namespace dns {
namespace {

constexpr std::size_t kMinPieces = 4;   // shorter texts are not split
constexpr std::size_t kHeadShare = 16;  // a head has at least this fraction of a piece; it usually contains the SOA

// The offset behind the last '$' that begins a line, in a text whose first line begins at 0.
std::uint64_t end_of_directives(std::string_view text) {
  std::uint64_t end = 0;
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1))
    if (at == 0 || text[at - 1] == '\n') end = at + 1;
  return end;
}

}  // namespace

std::size_t find_owner_line(std::string_view text, std::size_t at) {
  for (std::size_t end = text.find('\n', at); end != std::string_view::npos; end = text.find('\n', end + 1)) {
    const std::size_t begin = end + 1;
    if (begin == text.size()) break;
    const char c = text[begin];
    if (!is_blank(c) && c != '\n' && c != ';' && c != '(' && c != ')' && c != '"') return begin;
  }
  return std::string_view::npos;
}

std::size_t head_end(std::string_view first_part) {
  if (first_octet(first_part) != 0) return std::string_view::npos;
  return find_owner_line(first_part,
                         std::max<std::size_t>(first_part.size() / kHeadShare, end_of_directives(first_part)));
}

std::vector<std::uint64_t> piece_borders(std::string_view text, std::size_t piece) {
  std::vector<std::uint64_t> borders;
  if (text.size() < kMinPieces * piece || first_octet(text) != 0) return borders;
  std::size_t at = find_owner_line(text, std::max<std::uint64_t>(piece / kHeadShare, end_of_directives(text)));
  while (at != std::string_view::npos) {
    borders.push_back(at);
    at = text.size() - at > piece ? find_owner_line(text, at + piece) : std::string_view::npos;
  }
  if (borders.size() < 2) borders.clear();
  return borders;
}

}  // namespace dns
