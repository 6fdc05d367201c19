#include "zone/name/name.h"

#include "zone/base/ascii.h"

namespace dns {
namespace {

// Where each label of a name starts, first label first.
struct LabelStarts {
  explicit LabelStarts(NameView name) {
    for (std::size_t at = 0; name.data()[at] != 0; at += 1U + name.data()[at])
      start[count++] = static_cast<std::uint8_t>(at);
  }
  std::array<std::uint8_t, kMaxLabels + 1> start;  // only the first `count` are set
  std::size_t count = 0;
};

std::strong_ordering label_order(Bytes a, Bytes b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i)
    if (fold(a[i]) != fold(b[i])) return fold(a[i]) <=> fold(b[i]);
  return a.size() <=> b.size();
}

}  // namespace

NameView NameView::trusted(const std::uint8_t* data) {
  std::size_t at = 0;
  while (data[at] != 0) at += 1U + data[at];
  return {data, at + 1};
}

std::size_t NameView::labels() const {
  std::size_t count = 0;
  for (std::size_t at = 0; data_[at] != 0; at += 1U + data_[at]) ++count;
  return count;
}

NameView NameView::drop(std::size_t count) const {
  NameView name = *this;
  while (count-- > 0 && !name.is_root()) name = name.parent();
  return name;
}

bool NameView::is_within(NameView ancestor) const {
  if (ancestor.size() > size_) return false;
  const std::size_t tail = size_ - ancestor.size();
  std::size_t at = 0;
  while (at < tail) at += 1U + data_[at];
  return at == tail && equal_fold(Bytes{data_ + tail, ancestor.size()}, ancestor.bytes());
}

// Length octets are below 'A'; therefore the whole name can be folded at once.
bool operator==(NameView a, NameView b) { return equal_fold(a.bytes(), b.bytes()); }

std::strong_ordering canonical_order(NameView a, NameView b) {
  const LabelStarts left(a), right(b);
  const std::size_t common = std::min(left.count, right.count);
  for (std::size_t i = 1; i <= common; ++i) {
    const std::uint8_t* x = a.data() + left.start[left.count - i];
    const std::uint8_t* y = b.data() + right.start[right.count - i];
    const auto order = label_order({x + 1, x[0]}, {y + 1, y[0]});
    if (order != std::strong_ordering::equal) return order;
  }
  return left.count <=> right.count;
}

std::optional<Name> join(Bytes prefix, NameView suffix) {
  if (prefix.size() + suffix.size() > kMaxName) return std::nullopt;
  std::array<std::uint8_t, kMaxName> octets;
  if (!prefix.empty()) std::memcpy(octets.data(), prefix.data(), prefix.size());
  std::memcpy(octets.data() + prefix.size(), suffix.data(), suffix.size());
  return Name(NameView::trusted(octets.data(), prefix.size() + suffix.size()));
}

std::optional<Name> replace_suffix(NameView name, NameView from, NameView to) {
  return join(name.bytes().first(name.size() - from.size()), to);
}

Result<NameView, NameError> read_name(Bytes bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::uint8_t length = bytes[at];
    if (length >= 0xc0) return Failure(NameError::kCompressed);
    if (length > kMaxLabel) return Failure(NameError::kLabelType);
    at += 1U + length;
    if (at > kMaxName) return Failure(NameError::kTooLong);
    if (length == 0) return NameView::trusted(bytes.data(), at);
  }
  return Failure(NameError::kTruncated);
}

}  // namespace dns
