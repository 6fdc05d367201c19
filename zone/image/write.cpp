#include <algorithm>

#include "zone/image/format.h"
#include "zone/image/image.h"
#include "zone/snapshot/storage.h"

namespace dns {
namespace {

using image_format::Header;

// Counts the words and cells of a version, and collects the RRset bodies that its leaves refer to.
class ImageCounter {
 public:
  explicit ImageCounter(const ZoneStorage& storage) : storage_(storage) {}

  void visit(Node node) {
    if (node.is_leaf()) return visit_leaf(node);
    cells_ += node.twigs();
    for (unsigned place = 0; place < node.twigs(); ++place) visit(storage_.tree().twig(node, place));
  }
  // A second tree over the same leaves.
  void visit_branches(Node node) {
    if (!node.is_branch()) return;
    cells_ += node.twigs();
    for (unsigned place = 0; place < node.twigs(); ++place) visit_branches(storage_.tree().twig(node, place));
  }

  std::uint64_t cells() const { return cells_; }
  std::uint64_t leaf_words() const { return leaf_words_; }
  // The bodies of all entries of all leaves. A shared body is listed once for each reference.
  std::vector<std::uint32_t> take_bodies() { return std::move(bodies_); }

 private:
  void visit_leaf(Node leaf) {
    leaf_words_ += storage_.words_of_leaf(leaf);
    for (std::size_t index = 0; index < storage_.set_count(leaf); ++index)
      bodies_.push_back(storage_.entry(leaf, index).body);
  }

  const ZoneStorage& storage_;
  std::uint64_t cells_ = 0, leaf_words_ = 0;
  std::vector<std::uint32_t> bodies_;
};

// Maps the position of a body to the position of its copy. Copies lie side by side, in the order of the originals.
class BodyMap {
 public:
  BodyMap(const ZoneStorage& storage, std::vector<std::uint32_t> references) {
    std::ranges::sort(references);
    for (std::size_t at = 0; at < references.size();) {
      const std::uint32_t body = references[at];
      std::size_t end = at + 1;
      while (end < references.size() && references[end] == body) ++end;
      all_.push_back({body, static_cast<std::uint32_t>(end - at), words_});
      words_ += storage.words_of_body(body);
      at = end;
    }
    index();
  }

  struct Body {
    std::uint32_t original, references;
    std::uint64_t copy;
  };
  const std::vector<Body>& all() const { return all_; }
  std::uint64_t words() const { return words_; }

  std::uint64_t copy_of(std::uint32_t original) const {
    std::size_t at = first_from_[original >> kShift];
    while (all_[at].original != original) ++at;
    return all_[at].copy;
  }

 private:
  // A body has at least four words: only a few bodies begin within 2^kShift words.
  static constexpr unsigned kShift = 6;

  void index() {
    for (std::size_t at = 0; at < all_.size(); ++at)
      while (first_from_.size() <= all_[at].original >> kShift) first_from_.push_back(static_cast<std::uint32_t>(at));
  }

  std::vector<Body> all_;
  std::vector<std::uint32_t> first_from_;  // index: the first body at or behind each multiple of 2^kShift words
  std::uint64_t words_ = 0;
};

// Writes one part of an image, from its beginning to its end.
class PartWriter {
 public:
  PartWriter(std::uint64_t offset, std::uint64_t size, std::size_t block, const ImageSink& sink)
      : offset_(offset), end_(offset + size), block_(block), sink_(sink) {
    octets_.reserve(block);
  }

  void add(const void* from, std::size_t size) {
    const auto* octets = static_cast<const std::uint8_t*>(from);
    while (size != 0) {
      const std::size_t step = std::min(size, block_ - octets_.size());
      octets_.insert(octets_.end(), octets, octets + step);
      octets += step;
      size -= step;
      if (octets_.size() == block_) put();
    }
  }
  // False if the sink stopped.
  bool finish() {
    while (fits_ && offset_ < end_) {
      octets_.resize(block_);
      put();
    }
    return fits_;
  }
  const std::vector<Checksum>& checksums() const { return checksums_; }

 private:
  void put() {
    require(offset_ < end_, "an image has the size that was counted");
    checksums_.push_back(checksum(octets_));
    fits_ = fits_ && sink_(offset_, octets_);
    offset_ += block_;
    octets_.clear();
  }

  std::uint64_t offset_, end_;
  std::size_t block_;
  const ImageSink& sink_;
  bool fits_ = true;
  std::vector<std::uint8_t> octets_;
  std::vector<Checksum> checksums_;
};

// Copies bodies first, then leaves and branches from left to right, each branch behind everything below it; the tree of
// hashes last.
class Copier {
 public:
  Copier(const ZoneStorage& storage, const BodyMap& bodies, PartWriter& words, PartWriter& cells)
      : storage_(storage), bodies_(bodies), words_(words), cells_(cells), next_word_(bodies.words()) {}

  void copy_bodies() {
    for (const BodyMap::Body& body : bodies_.all()) {
      const std::uint32_t* const from = storage_.tree().words_at(body.original);
      // The reference count in front is not copied: the writer changes it while this reads.
      scratch_.assign(from + 1, from + storage_.words_of_body(body.original));
      words_.add(&body.references, sizeof body.references);
      words_.add(scratch_.data(), scratch_.size() * sizeof scratch_[0]);
    }
  }

  Node copy_names(Node node) {
    return copy(node, [this](Node leaf) { return copy_leaf(leaf); });
  }
  // The tree of hashes, after that of the names. Both have their leaves in the same order.
  Node copy_hashes(Node node) {
    if (node.is_null()) return node;
    auto from = hashed_.begin();
    return copy(node, [&from](Node leaf) {
      while (from->original.ref() != leaf.ref()) ++from;
      return from->copy;
    });
  }

 private:
  struct CopiedLeaf {
    Node original, copy;
  };

  template <class CopyLeaf>
  Node copy(Node node, const CopyLeaf& copy_leaf) {
    if (node.is_leaf()) return copy_leaf(node);
    std::array<Node, kSymbols> twigs;
    for (unsigned place = 0; place < node.twigs(); ++place)
      twigs[place] = copy(storage_.tree().twig(node, place), copy_leaf);
    cells_.add(twigs.data(), node.twigs() * sizeof(Node));
    next_cell_ += node.twigs();
    return node.first_twigs_at(static_cast<std::uint32_t>(next_cell_ - node.twigs()));
  }

  Node copy_leaf(Node leaf) {
    const std::uint32_t* const from = storage_.tree().words_at(leaf.ref());
    scratch_.assign(from, from + storage_.words_of_leaf(leaf));
    const std::size_t entries = storage_.set_count(leaf);
    for (std::size_t index = 0; index < entries; ++index) {
      std::uint32_t& body = scratch_[scratch_.size() - (entries - index) * ZoneStorage::kEntryWords + 1];
      body = static_cast<std::uint32_t>(bodies_.copy_of(body));
    }
    words_.add(scratch_.data(), scratch_.size() * sizeof scratch_[0]);
    next_word_ += scratch_.size();
    const Node copied = Node::leaf(leaf.marks(), static_cast<std::uint32_t>(next_word_ - scratch_.size()));
    if ((leaf.marks() & kMarkNsec3) != 0) hashed_.push_back({leaf, copied});
    return copied;
  }

  const ZoneStorage& storage_;
  const BodyMap& bodies_;
  PartWriter& words_;
  PartWriter& cells_;
  std::uint64_t next_word_, next_cell_ = 0;
  std::vector<std::uint32_t> scratch_;
  std::vector<CopiedLeaf> hashed_;  // owners of NSEC3 records, in canonical order
};

// The head as whole blocks: `head`, the apex, label and metadata, and the checksums.
std::vector<std::uint8_t> whole_head(const Header& head, const Zone& zone, const ImageOptions& options,
                                     const PartWriter& words, const PartWriter& cells) {
  std::vector<std::uint8_t> octets(head.head_size);
  std::uint8_t* to = octets.data();
  const auto put = [&to](const void* from, std::size_t size) {
    if (size != 0) std::memcpy(to, from, size);
    to += size;
  };
  put(&head, sizeof head);
  put(zone.apex().data(), head.apex_size);
  put(options.label.data(), head.label_size);
  put(options.metadata.data(), head.metadata_size);
  to = octets.data() + image_format::table_offset(head);
  for (const PartWriter* part : {&words, &cells})
    put(part->checksums().data(), part->checksums().size() * sizeof(Checksum));
  const Checksum sum = checksum(Bytes(octets).subspan(image_format::kChecksumStart));
  std::memcpy(octets.data() + offsetof(Header, sum), &sum, sizeof sum);
  return octets;
}

}  // namespace

bool write_image(const Zone& zone, const ImageOptions& options, const ImageSink& sink) {
  if (zone.root().is_null()) return false;
  const ZoneStorage& storage = *zone.storage();
  ImageCounter counter(storage);
  const Node hashes = zone.trees().roots.second;
  counter.visit(zone.root());
  counter.visit_branches(hashes);
  const BodyMap bodies(storage, counter.take_bodies());

  Header head;
  head.format = kImageFormat;
  head.block = options.block;
  head.word_count = bodies.words() + counter.leaf_words();
  head.cell_count = counter.cells();
  if (head.word_count > image_format::kMaxElements || head.cell_count > image_format::kMaxElements) return false;
  head.records = zone.totals().records;
  head.sets = zone.totals().sets;
  head.names = zone.totals().names;
  head.apex_size = static_cast<std::uint32_t>(zone.apex().size());
  head.label_size = static_cast<std::uint32_t>(options.label.size());
  head.metadata_size = static_cast<std::uint32_t>(options.metadata.size());
  head.head_size = image_format::whole_head_size(head);
  head.image_size = head.head_size + image_format::words_size(head) + image_format::cells_size(head);

  PartWriter words(head.head_size, image_format::words_size(head), options.block, sink);
  PartWriter cells(head.head_size + image_format::words_size(head), image_format::cells_size(head), options.block,
                   sink);
  Copier copier(storage, bodies, words, cells);
  copier.copy_bodies();
  head.root = copier.copy_names(zone.root());
  head.nsec3_root = copier.copy_hashes(hashes);
  if (!words.finish() || !cells.finish()) return false;
  return sink(0, whole_head(head, zone, options, words, cells));
}

}  // namespace dns
