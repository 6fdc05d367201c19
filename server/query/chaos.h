// Answers about the server itself in class CHAOS: version.bind, version.server, id.server and hostname.bind TXT (RFC
// 4892).
//
// Immutable after construction. What the operator did not set is REFUSED, so nothing is disclosed by default.
#pragma once

#include <string_view>
#include <vector>

#include "zone/answer/answer.h"

namespace server {

class ChaosResponder {
 public:
  ChaosResponder(std::string_view version, std::string_view identity);

  // Fills `answer`, which refers to this object and to the question.
  void answer(const dns::Question& question, dns::Answer& answer) const;

 private:
  std::vector<std::uint8_t> version_, identity_;  // packed RDATA of one TXT record; empty: refused
};

}  // namespace server
