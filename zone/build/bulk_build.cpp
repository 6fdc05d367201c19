#include "zone/build/bulk_build.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "zone/base/ascii.h"
#include "zone/tree/bulk.h"

namespace dns {
namespace {

constexpr std::size_t kLeafOctets = 20;       // work per leaf, compared with ParallelExecutor::min_part_octets
constexpr std::size_t kBucketsEach = 16;      // at least, per worker: no worker waits long for the last bucket
constexpr std::size_t kBucketLeaves = 65536;  // leaves of a bucket, usually at most: sorting them stays in the cache
constexpr std::size_t kMaxBuckets = 256;
constexpr std::size_t kSampleEach = 32;  // leaves per bucket

// A subtree that lies in one bucket, and where it separates from the leaf before it.
struct Group {
  BranchPoint branch_point;
  Node root;
};

struct Bucket {
  std::span<UnsortedLeaf> leaves;
  std::vector<Group> groups;
  std::vector<ZoneBuilder::DeferredOutcome> deferred;
  std::vector<Node> merged;
  ZoneTotals totals;
  std::size_t largest = 0;
  bool deferred_across_runs = false;
};

// The bounds of buckets: each bucket but the first begins with one of these keys.
class BucketBounds {
 public:
  // `sample` ascends without duplicates. Near each even division, the bound is the place where neighbours separate
  // earliest.
  BucketBounds(std::span<const KeyPart> sample, std::size_t buckets) {
    const std::size_t leeway = std::max<std::size_t>(1, sample.size() / (buckets * 4));
    for (std::size_t bucket = 1; bucket < buckets; ++bucket) {
      const std::size_t middle = bucket * sample.size() / buckets;
      std::size_t first = KeyPart::kSize;
      KeyPart border;
      for (std::size_t at = std::max<std::size_t>(1, middle - std::min(middle, leeway));
           at < std::min(sample.size(), middle + leeway); ++at) {
        const std::size_t common = sample[at - 1].common(sample[at]);
        if (common >= first) continue;
        first = common;
        border = sample[at].first(common + 1);
      }
      if (first < KeyPart::kSize && (parts_.empty() || parts_.back() < border)) parts_.push_back(border);
    }
  }

  std::size_t buckets() const { return parts_.size() + 1; }
  // A binary search without branches: the order of leaves is random, so branches would be mispredicted.
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

bool same_owner(const TreeStore& store, const UnsortedLeaf& a, const UnsortedLeaf& b) {
  return a.part == b.part && equal_fold(store.owner(a.leaf()), store.owner(b.leaf()));
}

class BulkBuilder {
 public:
  BulkBuilder(ZoneStorage& storage, const Workers& workers, const ParallelExecutor& parallel)
      : storage_(storage), store_(storage.tree()), workers_(workers), parallel_(parallel) {}

  BuiltTree run(std::vector<UnsortedLeaves> runs) {
    gather(std::move(runs));
    parallel_(buckets_.size(), [this](std::size_t at) { order(buckets_[at]); });
    workers_.close_pool();
    std::erase_if(buckets_, [](const Bucket& bucket) { return bucket.leaves.empty(); });
    parallel_(buckets_.size(), [this](std::size_t at) { build_subtrees(at); });
    return join();
  }

 private:
  void gather(std::vector<UnsortedLeaves> runs);
  BucketBounds bucket_bounds(const std::vector<UnsortedLeaves>& runs, std::size_t size) const;
  void scatter(std::vector<UnsortedLeaves> runs, const BucketBounds& bucket_bounds);
  void order(Bucket& bucket);
  void build_subtrees(std::size_t at);
  BuiltTree join();

  ZoneStorage& storage_;
  const TreeStore& store_;
  const Workers& workers_;
  const ParallelExecutor& parallel_;
  LeafArray all_;
  std::vector<Bucket> buckets_;
};

void BulkBuilder::gather(std::vector<UnsortedLeaves> runs) {
  const std::size_t size = std::accumulate(runs.begin(), runs.end(), std::size_t{0},
                                           [](std::size_t sum, const UnsortedLeaves& run) { return sum + run.size(); });
  all_ = LeafArray(size);
  if (size * kLeafOctets >= parallel_.min_part_octets) {
    const BucketBounds between = bucket_bounds(runs, size);
    return scatter(std::move(runs), between);
  }
  UnsortedLeaf* next = all_.leaves().data();
  for (UnsortedLeaves& run : runs) run.take_each([&](const UnsortedLeaf& leaf) { *next++ = leaf; });
  buckets_.resize(1);
  buckets_.front().leaves = all_.leaves();
}

BucketBounds BulkBuilder::bucket_bounds(const std::vector<UnsortedLeaves>& runs, std::size_t size) const {
  const std::size_t buckets = std::min(kMaxBuckets, std::max(kBucketsEach * parallel_.threads, size / kBucketLeaves));
  const std::size_t step = std::max<std::size_t>(1, size / (buckets * kSampleEach));
  std::vector<KeyPart> sample;
  std::size_t until_next = step / 2;
  for (const UnsortedLeaves& run : runs) {
    run.for_each([&](const UnsortedLeaf& leaf) {
      if (until_next-- > 0) return;
      sample.push_back(leaf.part);
      until_next = step - 1;
    });
  }
  std::ranges::sort(sample);
  const auto [same, end] = std::ranges::unique(sample);
  sample.erase(same, end);
  return BucketBounds(sample, buckets);
}

void BulkBuilder::scatter(std::vector<UnsortedLeaves> runs, const BucketBounds& bucket_bounds) {
  const std::size_t buckets = bucket_bounds.buckets();
  // Of each run in each bucket: first the count, then the position.
  std::vector<std::vector<std::size_t>> places(runs.size());
  parallel_(runs.size(), [&](std::size_t run) {
    std::vector<std::size_t> counts(buckets);
    runs[run].for_each([&](const UnsortedLeaf& leaf) { ++counts[bucket_bounds.bucket_of(leaf.part)]; });
    places[run] = std::move(counts);
  });
  std::vector<std::size_t> begins(buckets + 1);
  std::size_t sum = 0;
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
    begins[bucket] = sum;
    for (std::vector<std::size_t>& run : places) sum += std::exchange(run[bucket], sum);
  }
  begins[buckets] = sum;
  const std::span<UnsortedLeaf> all = all_.leaves();
  parallel_(runs.size(), [&](std::size_t run) {
    std::vector<std::size_t> next = std::move(places[run]);
    runs[run].take_each([&](const UnsortedLeaf& leaf) { all[next[bucket_bounds.bucket_of(leaf.part)]++] = leaf; });
  });
  buckets_.resize(buckets);
  for (std::size_t bucket = 0; bucket < buckets; ++bucket)
    buckets_[bucket].leaves = all.subspan(begins[bucket], begins[bucket + 1] - begins[bucket]);
}

// Sorts the bucket and merges the leaves of each owner into one.
void BulkBuilder::order(Bucket& bucket) {
  sort_leaves(store_, bucket.leaves);
  std::unique_ptr<LeafBuilder> leaf_builder;
  const std::span<UnsortedLeaf> leaves = bucket.leaves;
  std::size_t kept = 0;
  for (std::size_t first = 0, last = 0; first < leaves.size(); first = last) {
    last = first + 1;
    while (last < leaves.size() && same_owner(store_, leaves[first], leaves[last])) ++last;
    UnsortedLeaf leaf = leaves[first];
    if (last - first > 1) {
      if (leaf_builder == nullptr) leaf_builder = workers_.make();
      const std::size_t before = bucket.deferred.size();
      const bool across = leaves[first].run != leaves[last - 1].run;
      leaf = leaf_builder->merge(leaves.subspan(first, last - first), bucket.deferred, bucket.merged);
      if (across && bucket.deferred.size() != before) bucket.deferred_across_runs = true;
    }
    leaves[kept++] = leaf;
  }
  bucket.leaves = leaves.first(kept);
  if (leaf_builder == nullptr) return;
  const LeafBuilder::Output made = leaf_builder->end();
  bucket.totals = made.totals;
  bucket.largest = made.largest;
}

// Builds the subtrees of a bucket: all branches below those that separate it from its neighbours.
void BulkBuilder::build_subtrees(std::size_t at) {
  Bucket& bucket = buckets_[at];
  const std::span<const UnsortedLeaf> leaves = bucket.leaves;
  const auto branch_point_before = [&](const Bucket& right) {
    return branch_point_of(store_, (&right - 1)->leaves.back(), right.leaves.front());
  };
  const BranchPoint first = at == 0 ? BranchPoint{} : branch_point_before(bucket);
  long limit = at == 0 ? -1 : static_cast<long>(first.common);
  if (at + 1 < buckets_.size())
    limit = std::max(limit, static_cast<long>(branch_point_before(buckets_[at + 1]).common));

  const std::unique_ptr<LeafBuilder> leaf_builder = workers_.make();
  BulkTree tree(leaf_builder->allocator());
  BranchPoint begun = first;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const BranchPoint branch_point = i == 0 ? first : branch_point_of(store_, leaves[i - 1], leaves[i]);
    if (i > 0 && static_cast<long>(branch_point.common) <= limit) {
      bucket.groups.push_back({begun, tree.finish()});
      begun = branch_point;
    }
    tree.add(branch_point, leaves[i].leaf());
  }
  bucket.groups.push_back({begun, tree.finish()});
}

BuiltTree BulkBuilder::join() {
  BuiltTree built;
  const std::unique_ptr<LeafBuilder> leaf_builder = workers_.make();
  BulkTree tree(leaf_builder->allocator());
  for (Bucket& bucket : buckets_) {
    for (const Group& group : bucket.groups) tree.add(group.branch_point, group.root);
    built.merged.records += bucket.totals.records;
    built.merged.sets += bucket.totals.sets;
    built.merged.names += bucket.totals.names;
    built.largest = std::max(built.largest, bucket.largest);
    built.deferred.insert(built.deferred.end(), bucket.deferred.begin(), bucket.deferred.end());
    built.deferred_across_runs = built.deferred_across_runs || bucket.deferred_across_runs;
    // Free replaced leaves only now. Until here, the RRset pool could return a body whose last reference was such a
    // leaf.
    for (const Node leaf : bucket.merged) storage_.free_leaf(leaf);
  }
  built.root = tree.finish();
  return built;
}

}  // namespace

bool is_shared(std::size_t leaves, const ParallelExecutor& parallel) {
  return parallel.threads > 1 && leaves * kLeafOctets >= parallel.min_part_octets;
}

BuiltTree bulk_build(ZoneStorage& storage, std::vector<UnsortedLeaves> runs, const Workers& workers,
                     const ParallelExecutor& parallel) {
  return BulkBuilder(storage, workers, parallel).run(std::move(runs));
}

}  // namespace dns
