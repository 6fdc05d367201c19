#include "zone/snapshot/nsec3_chain.h"

#include <algorithm>
#include <numeric>

#include "zone/base/ascii.h"
#include "zone/snapshot/change.h"
#include "zone/snapshot/storage.h"

namespace dns {
namespace {

constexpr std::uint8_t kSha1 = 1;  // the only algorithm (RFC 5155 11)

// The RDATA of NSEC3PARAM and the beginning of NSEC3's RDATA: algorithm 8, flags 8, iterations 16, salt with its
// length.
struct Parameters {
  std::uint8_t algorithm, flags;
  std::uint16_t iterations;
  Bytes salt;
};
Parameters parameters_of(Bytes rdata) {
  return {rdata[0], rdata[1], load16(rdata.data() + 2), rdata.subspan(5, rdata[4])};
}

int base32hex_digit(std::uint8_t octet) {
  const std::uint8_t folded = fold(octet);
  if (folded >= '0' && folded <= '9') return folded - '0';
  return folded >= 'a' && folded <= 'v' ? folded - 'a' + 10 : -1;
}

// The hash in the first label of an owner directly below the apex (RFC 5155 3: base32hex, no padding).
std::optional<Nsec3Hash> hash_of_owner(Bytes relative) {
  if (relative.size() != kNsec3LabelSize + 1 || relative[0] != kNsec3LabelSize) return std::nullopt;
  Nsec3Hash hash;
  std::uint64_t bits = 0;
  for (std::size_t i = 0, out = 0; i < kNsec3LabelSize; ++i) {
    const int digit = base32hex_digit(relative[1 + i]);
    if (digit < 0) return std::nullopt;
    bits = bits << 5 | static_cast<unsigned>(digit);
    if (i % 8 != 7) continue;
    for (int shift = 32; shift >= 0; shift -= 8) hash[out++] = static_cast<std::uint8_t>(bits >> shift);
    bits = 0;
  }
  return hash;
}

std::uint64_t beginning(const Nsec3Hash& hash) { return load64(hash.data()); }

}  // namespace

std::shared_ptr<const Nsec3Chain> Nsec3Chain::of(const Zone& zone) {
  const auto apex = zone.apex_node();
  const auto named = apex ? apex->find(Type::NSEC3PARAM) : std::nullopt;
  if (!named) return nullptr;
  for (const Bytes rdata : *named) {
    const Parameters parameters = parameters_of(rdata);
    if (parameters.algorithm != kSha1 || parameters.flags != 0 || parameters.iterations > kMaxNsec3Iterations) continue;
    const std::shared_ptr<Nsec3Chain> chain(new Nsec3Chain);
    chain->iterations_ = parameters.iterations;
    chain->salt_.assign(parameters.salt.begin(), parameters.salt.end());
    chain->collect(zone);
    if (chain->size() != 0 && chain->find(*zone.storage(), chain->hash(zone.apex())).matches) return chain;
  }
  return nullptr;
}

bool Nsec3Chain::is_affected_by(const Change& change) {
  return std::ranges::any_of(change.sets, [&](const RrsetChange& set) {
    const Bytes owner = set.owner.view().bytes();
    return set.type == Type::NSEC3PARAM ||
           (owner[0] == kNsec3LabelSize && owner.size() == 1 + kNsec3LabelSize + change.apex.size());
  });
}

// Skips records of other chains.
void Nsec3Chain::collect(const Zone& zone) {
  struct Entry {
    Nsec3Hash hash;
    Node leaf;
  };
  std::vector<Entry> entries;
  zone.for_each([&](const NodeView& node) {
    const auto records = node.find(Type::NSEC3);
    if (!records) return true;
    const auto is_of_chain = [&](Bytes rdata) {
      const Parameters own = parameters_of(rdata);
      return own.algorithm == kSha1 && own.iterations == iterations_ && equal(own.salt, salt_);
    };
    const auto hash = hash_of_owner(node.relative_owner());
    if (hash && std::any_of(records->begin(), records->end(), is_of_chain)) entries.push_back({*hash, node.leaf()});
    return true;
  });
  std::ranges::sort(entries, {}, &Entry::hash);
  hashes_.reserve(entries.size());
  leaves_.reserve(entries.size());
  for (const Entry& entry : entries) {
    hashes_.push_back(beginning(entry.hash));
    leaves_.push_back(entry.leaf);
  }
}

Nsec3Hash Nsec3Chain::hash(NameView name) const {
  std::array<std::uint8_t, kMaxName> folded;
  fold_into(folded.data(), name.bytes());
  Nsec3Hash hash = sha1(Bytes(folded).first(name.size()), salt_);
  for (unsigned i = 0; i < iterations_; ++i) hash = sha1(hash, salt_);
  return hash;
}

Nsec3Chain::Found Nsec3Chain::find(const ZoneStorage& storage, const Nsec3Hash& hash) const {
  const auto node_at = [&](std::size_t place) { return NodeView(storage, leaves_[place]); };
  auto place = static_cast<std::size_t>(std::ranges::upper_bound(hashes_, beginning(hash)) - hashes_.begin());
  // Step back over records with the same first 64 bits and a larger hash. This is very rare.
  for (; place > 0 && hashes_[place - 1] == beginning(hash); --place) {
    const Nsec3Hash there = *hash_of_owner(node_at(place - 1).relative_owner());
    if (there <= hash) return {node_at(place - 1), there == hash};
  }
  return {node_at((place == 0 ? size() : place) - 1), false};  // the last record covers hashes before the first
}

bool has_only_nsec3(const NodeView& node) {
  if (!node.has(Type::NSEC3)) return false;
  for (std::size_t i = 0; i < node.set_count(); ++i)
    if (const Type type = node.type(i); type != Type::NSEC3 && type != Type::RRSIG) return false;
  return true;
}

}  // namespace dns
