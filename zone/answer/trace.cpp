#include "zone/answer/trace.h"

#include "zone/field/text.h"
#include "zone/name/text.h"

namespace dns {
namespace {

// Words around what a step is about; `%` stands for the name, `#` for the type, `@` for what was chosen.
constexpr std::string_view words(Step step) {
  switch (step) {
    case Step::kZone: return "zone %";
    case Step::kNotServed: return "no zone of ours";
    case Step::kNotLoaded: return "not loaded";
    case Step::kParentForDs: return "the parent answers for DS";
    case Step::kClosestEncloser: return "encloser %";
    case Step::kClosestEncloserEmpty: return "encloser % (empty)";
    case Step::kAnswer: return "hit #";
    case Step::kClientChoice: return "choice for @";
    case Step::kNoData: return "no #";
    case Step::kEmptyNonTerminal: return "empty non-terminal";
    case Step::kWildcard: return "wildcard %";
    case Step::kNoWildcard: return "no %";
    case Step::kDelegation: return "cut %";
    case Step::kCname: return "alias of %";
    case Step::kDname: return "DNAME at %";
    case Step::kDnameTooLong: return "the new name is too long";
    case Step::kTargetNotServed: return "% is not ours";
    case Step::kLoop: return "loop at %";
    case Step::kChainTooLong: return "chain cut before %";
    case Step::kAny: return "ANY by #";
    case Step::kNxdomain: return "negative";
  }
  return {};
}

// "view closed, slot 17: variant 2"
std::string to_text(const TraceChoice& choice) {
  const std::string view = choice.view.empty() ? "no view" : "view " + choice.view;
  if (!choice.answered) return view + ": nothing";
  return view + ", slot " + std::to_string(choice.slot) + ": variant " + std::to_string(choice.variant);
}

}  // namespace

std::string to_text(const Trace& trace) {
  std::string text;
  for (const TraceEntry& entry : trace) {
    if (!text.empty()) text += " / ";
    for (const char c : words(entry.step)) {
      if (c == '%') text += to_text(entry.at);
      else if (c == '#') text += to_text(entry.type);
      else if (c == '@') text += to_text(entry.choice);
      else text += c;
    }
  }
  return text;
}

}  // namespace dns
