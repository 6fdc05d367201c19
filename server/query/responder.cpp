#include "server/query/responder.h"

#include <algorithm>

namespace server {
namespace {

// Octets that render and render_error always have: header, longest question and OPT with its options.
constexpr std::size_t kLeastReply = dns::kHeaderSize + dns::kMaxName + 4 + dns::kOptSize + dns::kMaxResponseOptions;
static_assert(kLeastReply <= dns::kClassicUdpSize);
constexpr std::size_t kBatch = dns::kMaxLookupBatch;  // requests that are looked up together; a larger batch is split

// The largest size of the reply, in octets.
std::size_t max_reply_size(const Inbound& inbound, const dns::Edns& edns, std::size_t udp_size_max, std::size_t room) {
  if (inbound.transport->budget == Transport::Budget::kMessage) return std::min(room, dns::kMaxMessage);
  const std::size_t asked = edns.present ? edns.payload : dns::kClassicUdpSize;
  return std::min({room, udp_size_max, asked});
}

dns::Bytes address_of(const Endpoint& endpoint) { return {endpoint.address.data(), endpoint.address_size}; }

// What a client choice may depend on. EDNS options of the question are not included, so a client
// subnet option (RFC 7871) cannot select the view of another client.
dns::ClientInfo asker_of(const Inbound& inbound, std::uint16_t id, const dns::ViewTable* views) {
  return {.address = address_of(inbound.client),
          .local = address_of(inbound.local),
          .salt = std::uint32_t{inbound.client.port} << 16 | id,
          .views = views};
}

}  // namespace

struct Responder::QueryState {
  dns::ParsedQuery parsed;
  Disposition disposition;
  Disposition unsigned_disposition;  // with kSigned: that of the request without its signature
  dns::FastPlan plan;
  dns::Key key;
};

Responder::Responder(const ResponderOptions& options, Counters& counters, const RequestTables& tables, Worker worker)
    : udp_size_max_(options.udp_size_max),
      counters_(counters),
      clock_(tables.clock),
      worker_(worker),
      edns_(options),
      states_(std::make_unique<QueryState[]>(kBatch)),
      starts_(std::make_unique<dns::BatchLookup[]>(kBatch)) {
  dns::require(udp_size_max_ >= dns::kClassicUdpSize, "UDP messages of 512 octets are allowed");
  for (std::size_t i = 0; i < prebuilt_opts_.size(); ++i) {
    dns::Query query;
    query.edns.present = true;
    query.edns.dnssec_ok = (i & 1) != 0;
    query.edns.nsid = (i & 2) != 0;
    const dns::ResponseEdns edns = edns_.of(query);
    dns::write_opt(edns, dns::Rcode::NOERROR, prebuilt_opts_[i].octets.data());
    prebuilt_opts_[i].size = dns::kOptSize + edns.options.size();
  }
  for (const OpcodeRow& row : tables.opcodes) {
    const bool transfers = row.opcode == dns::Opcode::QUERY && row.operation == dns::Operation::kTransfer;
    if (transfers) transfers_ = row.make(options, counters);
    else handlers_[static_cast<std::size_t>(row.opcode)] = {row.operation, row.make(options, counters)};
  }
  for (const FilterRow& row : tables.filters) {
    filters_.push_back(row.make(options, counters));
    filter_all_ = filter_all_ || row.scope == FilterRow::Scope::kAll;
  }
}

Responder::~Responder() = default;

// The steps before the lookup. Inlined into the loop over a batch.
[[gnu::always_inline]] inline void Responder::parse(const Inbound& inbound, QueryState& state,
                                                    dns::BatchLookup& entry) const {
  dns::parse_query(inbound.bytes, state.parsed);
  state.disposition = {};
  entry.key = &state.key;
  entry.name = state.parsed.query.question.name;
  entry.type = state.parsed.query.question.type;
  if (passes_all_stages(state.parsed)) [[likely]]
    return;
  const Disposition disposition = classify_special(inbound, state);
  entry.name = state.parsed.query.question.name;
  entry.type = state.parsed.query.question.type;
  if (!disposition.needs_zone()) entry.key = nullptr;
}

// Returns the disposition of the request without its signature.
[[gnu::noinline]] Disposition Responder::classify_special(const Inbound& inbound, QueryState& state) const {
  dns::ParsedQuery& parsed = state.parsed;
  const bool is_signed = parsed.verdict == dns::QueryVerdict::kSigned;
  if (is_signed) parsed.verdict = parsed.signed_verdict;
  const Disposition disposition =
      parsed.verdict == dns::QueryVerdict::kNotImp ? read_zone(inbound, parsed) : classify_by_stages(parsed);
  state.unsigned_disposition = disposition;
  state.disposition = is_signed ? Disposition{Disposition::Kind::kSigned} : disposition;
  return disposition;
}

// The size of the reply that the fast path writes; 0 if the general path must answer.
[[gnu::always_inline]] inline std::size_t Responder::write_fast(const Slot& slot, const QueryState& state,
                                                                const dns::ZoneLookup& lookup,
                                                                const dns::ViewTable* views, std::size_t limit) const {
  const dns::Query& query = state.parsed.query;
  const std::size_t size = max_reply_size(slot.inbound, query.edns, udp_size_max_, limit);
  return dns::write_fast({query, state.key, lookup}, state.plan, slot.inbound.bytes,
                         asker_of(slot.inbound, query.id, views), prebuilt_opt(query), slot.out.first(size));
}

std::size_t Responder::respond(const Inbound& inbound, const dns::Snapshot& snapshot, dns::MutableBytes out) {
  Slot slot{inbound, out, 0};
  respond_batch({&slot, 1}, snapshot);
  return slot.size;
}

void Responder::respond(std::span<Slot> batch, const dns::Snapshot& snapshot) {
  for (; batch.size() > kBatch; batch = batch.subspan(kBatch)) respond_batch(batch.first(kBatch), snapshot);
  respond_batch(batch, snapshot);
}

void Responder::respond_batch(std::span<Slot> batch, const dns::Snapshot& snapshot) {
  QueryState* const states = states_.get();
  dns::BatchLookup* const starts = starts_.get();
  for (std::size_t i = 0; i < batch.size(); ++i) parse(batch[i].inbound, states[i], starts[i]);
  dns::look_up_batch(snapshot, {starts, batch.size()});
  for (std::size_t i = 0; i < batch.size(); ++i)
    if (starts[i].key != nullptr)
      states[i].plan = dns::plan_fast({states[i].parsed.query, states[i].key, starts[i].result});
  if (filter_all_) [[unlikely]] {
    for (std::size_t i = 0; i < batch.size(); ++i) reply(batch[i], states[i], starts[i], snapshot, FastPath::kNotTried);
    return;
  }
  const dns::ViewTable* const views = snapshot.views().get();
  std::size_t fast = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Slot& slot = batch[i];
    const QueryState& state = states[i];
    if (state.disposition.kind != Disposition::Kind::kAnswer || starts[i].result.policy != nullptr) [[unlikely]] {
      reply(slot, state, starts[i], snapshot, FastPath::kNotTried);
      continue;
    }
    slot.size = write_fast(slot, state, starts[i].result, views, slot.out.size());
    if (slot.size == 0) {
      reply(slot, state, starts[i], snapshot, FastPath::kTried);
      continue;
    }
    counters_.rcodes[static_cast<std::size_t>(state.plan.rcode)].add();
    ++fast;
  }
  count_fast(batch, fast);
}

// For opcodes other than QUERY.
Disposition Responder::read_zone(const Inbound& inbound, dns::ParsedQuery& parsed) const {
  using Kind = Disposition::Kind;
  dns::Query& query = parsed.query;
  if (handlers_[static_cast<std::size_t>(query.opcode)].handler == nullptr) return {Kind::kError, dns::Rcode::NOTIMP};
  const dns::QueryVerdict verdict = dns::read_zone_section(inbound.bytes, query);
  if (verdict == dns::QueryVerdict::kFormErr || parsed.tsig.presence == dns::TsigPresence::kMalformed)
    return {Kind::kError, dns::Rcode::FORMERR};
  if (verdict == dns::QueryVerdict::kBadVers) return {Kind::kError, dns::Rcode::BADVERS};
  return {Kind::kHandle};
}

RequestView Responder::view_of(const Slot& slot, const QueryState& state, const dns::BatchLookup& start,
                               const dns::Snapshot& snapshot) const {
  const dns::Query& query = state.parsed.query;
  const std::size_t size = max_reply_size(slot.inbound, query.edns, udp_size_max_, slot.out.size());
  dns::ClientInfo client = asker_of(slot.inbound, query.id, snapshot.views().get());
  client.transport = slot.inbound.transport->number;  // for access rules
  return {.inbound = slot.inbound,
          .query = query,
          .snapshot = snapshot,
          .lookup = start.key == nullptr ? nullptr : &start.result,
          .operation = is_transfer(query) ? dns::Operation::kTransfer
                                          : handlers_[static_cast<std::size_t>(query.opcode)].operation,
          .client = client,
          .key = nullptr,
          .session = nullptr,
          .port = worker_.port,
          .pins = worker_.pins,
          .out = slot.out.first(size)};
}

void Responder::reply(Slot& slot, const QueryState& state, const dns::BatchLookup& start, const dns::Snapshot& snapshot,
                      FastPath fast) {
  if (state.disposition.kind == Disposition::Kind::kDrop) return settle(slot, Drop{});
  RequestView request = view_of(slot, state, start, snapshot);
  const bool filtered = fast == FastPath::kNotTried && (filter_all_ || request.lookup != nullptr);
  RequestOutcome reply = state.disposition.kind == Disposition::Kind::kSigned ? reply_signed(request, slot, state)
                         : filtered ? answer_filtered(request, slot, state, state.disposition)
                                    : answer(request, state.disposition);
  std::visit([&](auto& outcome) { settle(slot, outcome); }, reply);
}

RequestOutcome Responder::reply_signed(RequestView& request, const Slot& slot, const QueryState& state) {
  const auto& policies = request.snapshot.policies();
  const TsigSession::Verdict verdict = session_.verify(policies == nullptr ? nullptr : policies->keys(),
                                                       slot.inbound.bytes, state.parsed.tsig.at, clock_);
  Disposition disposition = state.unsigned_disposition;
  const std::size_t limit = request.out.size();
  if (verdict == TsigSession::Verdict::kVerified) {
    counters_.verified.add();
    request.key = session_.key();
    request.client.key = request.key->number();
  } else {
    counters_.unverified.add();
    const bool malformed = verdict == TsigSession::Verdict::kMalformed;
    disposition = {Disposition::Kind::kError, malformed ? dns::Rcode::FORMERR : dns::Rcode::NOTAUTH};
    request.lookup = nullptr;  // the rules of the zone do not replace this error
  }
  if (verdict != TsigSession::Verdict::kMalformed) {
    request.session = &session_;
    const std::size_t reserve = std::min(session_.reserve(), limit);
    request.out = request.out.first(std::max(limit - reserve, std::min(limit, kLeastReply)));
  }
  RequestOutcome reply = filter_all_ || request.lookup != nullptr ? answer_filtered(request, slot, state, disposition)
                                                                  : answer(request, disposition);
  return request.session == nullptr ? std::move(reply) : sign(std::move(reply), request, slot, limit);
}

// A reply that is too large with its signature has only the question, with TC (RFC 8945 5.3). A key that we do not know
// may have such a long name that not even that fits: then the error goes without it.
RequestOutcome Responder::sign(RequestOutcome reply, const RequestView& request, const Slot& slot, std::size_t limit) {
  if (auto* const stream = std::get_if<Stream>(&reply)) {
    if (slot.inbound.transport->stream) stream->messages = sign_stream(std::move(stream->messages), session_);
    return reply;
  }
  auto* const sent = std::get_if<Sent>(&reply);
  if (sent == nullptr) return reply;
  const std::size_t reserve = session_.reserve();
  if (sent->size + reserve > limit) {
    const bool error = session_.error() != dns::TsigError::kNone;
    sent->rcode = error ? dns::Rcode::NOTAUTH : dns::Rcode::NOERROR;
    sent->size = dns::render_error(request.query, slot.inbound.bytes, sent->rcode, {}, slot.out.first(limit));
    if (sent->size + reserve > limit) return reply;
    if (!error) dns::store16(slot.out.data() + 2, dns::load16(slot.out.data() + 2) | dns::Flag::kTc);
  }
  sent->size = session_.sign(slot.out.first(limit), sent->size);
  if (sent->size == 0) return Drop{};
  return reply;
}

RequestOutcome Responder::answer_filtered(RequestView& request, const Slot& slot, const QueryState& state,
                                          const Disposition& unfiltered) {
  Disposition disposition = unfiltered;
  std::size_t used = 0;
  while (used < filters_.size()) {
    const auto verdict = filters_[used++]->before(request);
    if (!verdict) continue;
    disposition = *verdict;
    break;
  }
  const std::size_t fast = disposition.kind == Disposition::Kind::kAnswer
                               ? write_fast(slot, state, *request.lookup, request.client.views, request.out.size())
                               : 0;
  RequestOutcome reply = fast != 0 ? RequestOutcome{Sent{fast, state.plan.rcode}} : answer(request, disposition);
  while (used > 0) reply = filters_[--used]->after(request, std::move(reply));
  return reply;
}

RequestOutcome Responder::answer(const RequestView& request, const Disposition& disposition) {
  if (disposition.kind == Disposition::Kind::kDrop) return Drop{};
  if (disposition.kind == Disposition::Kind::kError)
    return edns_.error(request, disposition.rcode, disposition.extended_error);
  const auto& handler =
      is_transfer(request.query) ? transfers_ : handlers_[static_cast<std::size_t>(request.query.opcode)].handler;
  if (handler == nullptr) return edns_.error(request, dns::Rcode::NOTIMP, dns::ExtendedError::kNotSupported);
  return handler->answer(request);
}

dns::Bytes Responder::prebuilt_opt(const dns::Query& query) const {
  if (!query.edns.present) return {};
  const PrebuiltOpt& opt = prebuilt_opts_[(query.edns.dnssec_ok ? 1U : 0U) | (query.edns.nsid ? 2U : 0U)];
  return dns::Bytes(opt.octets).first(opt.size);
}

// Replies of the fast path are never truncated.
void Responder::count_fast(std::span<const Slot> batch, std::size_t count) {
  if (count == 0) return;
  counters_.queries[batch.front().inbound.transport->number].add(count);
  counters_.answers.add(count);
}

void Responder::settle(Slot& slot, Stream& stream) {
  if (!slot.inbound.transport->stream || stream.messages == nullptr) return settle(slot, Drop{});
  slot.size = 0;
  slot.stream = std::move(stream.messages);
  counters_.queries[slot.inbound.transport->number].add();
  counters_.streams.add();
}

void Responder::settle(Slot& slot, Later) {
  slot.size = 0;
  slot.later = true;
  counters_.queries[slot.inbound.transport->number].add();
  counters_.taken.add();
}

void Responder::drain() {
  for (const Handler& each : handlers_)
    if (each.handler != nullptr) each.handler->drain();
  if (transfers_ != nullptr) transfers_->drain();
}

void Responder::settle(Slot& slot, Drop) {
  slot.size = 0;
  counters_.queries[slot.inbound.transport->number].add();
  counters_.dropped.add();
}

void Responder::settle(Slot& slot, const Sent& sent) {
  slot.size = sent.size;
  counters_.queries[slot.inbound.transport->number].add();
  counters_.answers.add();
  if ((dns::load16(slot.out.data() + 2) & dns::Flag::kTc) != 0) counters_.truncated.add();
  counters_.rcodes[std::min(static_cast<std::size_t>(sent.rcode), counters_.rcodes.size() - 1)].add();
}

}  // namespace server
