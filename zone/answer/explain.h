// An answer in text form: the message that the server would send, and the steps that led to it.
//
//     NOERROR aa
//     answer     x.example. 300 A 192.0.2.1
//     trace      zone example. / closest encloser example. / wildcard *.example. / answer A
//
// `waymark explain` and the golden tests print this form. It renders the message and parses it again; therefore it
// shows exactly the records that a client gets. Allocates: not for the query path.
#pragma once

#include <string>

#include "zone/answer/answer.h"
#include "zone/message/parsed.h"

namespace dns {

struct ExplainOptions {
  SolveOptions solve;
  std::size_t size = kMaxMessage;  // largest message in octets, without EDNS; at least 512
};

struct ExplainedAnswer {
  ParsedMessage message;
  Trace trace;
};

ExplainedAnswer explain(const Snapshot& snapshot, const Question& question, const ExplainOptions& options);

// The form above. Each line is indented by two spaces and ends with a newline.
std::string to_text(const ExplainedAnswer& explained);

// "x.example. 300 A 192.0.2.1"
std::string to_text(const ParsedRecord& record);

}  // namespace dns
