#include "zone/answer/transfer.h"

#include <algorithm>

namespace dns {

TransferMessages::TransferMessages(const Zone& zone, const Query& query, const ResponseEdns& edns, Content content)
    : zone_(zone), content_(content), name_(query.question.name), query_(query), owner_(zone.apex()) {
  query_.question.name = name_.view();
  if (edns.present) {
    opt_.resize(kOptSize + edns.options.size());
    write_opt(edns, Rcode::NOERROR, opt_.data());
  }
  soa_ = zone.apex_node()->find(Type::SOA).value();
}

std::optional<TransferMessages::Written> TransferMessages::next(MutableBytes out) {
  Writer writer(out, compression_);
  if (first_) {
    if (out.size() < kHeaderSize + name_.view().size() + 4 + opt_.size()) return std::nullopt;
    writer.reserve(opt_.size());
    require(writer.question_apart(query_.question), "the question fits");
  }
  const std::uint64_t before = records_;
  const std::size_t beyond = out.size() - std::min(out.size(), kTransferFill);
  writer.reserve(beyond);
  write_parts(writer);
  if (records_ == before) {  // one record is larger
    writer.release(beyond);
    write_parts(writer);
    if (records_ == before) return std::nullopt;
  }
  std::size_t size = writer.size();
  if (first_) {
    std::ranges::copy(opt_, out.begin() + static_cast<std::ptrdiff_t>(size));
    size += opt_.size();
  }
  const unsigned flags = unsigned{response_flags(query_, Rcode::NOERROR)} | Flag::kAa;
  writer.finish(query_.id, static_cast<std::uint16_t>(flags),
                {.questions = static_cast<std::uint16_t>(first_ ? 1 : 0),
                 .answers = static_cast<std::uint16_t>(records_ - before),
                 .additionals = static_cast<std::uint16_t>(first_ && !opt_.empty() ? 1 : 0)});
  first_ = false;
  return Written{size, part_ == Part::kDone};
}

// As much as fits.
void TransferMessages::write_parts(Writer& writer) {
  if (part_ == Part::kOpening && write_set(writer, zone_.apex(), soa_))
    part_ = content_ == Content::kSoa ? Part::kDone : Part::kZone;
  if (part_ == Part::kZone && write_zone(writer)) part_ = Part::kClosing;
  if (part_ == Part::kClosing && write_set(writer, zone_.apex(), soa_)) part_ = Part::kDone;
}

bool TransferMessages::write_zone(Writer& writer) {
  return zone_.for_each_from(Key(owner_.view()), [&](const NodeView& node) {
    const Name owner = node.owner();
    const bool at_apex = node.relative_owner().empty();
    for (; set_ < node.set_count(); ++set_) {
      const RrsetView set = node.set(set_);
      if ((at_apex && set.type == Type::SOA) || write_set(writer, owner.view(), set)) continue;
      owner_ = owner;
      return false;
    }
    set_ = 0;
    return true;
  });
}

// From the next record of the set on. The records of a set may be in several messages.
bool TransferMessages::write_set(Writer& writer, NameView owner, const RrsetView& set) {
  const auto from_here = [&](std::uint16_t count) { return RrsetView{set.type, count, set.ttl, set.packed + offset_}; };
  const auto rest = static_cast<std::uint16_t>(set.count - record_);
  if (writer.rrset(owner, from_here(rest), set.ttl)) {
    records_ += rest;
  } else {
    for (; record_ < set.count; ++record_) {
      const RrsetView one = from_here(1);
      if (!writer.rrset(owner, one, set.ttl)) return false;
      offset_ += one.packed_size();
      ++records_;
    }
  }
  record_ = 0;
  offset_ = 0;
  return true;
}

}  // namespace dns
