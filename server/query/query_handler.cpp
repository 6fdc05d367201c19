#include "server/query/query_handler.h"

namespace server {
namespace {

constexpr std::size_t kRecordFixed = 8;  // octets of type, class and TTL; the length is part of the packed RDATA

dns::Rcode rcode_of(const std::uint8_t* message) { return static_cast<dns::Rcode>(dns::load16(message + 2) & 0xfU); }

// True if the required records, with their names in full, are larger than any message.
bool may_exceed_messages(const dns::Answer& answer) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < answer.count; ++i) {
    const dns::AnswerRrset& one = answer.sets[i];
    if (one.need != dns::AnswerRrset::Need::kRequired) continue;
    size += one.set.count * (one.owner.size() + kRecordFixed) + one.set.packed_size();
  }
  return answer.incomplete || size > dns::kMaxMessage;
}

}  // namespace

QueryHandler::QueryHandler(const ResponderOptions& options)
    : chaos_(options.version, options.identity),
      edns_(options),
      answer_(std::make_unique<dns::Answer>()),
      compression_(std::make_unique<dns::Compression>()),
      largest_(std::make_unique_for_overwrite<std::uint8_t[]>(dns::kMaxMessage)) {}

RequestOutcome QueryHandler::answer(const RequestView& request) {
  const dns::Query& query = request.query;
  if (query.question.klass == dns::Class::CH) {
    chaos_.answer(query.question, *answer_);
  } else {
    dns::solve(request.snapshot, query.question, *request.lookup,
               {.dnssec_ok = query.edns.dnssec_ok, .client = &request.client}, *answer_);
    // An answer for all classes cannot be authoritative (RFC 1035 6.2).
    if (query.question.klass == dns::Class::ANY) answer_->authoritative = false;
  }
  return render(request);
}

// If not even TCP can carry the answer, TC would only cost the client a connection: over UDP it gets the same error.
RequestOutcome QueryHandler::render(const RequestView& request) {
  const dns::Query& query = request.query;
  const dns::ResponseEdns edns = edns_.of(query, answer_->extended_error);
  const std::size_t size = dns::render(query, *answer_, edns, *compression_, request.out);
  dns::Rcode rcode = rcode_of(request.out.data());
  if ((dns::load16(request.out.data() + 2) & dns::Flag::kTc) != 0 && may_exceed_messages(*answer_)) {
    dns::render(query, *answer_, edns, *compression_, {largest_.get(), dns::kMaxMessage});
    rcode = rcode_of(largest_.get());
  }
  if (rcode != dns::Rcode::SERVFAIL || answer_->rcode == dns::Rcode::SERVFAIL) return Sent{size, rcode};
  return edns_.error(request, rcode, dns::ExtendedError::kInvalidData);
}

OpcodeRow QueryHandler::row() {
  return {dns::Opcode::QUERY, dns::Operation::kQuery,
          [](const ResponderOptions& options, Counters&) { return std::make_unique<QueryHandler>(options); }};
}

}  // namespace server
