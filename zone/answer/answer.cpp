#include "zone/answer/answer.h"

namespace dns {

void Answer::clear() {
  rcode = Rcode::NOERROR;
  authoritative = false;
  incomplete = false;
  count = 0;
  zone = nullptr;
  extended_error = ExtendedError::kNone;
  synthesised_count = 0;
  proof_count = 0;
}

void Answer::add(const AnswerRrset& set) {
  if (count == kMaxAnswerSets) {
    incomplete = incomplete || set.need != AnswerRrset::Need::kOptional;
    return;
  }
  sets[count++] = set;
}

}  // namespace dns
