#include "server/query/transfer_handler.h"

#include <utility>

#include "server/query/classify.h"
#include "server/runtime/pin.h"
#include "zone/message/reader.h"

namespace server {
namespace {

using dns::ExtendedError;
using dns::Rcode;
using dns::Type;

class TransferStream final : public ReplyStream {
 public:
  TransferStream(Pin<dns::Zone> zone, const dns::Query& query, const dns::ResponseEdns& edns)
      : zone_(std::move(zone)), messages_(*zone_, query, edns, dns::TransferMessages::Content::kZone) {}

  Message next(dns::MutableBytes out) override {
    if (zone_.must_end()) return {};
    const auto written = messages_.next(out);
    if (!written) return {};
    return {written->last ? Message::Kind::kLast : Message::Kind::kMore, written->size};
  }

 private:
  Pin<dns::Zone> zone_;
  dns::TransferMessages messages_;
};

// The serial of the version that the client of an IXFR has: of the SOA in the authority section (RFC 1995 3). Nothing:
// there is no SOA, or it is malformed.
std::optional<dns::Serial> client_serial(const RequestView& request) {
  if (dns::Reader(request.inbound.bytes).header()->authorities == 0) return std::nullopt;
  dns::Reader reader(request.inbound.bytes, request.query.question_end);
  const auto record = reader.record();
  if (!record || record->type != Type::SOA || record->owner.view() != request.query.question.name) return std::nullopt;
  dns::Reader rdata(request.inbound.bytes, record->rdata_at);
  if (!rdata.name() || !rdata.name()) return std::nullopt;
  const auto serial = rdata.u32();
  constexpr std::size_t kBehindSerial = 16;  // octets of the other four fields
  if (!serial || rdata.at() + kBehindSerial != record->rdata_at + record->rdata.size()) return std::nullopt;
  return dns::Serial{*serial};
}

}  // namespace

RequestOutcome TransferHandler::answer(const RequestView& request) {
  const dns::Question& question = request.query.question;
  if (question.klass != dns::Class::IN || request.lookup == nullptr)
    return edns_.error(request, Rcode::REFUSED, ExtendedError::kNotAuthoritative);
  const dns::Zone* const zone = request.lookup->zone;
  if (zone == nullptr || zone->apex() != question.name)
    return edns_.error(request, Rcode::NOTAUTH, ExtendedError::kNotAuthoritative);
  const auto apex = zone->apex_node();
  if (!apex || !apex->has(Type::SOA)) return edns_.error(request, Rcode::SERVFAIL, ExtendedError::kInvalidData);
  if (question.type == Type::IXFR) {
    const auto serial = client_serial(request);
    if (!serial) return edns_.error(request, Rcode::FORMERR, ExtendedError::kNone);
    if (!dns::later(zone->serial(), *serial) || !request.inbound.transport->stream) return send_soa(request, *zone);
  } else if (!request.inbound.transport->stream) {
    return edns_.error(request, Rcode::NOTIMP, ExtendedError::kNotSupported);
  }
  if (request.pins == nullptr) return edns_.error(request, Rcode::NOTIMP, ExtendedError::kNotSupported);
  Pin<dns::Zone> pin(*request.pins, zone->share(), zone->totals().bytes);
  return Stream{std::make_unique<TransferStream>(std::move(pin), request.query, edns_.of(request.query))};
}

RequestOutcome TransferHandler::send_soa(const RequestView& request, const dns::Zone& zone) {
  dns::TransferMessages messages(zone, request.query, edns_.of(request.query), dns::TransferMessages::Content::kSoa);
  const auto written = messages.next(request.out);
  if (!written) return edns_.error(request, Rcode::SERVFAIL, ExtendedError::kInvalidData);
  return Sent{written->size, Rcode::NOERROR};
}

OpcodeRow TransferHandler::row() {
  return {dns::Opcode::QUERY, dns::Operation::kTransfer,
          [](const ResponderOptions& options, Counters&) { return std::make_unique<TransferHandler>(options); }};
}

}  // namespace server
