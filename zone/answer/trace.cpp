#include "zone/answer/trace.h"

#include "zone/field/text.h"
#include "zone/name/text.h"

namespace dns {
namespace {

// The text of each step. `%` stands for the name, `#` for the type, `@` for the chosen variant.
constexpr std::string_view words(Step step) {
  switch (step) {
    case Step::kZone: return "zone %";
    case Step::kNotServed: return "no zone for this name";
    case Step::kNotLoaded: return "zone not loaded";
    case Step::kParentForDs: return "DS: the parent zone answers";
    case Step::kClosestEncloser: return "closest encloser %";
    case Step::kClosestEncloserEmpty: return "closest encloser % (empty non-terminal)";
    case Step::kAnswer: return "answer #";
    case Step::kClientChoice: return "address set: @";
    case Step::kNoData: return "no data: no # at this name";
    case Step::kEmptyNonTerminal: return "no data: empty non-terminal";
    case Step::kWildcard: return "wildcard %";
    case Step::kNoWildcard: return "no wildcard %";
    case Step::kDelegation: return "delegation %";
    case Step::kCname: return "CNAME to %";
    case Step::kDname: return "DNAME at %";
    case Step::kDnameTooLong: return "DNAME: the new name is too long";
    case Step::kTargetNotServed: return "no zone for %";
    case Step::kLoop: return "CNAME loop at %";
    case Step::kChainTooLong: return "CNAME limit reached before %";
    case Step::kAny: return "ANY: one RRset, #";
    case Step::kNxdomain: return "no such name";
  }
  return {};
}

// "view closed, slot 17, set 2"
std::string to_text(const TraceChoice& choice) {
  const std::string view = choice.view.empty() ? "no view" : "view " + choice.view;
  if (!choice.answered) return view + ", no address";
  return view + ", slot " + std::to_string(choice.slot) + ", set " + std::to_string(choice.variant);
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
