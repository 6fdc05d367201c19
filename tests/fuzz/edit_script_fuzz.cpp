// Octets as a script of edits to a tree, compared with std::map: put, erase, commit, drop. Old versions do not change,
// and no storage remains at the end.
//
//     | operation 2, labels 2, ... | then for each label: an octet that selects the length and the value |
#include <map>

#include "zone/tree/edit.h"

namespace {

using Reference = std::map<dns::Name, std::uint32_t, dns::CanonicalLess>;

class Script {
 public:
  explicit Script(dns::Bytes octets) : octets_(octets) {}
  bool has_more() const { return !octets_.empty(); }
  std::uint8_t next() {
    if (octets_.empty()) return 0;
    const std::uint8_t octet = octets_.front();
    octets_ = octets_.subspan(1);
    return octet;
  }
  dns::Name name(unsigned labels) {
    std::vector<std::uint8_t> wire;
    for (; labels > 0; --labels) {
      const unsigned length = 1 + next() % 3;
      wire.push_back(static_cast<std::uint8_t>(length));
      for (unsigned i = 0; i < length; ++i) wire.push_back(next());
    }
    return *dns::join(wire, dns::NameView());
  }

 private:
  dns::Bytes octets_;
};

struct Version {
  std::uint64_t number = 0;
  dns::Node root;
  Reference reference;
};

class Trees {
 public:
  Trees() { versions_.push_back({line_.add({}, {}), {}, {}}); }

  void edit(Script& script) {
    dns::TreeEdit edit(store_, versions_.back().root);
    Reference reference = versions_.back().reference;
    std::uint8_t operation = 0;
    do {
      operation = script.next();
      const dns::Name name = script.name(operation >> 2 & 3);
      const dns::Key key(name);
      if ((operation & 3) == 0) {
        dns::require(edit.erase(dns::KeyTail(key)) == (reference.erase(name) == 1),
                     "erase finds exactly the existing names");
      } else if ((operation & 3) != 3) {
        const std::uint32_t detail = operation;
        edit.put(dns::KeyTail(key),
                 dns::Node::leaf(0, store_.allocate_record(name.view().bytes().first(name.size() - 1), detail, 0)));
        reference[name] = detail;
      }
    } while ((operation & 3) != 3 && script.has_more());
    dns::TreeEdit::Outcome outcome = edit.commit();
    const std::uint64_t number = line_.add(std::move(outcome.made), std::move(outcome.retired));
    versions_.push_back({number, outcome.root, std::move(reference)});
    if ((operation & 16) != 0) drop(versions_.size() - 1);  // drops the new version at once
    while (versions_.size() > 3) drop(operation >> 6 & 1);
  }

  void check() const {
    for (const Version& version : versions_) {
      auto expected = version.reference.begin();
      dns::visit_leaves(store_, version.root, [&](dns::Node leaf) {
        dns::require(expected != version.reference.end() && store_.detail(leaf) == expected->second,
                     "the tree contains only the map's names");
        ++expected;
        return true;
      });
      dns::require(expected == version.reference.end(), "the tree contains all of the map's names");
    }
  }

  void end() {
    dns::TreeEdit edit(store_, versions_.back().root);
    for (const auto& [name, detail] : versions_.back().reference) {
      const dns::Key key(name);
      dns::require(edit.erase(dns::KeyTail(key)), "erase finds every name of the map");
    }
    dns::TreeEdit::Outcome outcome = edit.commit();
    dns::require(outcome.root.is_null(), "the tree is empty after the last erase");
    versions_.push_back({line_.add(std::move(outcome.made), std::move(outcome.retired)), outcome.root, {}});
    while (versions_.size() > 1) drop(0);
    dns::require(store_.live_cells() == 0 && store_.live_words() == 0, "no storage remains");
  }

 private:
  void drop(std::size_t index) {
    line_.drop(versions_[index].number, [this](dns::NodeList&& garbage) {
      for (const dns::CellRun& run : garbage.cells) store_.free_cells(run.ref, run.count);
      for (const dns::Node leaf : garbage.leaves)
        store_.free_words(leaf.ref(), dns::TreeStore::head_words(store_.owner(leaf).size()));
    });
    versions_.erase(versions_.begin() + static_cast<std::ptrdiff_t>(index));
  }

  dns::TreeStore store_;
  dns::VersionHistory line_;
  std::vector<Version> versions_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script({data, size});
  Trees trees;
  while (script.has_more()) {
    trees.edit(script);
    trees.check();
  }
  trees.end();
  return 0;
}
