// Compares the tree with a std::map in canonical order.
#include <map>

#include <doctest/doctest.h>

#include "tests/support/random_names.h"
#include "zone/tree/bulk.h"
#include "zone/tree/edit.h"

namespace dns {
namespace {

using Reference = std::map<Name, std::uint32_t, CanonicalLess>;  // name -> detail of its record

Node make_record(TreeStore& store, const Name& name, std::uint32_t detail) {
  return Node::leaf(0, store.allocate_record(name.view().bytes().first(name.size() - 1), detail, 0));
}

std::vector<std::pair<std::string, std::uint32_t>> contents(const TreeStore& store, Node root) {
  std::vector<std::pair<std::string, std::uint32_t>> all;
  visit_leaves(store, root, [&](Node leaf) {
    all.emplace_back(as_text(store.owner(leaf)), store.detail(leaf));
    return true;
  });
  return all;
}

std::vector<std::pair<std::string, std::uint32_t>> contents(const Reference& reference) {
  std::vector<std::pair<std::string, std::uint32_t>> all;
  for (const auto& [name, detail] : reference)
    all.emplace_back(as_text(name.view().bytes().first(name.size() - 1)), detail);
  return all;
}

struct Version {
  std::uint64_t number;
  Node root;
  Reference reference;
};

// A tree with its version history, and a std::map with the expected content of each version.
struct VersionedTree {
  TreeStore store;
  VersionHistory history;
  std::vector<Version> versions{{0, {}, {}}};

  VersionedTree() { history.add({}, {}); }

  void edit(test::Random& random, std::size_t operations, bool only_erase) {
    TreeEdit edit(store, versions.back().root);
    Reference next = versions.back().reference;
    for (std::size_t i = 0; i < operations; ++i) {
      const bool known = !next.empty() && test::below(random, 3) != 0;
      const Name name =
          known ? std::next(next.begin(),
                            static_cast<std::ptrdiff_t>(test::below(random, std::min<std::size_t>(next.size(), 64))))
                      ->first
                : test::random_name(random, 4);
      const Key key(name);
      if (only_erase || test::below(random, 3) == 0) {
        REQUIRE(edit.erase(KeyTail(key)) == (next.erase(name) == 1));
      } else {
        const auto detail = static_cast<std::uint32_t>(test::below(random, 1 << 24));
        edit.put(KeyTail(key), make_record(store, name, detail));
        next.erase(name);  // the new record determines the case of the name
        next[name] = detail;
      }
    }
    TreeEdit::Outcome outcome = edit.commit();
    const std::uint64_t number = history.add(std::move(outcome.made), std::move(outcome.retired));
    versions.push_back({number, outcome.root, std::move(next)});
  }

  void drop(std::size_t index) {
    history.drop(versions[index].number, [&](NodeList&& garbage) {
      for (const CellRun& run : garbage.cells) store.free_cells(run.ref, run.count);
      for (const Node leaf : garbage.leaves)
        store.free_words(leaf.ref(), TreeStore::head_words(store.owner(leaf).size()));
    });
    versions.erase(versions.begin() + static_cast<std::ptrdiff_t>(index));
  }

  void check_all() const {
    for (const Version& version : versions) REQUIRE(contents(store, version.root) == contents(version.reference));
  }
};

}  // namespace

TEST_CASE("tree edit: equals a std::map, and old versions do not change") {
  test::Random random(20261122);
  VersionedTree tree;
  for (int round = 0; round < 600; ++round) {
    tree.edit(random, 1 + test::below(random, 100), false);
    while (tree.versions.size() > 4) tree.drop(test::below(random, 3));  // any version except the newest
    if (round % 7 == 0) tree.drop(tree.versions.size() - 1);             // a discarded edit
    if (round % 10 == 0) tree.check_all();
  }
  tree.check_all();
}

TEST_CASE("tree edit: deleting all names releases all cells and words") {
  test::Random random(7);
  VersionedTree tree;
  for (int round = 0; round < 100; ++round) tree.edit(random, 50, false);
  while (!tree.versions.back().reference.empty()) tree.edit(random, 40, true);
  tree.check_all();
  CHECK(tree.versions.back().root.is_null());
  while (tree.versions.size() > 1) tree.drop(0);
  CHECK(tree.store.live_cells() == 0);
  CHECK(tree.store.live_words() == 0);
}

TEST_CASE("tree edit: 100,000 edits of the same names use no more memory") {
  test::Random random(3);
  VersionedTree tree;
  tree.edit(random, 2000, false);
  tree.drop(0);
  std::uint64_t bytes_early = 0;
  std::vector<Name> names;
  for (const auto& [name, detail] : tree.versions.back().reference) names.push_back(name);
  for (int round = 0; round < 100'000; ++round) {
    const Name& name = names[test::below(random, names.size())];
    TreeEdit edit(tree.store, tree.versions.back().root);
    edit.put(KeyTail(Key(name)), make_record(tree.store, name, 1));
    TreeEdit::Outcome outcome = edit.commit();
    const std::uint64_t number = tree.history.add(std::move(outcome.made), std::move(outcome.retired));
    tree.versions.push_back({number, outcome.root, {}});
    tree.drop(0);
    if (round == 1000) bytes_early = tree.store.bytes();
  }
  CHECK(tree.store.bytes() <= bytes_early + 4096);
}

TEST_CASE("bulk tree: contains the same leaves as a std::map, for unsorted input") {
  test::Random random(11);
  for (std::size_t size : {0U, 1U, 2U, 3U, 50U, 3000U}) {
    Reference reference;
    while (reference.size() < size)
      reference.emplace(test::random_name(random, 5), static_cast<std::uint32_t>(reference.size()));
    TreeStore store;
    std::vector<UnsortedLeaf> leaves;
    for (const auto& [name, detail] : reference) {
      const Node leaf = make_record(store, name, detail);
      leaves.insert(leaves.begin() + static_cast<std::ptrdiff_t>(random() % (leaves.size() + 1)),
                    UnsortedLeaf::of(store.owner(leaf), leaf, 0));
    }
    sort_leaves(store, leaves);
    StoreAllocator allocator(store, nullptr);
    BulkTree bulk(allocator);
    for (std::size_t i = 0; i < leaves.size(); ++i)
      bulk.add(i == 0 ? BranchPoint{} : branch_point_of(store, leaves[i - 1], leaves[i]), leaves[i].leaf());
    CHECK(contents(store, bulk.finish()) == contents(reference));
  }
}

}  // namespace dns
