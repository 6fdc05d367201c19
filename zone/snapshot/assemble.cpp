#include "zone/snapshot/assemble.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "zone/base/ascii.h"
#include "zone/tree/bulk.h"

namespace dns {
namespace {

constexpr std::size_t kLeafOctets = 20;           // of work, against those that are worth a part
constexpr std::size_t kBucketsEach = 16;          // a worker: so that none waits long for the last
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
    std::erase_if(buckets_, [](const Bucket& bucket) { return bucket.leaves.empty(); });
    together_(buckets_.size(), [this](std::size_t at) { grow(at); });
    return join();
  }

 private:
  void gather(std::vector<LooseLeaves> runs);
  std::vector<KeyPart> borders(const std::vector<LooseLeaves>& runs) const;
  void scatter(const std::vector<LooseLeaves>& runs, const std::vector<KeyPart>& borders);
  void order(Bucket& bucket);
  void grow(std::size_t at);
  Assembled join();

  ZoneStorage& storage_;
  const TreeStore& store_;
  const Workers& workers_;
  const Together& together_;
  LooseLeaves all_;
  std::vector<Bucket> buckets_;
};

void Assembler::gather(std::vector<LooseLeaves> runs) {
  const std::size_t size = std::accumulate(runs.begin(), runs.end(), std::size_t{0},
                                           [](std::size_t sum, const LooseLeaves& run) { return sum + run.size(); });
  if (is_shared(size, together_)) return scatter(runs, borders(runs));
  if (runs.size() == 1) {
    all_ = std::move(runs.front());
  } else {
    all_.reserve(size);
    for (const LooseLeaves& run : runs) all_.insert(all_.end(), run.begin(), run.end());
  }
  buckets_.resize(1);
  buckets_.front().leaves = all_;
}

// Each bucket but the first begins with one of these.
std::vector<KeyPart> Assembler::borders(const std::vector<LooseLeaves>& runs) const {
  const std::size_t buckets = std::min(kMaxBuckets, kBucketsEach * together_.width);
  std::size_t size = 0;
  for (const LooseLeaves& run : runs) size += run.size();
  const std::size_t step = std::max<std::size_t>(1, size / (buckets * kSampleEach));
  std::vector<KeyPart> sample;
  for (const LooseLeaves& run : runs)
    for (std::size_t at = step / 2; at < run.size(); at += step) sample.push_back(run[at].part);
  std::ranges::sort(sample);
  std::vector<KeyPart> borders;
  for (std::size_t bucket = 1; bucket < buckets && !sample.empty(); ++bucket) {
    const KeyPart part = sample[bucket * sample.size() / buckets];
    if (borders.empty() || borders.back() < part) borders.push_back(part);
  }
  return borders;
}

void Assembler::scatter(const std::vector<LooseLeaves>& runs, const std::vector<KeyPart>& borders) {
  const std::size_t buckets = borders.size() + 1;
  const auto bucket_of = [&](const LooseLeaf& leaf) {
    return static_cast<std::size_t>(std::ranges::upper_bound(borders, leaf.part) - borders.begin());
  };
  std::vector<std::size_t> places(runs.size() * buckets);   // of each run in each bucket: first how many, then where
  together_(runs.size(), [&](std::size_t run) {
    std::vector<std::size_t> counts(buckets);
    for (const LooseLeaf& leaf : runs[run]) ++counts[bucket_of(leaf)];
    std::ranges::copy(counts, places.begin() + static_cast<std::ptrdiff_t>(run * buckets));
  });
  std::vector<std::size_t> begins(buckets + 1);
  std::size_t sum = 0;
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
    begins[bucket] = sum;
    for (std::size_t run = 0; run < runs.size(); ++run) sum += std::exchange(places[run * buckets + bucket], sum);
  }
  begins[buckets] = sum;
  all_.resize(sum);
  together_(runs.size(), [&](std::size_t run) {
    std::vector<std::size_t> next(places.begin() + static_cast<std::ptrdiff_t>(run * buckets),
                                  places.begin() + static_cast<std::ptrdiff_t>((run + 1) * buckets));
    for (const LooseLeaf& leaf : runs[run]) all_[next[bucket_of(leaf)]++] = leaf;
  });
  buckets_.resize(buckets);
  for (std::size_t bucket = 0; bucket < buckets; ++bucket)
    buckets_[bucket].leaves = std::span(all_).subspan(begins[bucket], begins[bucket + 1] - begins[bucket]);
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
      if (maker == nullptr) maker = workers_();
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

  const std::unique_ptr<LeafMaker> maker = workers_();
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
  const std::unique_ptr<LeafMaker> maker = workers_();
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
