#include "zone/answer/explain.h"

#include <memory>
#include <vector>

#include "zone/answer/render.h"
#include "zone/field/rdata_text.h"
#include "zone/field/text.h"
#include "zone/name/text.h"

namespace dns {
namespace {

constexpr std::string_view kSectionWords[] = {"answer     ", "authority  ", "additional "};

}  // namespace

ExplainedAnswer explain(const Snapshot& snapshot, const Question& question, const ExplainOptions& options) {
  ExplainedAnswer explained;
  const auto answer = std::make_unique<Answer>();
  const auto compression = std::make_unique<Compression>();
  solve(snapshot, question, options.solve, *answer, explained.trace);
  Query query;
  query.question = question;
  std::vector<std::uint8_t> buffer(options.size);
  const std::size_t size = render(query, *answer, {}, *compression, buffer);
  auto message = read_message(Bytes(buffer).first(size));
  require(message.has_value(), "a message that render wrote can be parsed");
  explained.message = std::move(*message);
  return explained;
}

std::string to_text(const ExplainedAnswer& explained) {
  const Header& header = explained.message.header;
  std::string text = "  " + to_text(static_cast<Rcode>(header.rcode()));
  if ((header.flags & Flag::kAa) != 0) text += " aa";
  if ((header.flags & Flag::kTc) != 0) text += " tc";
  text += '\n';
  for (std::size_t section = 0; section < 3; ++section)
    for (const ParsedRecord& record : explained.message.sections[section])
      text.append("  ").append(kSectionWords[section]).append(to_text(record)).append("\n");
  return text + "  trace      " + to_text(explained.trace) + "\n";
}

std::string to_text(const ParsedRecord& record) {
  std::string text = to_text(record.owner) + ' ' + std::to_string(record.ttl) + ' ' + to_text(record.type) + ' ';
  append_rdata(text, record.type, record.rdata);
  return text;
}

}  // namespace dns
