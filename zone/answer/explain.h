// An answer for people: what would be sent, read back from the message itself, and the reason.
//
//     NOERROR aa
//     answer     x.example. 300 A 192.0.2.1
//     because    zone example. / encloser example. / wildcard *.example. / hit A
//
// `waymark explain` and the golden stories print this form. It goes through `render` and reads the octets again, so
// that it cannot show what a client would not get. Allocates: not for the query path.
#pragma once

#include <string>

#include "zone/answer/answer.h"
#include "zone/message/parsed.h"

namespace dns {

struct ExplainOptions {
  SolveOptions solve;
  std::size_t size = kMaxMessage;  // octets that the message may have, EDNS not counted; at least 512
};

struct ExplainedAnswer {
  ParsedMessage message;
  Trace trace;
};

ExplainedAnswer explain(const Snapshot& snapshot, const Question& question, const ExplainOptions& options);

// The form above, each line indented by two spaces and ended.
std::string to_text(const ExplainedAnswer& explained);

// "x.example. 300 A 192.0.2.1"
std::string to_text(const ParsedRecord& record);

}  // namespace dns
