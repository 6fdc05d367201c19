#include "zone/answer/render.h"

namespace dns {
namespace {

constexpr std::uint16_t kOpcodeMask = 0x7800;
constexpr std::uint16_t kDnssecOk = 0x8000;  // in the flags of an OPT record

std::size_t opt_size(const ResponseEdns& edns) { return edns.present ? kOptSize + edns.options.size() : 0; }

enum class Truncation : std::uint8_t { kNothing, kGlue, kRequired };

struct Body {
  Truncation truncation = Truncation::kNothing;
  std::array<std::uint16_t, 3> records{};  // by Section
};

// Writes the RRsets of one section. If an RRset is left out, its signatures are left out too.
void write_section(const Answer& answer, Section section, Writer& writer, Body& body) {
  bool left_out = false;
  for (std::size_t i = 0; i < answer.count; ++i) {
    const AnswerRrset& set = answer.sets[i];
    if (set.section != section) continue;
    const bool follows_left_out = left_out && set.set.type == Type::RRSIG;
    if (!follows_left_out && writer.rrset(set.owner, set.set, set.ttl)) {
      left_out = false;
      body.records[static_cast<std::size_t>(section)] =
          static_cast<std::uint16_t>(body.records[static_cast<std::size_t>(section)] + set.set.count);
      continue;
    }
    left_out = true;
    if (set.need == AnswerRrset::Need::kGlue) body.truncation = Truncation::kGlue;
    if (set.need != AnswerRrset::Need::kRequired) continue;
    body.truncation = Truncation::kRequired;
    return;
  }
}

Body write_body(const Answer& answer, Writer& writer) {
  Body body;
  for (const Section section : {Section::kAnswer, Section::kAuthority, Section::kAdditional}) {
    write_section(answer, section, writer, body);
    if (body.truncation == Truncation::kRequired) break;
  }
  return body;
}

}  // namespace

std::uint16_t response_flags(const Query& query, Rcode rcode) {
  const unsigned kept = query.flags & (kOpcodeMask | Flag::kRd);
  return static_cast<std::uint16_t>(Flag::kQr | kept | (static_cast<unsigned>(rcode) & 0xfU));
}

void write_opt(const ResponseEdns& edns, Rcode rcode, std::uint8_t* at) {
  at[0] = 0;  // the root
  store16(at + 1, static_cast<std::uint16_t>(Type::OPT));
  store16(at + 3, edns.payload);
  at[5] = static_cast<std::uint8_t>(static_cast<unsigned>(rcode) >> 4);
  at[6] = 0;  // version
  store16(at + 7, edns.dnssec_ok ? kDnssecOk : 0);
  store16(at + 9, static_cast<std::uint16_t>(edns.options.size()));
  if (!edns.options.empty()) std::memcpy(at + kOptSize, edns.options.data(), edns.options.size());
}

std::size_t render(const Query& query, const Answer& answer, const ResponseEdns& edns, Compression& compression,
                   MutableBytes out) {
  const std::size_t opt = opt_size(edns);
  require(out.size() >= kHeaderSize + query.question.name.size() + 4 + opt,
          "the size limit allows header, question and OPT");
  Writer writer(out, compression);
  writer.reserve(opt);
  require(writer.question(query.question), "the question fits");
  const std::size_t question_end = writer.size();
  const Body body = write_body(answer, writer);
  const bool is_whole = body.truncation != Truncation::kRequired && !answer.incomplete;
  if (!is_whole && out.size() == kMaxMessage) {
    if (opt != 0) write_opt(edns, Rcode::SERVFAIL, out.data() + question_end);
    writer.finish(query.id, response_flags(query, Rcode::SERVFAIL),
                  {1, 0, 0, static_cast<std::uint16_t>(opt != 0 ? 1 : 0)});
    return question_end + opt;
  }
  const std::size_t size = writer.size();
  if (opt != 0) write_opt(edns, answer.rcode, out.data() + size);
  unsigned flags = response_flags(query, answer.rcode);
  if (answer.authoritative) flags |= Flag::kAa;
  if (body.truncation != Truncation::kNothing || answer.incomplete) flags |= Flag::kTc;
  const auto additionals = static_cast<std::uint16_t>(body.records[2] + (opt != 0 ? 1 : 0));
  writer.finish(query.id, static_cast<std::uint16_t>(flags), {1, body.records[0], body.records[1], additionals});
  return size + opt;
}

std::size_t render_error(const Query& query, Bytes request, Rcode rcode, const ResponseEdns& edns, MutableBytes out) {
  const bool echoes = query.question_end != 0;
  std::size_t size = echoes ? query.question_end : kHeaderSize;
  const std::size_t opt = opt_size(edns);
  require(out.size() >= size + opt, "the size limit allows header, question and OPT");
  std::memcpy(out.data(), request.data(), size);
  store16(out.data() + 2, response_flags(query, rcode));
  store16(out.data() + 4, echoes ? 1 : 0);
  store32(out.data() + 6, 0);
  store16(out.data() + kArcountAt, opt != 0 ? 1 : 0);
  if (opt != 0) write_opt(edns, rcode, out.data() + size);
  return size + opt;
}

}  // namespace dns
