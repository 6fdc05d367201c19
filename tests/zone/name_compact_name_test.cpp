#include <utility>

#include <doctest/doctest.h>

#include "zone/name/compact_name.h"
#include "zone/name/text.h"

TEST_CASE("a kept name is a value of the name that it was made of") {
  const dns::CompactName root, kept = *dns::parse_name("www.Example.");
  CHECK(root.view().is_root());
  CHECK(dns::to_text(kept) == "www.Example.");
  CHECK(kept == *dns::parse_name("WWW.example."));
  CHECK(!(kept == root));
  dns::CompactName copy = kept, other = root;
  other = copy;
  CHECK(other == kept);
  other = std::move(copy);
  CHECK(other == kept);
  CHECK(copy.view().is_root());  // NOLINT: it says so
  other = dns::CompactName(dns::NameView());
  CHECK(other == root);
}
