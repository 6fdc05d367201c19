#include <utility>

#include <doctest/doctest.h>

#include "zone/name/compact_name.h"
#include "zone/name/text.h"

TEST_CASE("compact name: copies, moves and compares like the name it was made from") {
  const dns::CompactName root, compact = *dns::parse_name("www.Example.");
  CHECK(root.view().is_root());
  CHECK(dns::to_text(compact) == "www.Example.");
  CHECK(compact == *dns::parse_name("WWW.example."));
  CHECK(!(compact == root));
  dns::CompactName copy = compact, other = root;
  other = copy;
  CHECK(other == compact);
  other = std::move(copy);
  CHECK(other == compact);
  CHECK(copy.view().is_root());  // NOLINT: the moved-from state is defined
  other = dns::CompactName(dns::NameView());
  CHECK(other == root);
}
