#include "zone/snapshot/assemble.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "zone/base/ascii.h"
#include "zone/tree/bulk.h"

namespace dns {
namespace {

constexpr std::size_t kLeafOctets = 20;           // of work, against those that are worth a part
constexpr std::size_t kBucketsEach = 16;          // a worker, at least: so that none waits long for the last
constexpr std::size_t kBucketLeaves = 65536;      // and no more leaves than this in one, as a rule: they are sorted near the cache
constexpr std::size_t kMaxBuckets = 256;
constexpr std::size_t kSampleEach = 32;           // a bucket

// A subtree that lies in one bucket, and how it parts from the leaf before it.
struct Group {
  Fork fork;
  Node root;
};

struct Bucket {
  std::span<LooseLeaf> leaves;
  std::vector<Group> groups;
  std::vector<ZoneBuilder::Late> late;
  std::vector<Node> merged;
  ZoneTotals totals;
  std::size_t largest = 0;
  bool late_across_runs = false;
};

// Where buckets part: each but the first begins with one of these.
class Borders {
 public:
  // Of parts in ascending order, each once. Near each even division that is taken at which neighbours part earliest.
  Borders(std::span<const KeyPart> sample, std::size_t buckets) {
    const std::size_t leeway = std::max<std::size_t>(1, sample.size() / (buckets * 4));
    for (std::size_t bucket = 1; bucket < buckets; ++bucket) {
      const std::size_t middle = bucket * sample.size() / buckets;
      std::size_t first = KeyPart::kSize;
      KeyPart border;
      for (std::size_t at = std::max<std::size_t>(1, middle - std::min(middle, leeway)); at < std::min(sample.size(), middle + leeway); ++at) {
        const std::size_t common = sample[at - 1].common(sample[at]);
        if (common >= first) continue;
        first = common;
        border = sample[at].first(common + 1);
      }
      if (first < KeyPart::kSize && (parts_.empty() || parts_.back() < border)) parts_.push_back(border);
    }
  }

  std::size_t buckets() const { return parts_.size() + 1; }
  // Without a branch that the order of the leaves decides.
  std::size_t bucket_of(const KeyPart& part) const {
    std::size_t first = 0;
    for (std::size_t count = parts_.size(); count > 0;) {
      const std::size_t half = (count + 1) / 2;
      const KeyPart& middle = parts_[first + half - 1];
      const bool behind = (middle.high < part.high) | ((middle.high == part.high) & (middle.low <= part.low));
      first += behind ? half : 0;
      count -= half;
    }
    return first;
  }

 private:
  std::vector<KeyPart> parts_;
};

bool same_owner(const TreeStore& store, const LooseLeaf& a, const LooseLeaf& b) {
  return a.part == b.part && equal_fold(store.owner(a.leaf()), store.owner(b.leaf()));
}

class Assembler {
 public:
  Assembler(ZoneStorage& storage, const Workers& workers, const Together& together)
      : storage_(storage), store_(storage.tree()), workers_(workers), together_(together) {}

  Assembled run(std::vector<LooseLeaves> runs) {
    gather(std::move(runs));
    together_(buckets_.size(), [this](std::size_t at) { order(buckets_[at]); });
    workers_.end_bodies();
    std::erase_if(buckets_, [](const Bucket& bucket) { return bucket.leaves.empty(); });
    together_(buckets_.size(), [this](std::size_t at) { grow(at); });
    return join();
  }

 private:
  void gather(std::vector<LooseLeaves> runs);
  Borders borders(const std::vector<LooseLeaves>& runs, std::size_t size) const;
  void scatter(std::vector<LooseLeaves> runs, const Borders& borders);
  void order(Bucket& bucket);
  void grow(std::size_t at);
  Assembled join();

  ZoneStorage& storage_;
  const TreeStore& store_;
  const Workers& workers_;
  const Together& together_;
  LeafRow all_;
  std::vector<Bucket> buckets_;
};

void Assembler::gather(std::vector<LooseLeaves> runs) {
  const std::size_t size = std::accumulate(runs.begin(), runs.end(), std::size_t{0},
                                           [](std::size_t sum, const LooseLeaves& run) { return sum + run.size(); });
  all_ = LeafRow(size);
  if (size * kLeafOctets >= together_.least) {
    const Borders between = borders(runs, size);
    return scatter(std::move(runs), between);
  }
  LooseLeaf* next = all_.leaves().data();
  for (LooseLeaves& run : runs) run.take_each([&](const LooseLeaf& leaf) { *next++ = leaf; });
  buckets_.resize(1);
  buckets_.front().leaves = all_.leaves();
}

Borders Assembler::borders(const std::vector<LooseLeaves>& runs, std::size_t size) const {
  const std::size_t buckets = std::min(kMaxBuckets, std::max(kBucketsEach * together_.width, size / kBucketLeaves));
  const std::size_t step = std::max<std::size_t>(1, size / (buckets * kSampleEach));
  std::vector<KeyPart> sample;
  std::size_t until_next = step / 2;
  for (const LooseLeaves& run : runs) {
    run.for_each([&](const LooseLeaf& leaf) {
      if (until_next-- > 0) return;
      sample.push_back(leaf.part);
      until_next = step - 1;
    });
  }
  std::ranges::sort(sample);
  const auto [same, end] = std::ranges::unique(sample);
  sample.erase(same, end);
  return Borders(sample, buckets);
}

void Assembler::scatter(std::vector<LooseLeaves> runs, const Borders& borders) {
  const std::size_t buckets = borders.buckets();
  std::vector<std::vector<std::size_t>> places(runs.size());   // of each run in each bucket: first how many, then where
  together_(runs.size(), [&](std::size_t run) {
    std::vector<std::size_t> counts(buckets);
    runs[run].for_each([&](const LooseLeaf& leaf) { ++counts[borders.bucket_of(leaf.part)]; });
    places[run] = std::move(counts);
  });
  std::vector<std::size_t> begins(buckets + 1);
  std::size_t sum = 0;
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
    begins[bucket] = sum;
    for (std::vector<std::size_t>& run : places) sum += std::exchange(run[bucket], sum);
  }
  begins[buckets] = sum;
  const std::span<LooseLeaf> all = all_.leaves();
  together_(runs.size(), [&](std::size_t run) {
    std::vector<std::size_t> next = std::move(places[run]);
    runs[run].take_each([&](const LooseLeaf& leaf) { all[next[borders.bucket_of(leaf.part)]++] = leaf; });
  });
  buckets_.resize(buckets);
  for (std::size_t bucket = 0; bucket < buckets; ++bucket)
    buckets_[bucket].leaves = all.subspan(begins[bucket], begins[bucket + 1] - begins[bucket]);
}

// Sorts, and makes one leaf of each owner's.
void Assembler::order(Bucket& bucket) {
  sort_leaves(store_, bucket.leaves);
  std::unique_ptr<LeafMaker> maker;
  const std::span<LooseLeaf> leaves = bucket.leaves;
  std::size_t kept = 0;
  for (std::size_t first = 0, last = 0; first < leaves.size(); first = last) {
    last = first + 1;
    while (last < leaves.size() && same_owner(store_, leaves[first], leaves[last])) ++last;
    LooseLeaf leaf = leaves[first];
    if (last - first > 1) {
      if (maker == nullptr) maker = workers_.make();
      const std::size_t before = bucket.late.size();
      const bool across = leaves[first].run != leaves[last - 1].run;
      leaf = maker->merge(leaves.subspan(first, last - first), bucket.late, bucket.merged);
      if (across && bucket.late.size() != before) bucket.late_across_runs = true;
    }
    leaves[kept++] = leaf;
  }
  bucket.leaves = leaves.first(kept);
  if (maker == nullptr) return;
  const LeafMaker::Made made = maker->end();
  bucket.totals = made.totals;
  bucket.largest = made.largest;
}

// The subtrees of a bucket: all that decides beyond the symbols at which it parts from its neighbours.
void Assembler::grow(std::size_t at) {
  Bucket& bucket = buckets_[at];
  const std::span<const LooseLeaf> leaves = bucket.leaves;
  const auto fork_before = [&](const Bucket& right) { return fork_of(store_, (&right - 1)->leaves.back(), right.leaves.front()); };
  const Fork first = at == 0 ? Fork{} : fork_before(bucket);
  long limit = at == 0 ? -1 : static_cast<long>(first.common);
  if (at + 1 < buckets_.size()) limit = std::max(limit, static_cast<long>(fork_before(buckets_[at + 1]).common));

  const std::unique_ptr<LeafMaker> maker = workers_.make();
  BulkTree tree(maker->room());
  Fork begun = first;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const Fork fork = i == 0 ? first : fork_of(store_, leaves[i - 1], leaves[i]);
    if (i > 0 && static_cast<long>(fork.common) <= limit) {
      bucket.groups.push_back({begun, tree.finish()});
      begun = fork;
    }
    tree.add(fork, leaves[i].leaf());
  }
  bucket.groups.push_back({begun, tree.finish()});
}

Assembled Assembler::join() {
  Assembled assembled;
  const std::unique_ptr<LeafMaker> maker = workers_.make();
  BulkTree tree(maker->room());
  for (Bucket& bucket : buckets_) {
    for (const Group& group : bucket.groups) tree.add(group.fork, group.root);
    assembled.merged.records += bucket.totals.records;
    assembled.merged.sets += bucket.totals.sets;
    assembled.merged.names += bucket.totals.names;
    assembled.largest = std::max(assembled.largest, bucket.largest);
    assembled.late.insert(assembled.late.end(), bucket.late.begin(), bucket.late.end());
    assembled.late_across_runs = assembled.late_across_runs || bucket.late_across_runs;
    // Only now: until here the table of bodies could have found one that a replaced leaf was the last to refer to.
    for (const Node leaf : bucket.merged) storage_.free_leaf(leaf);
  }
  assembled.root = tree.finish();
  return assembled;
}

}  // namespace

bool is_shared(std::size_t leaves, const Together& together) {
  return together.width > 1 && leaves * kLeafOctets >= together.least;
}

Assembled assemble(ZoneStorage& storage, std::vector<LooseLeaves> runs, const Workers& workers, const Together& together) {
  return Assembler(storage, workers, together).run(std::move(runs));
}

}  // namespace dns
