#include "server/query/responder.h"

#include <algorithm>

namespace server {
namespace {

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
  dns::FastPlan plan;
  dns::Key key;
};

Responder::Responder(const ResponderOptions& options, Counters& counters, const RequestTables& tables)
    : udp_size_max_(options.udp_size_max),
      counters_(counters),
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
  for (const OpcodeRow& row : tables.opcodes)
    handlers_[static_cast<std::size_t>(row.opcode)] = {row.operation, row.make(options, counters)};
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
  state.disposition = classify_special(inbound, state.parsed);
  entry.name = state.parsed.query.question.name;
  entry.type = state.parsed.query.question.type;
  if (!state.disposition.needs_zone()) entry.key = nullptr;
}

[[gnu::noinline]] Disposition Responder::classify_special(const Inbound& inbound, dns::ParsedQuery& parsed) const {
  return parsed.verdict == dns::QueryVerdict::kNotImp ? read_zone(inbound, parsed.query) : classify_by_stages(parsed);
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
Disposition Responder::read_zone(const Inbound& inbound, dns::Query& query) const {
  using Kind = Disposition::Kind;
  if (handlers_[static_cast<std::size_t>(query.opcode)].handler == nullptr) return {Kind::kError, dns::Rcode::NOTIMP};
  return dns::read_zone_section(inbound.bytes, query) ? Disposition{Kind::kHandle}
                                                      : Disposition{Kind::kError, dns::Rcode::FORMERR};
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
          .operation = query.opcode == dns::Opcode::QUERY && is_transfer(query)
                           ? dns::Operation::kTransfer
                           : handlers_[static_cast<std::size_t>(query.opcode)].operation,
          .client = client,
          .out = slot.out.first(size)};
}

void Responder::reply(Slot& slot, const QueryState& state, const dns::BatchLookup& start, const dns::Snapshot& snapshot,
                      FastPath fast) {
  if (state.disposition.kind == Disposition::Kind::kDrop) return settle(slot, Drop{});
  RequestView request = view_of(slot, state, start, snapshot);
  const bool filtered = fast == FastPath::kNotTried && (filter_all_ || request.lookup != nullptr);
  const RequestOutcome reply = filtered ? answer_filtered(request, slot, state) : answer(request, state.disposition);
  std::visit([&](const auto& outcome) { settle(slot, outcome); }, reply);
}

RequestOutcome Responder::answer_filtered(RequestView& request, const Slot& slot, const QueryState& state) {
  Disposition disposition = state.disposition;
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
  while (used > 0) reply = filters_[--used]->after(request, reply);
  return reply;
}

RequestOutcome Responder::answer(const RequestView& request, const Disposition& disposition) {
  if (disposition.kind == Disposition::Kind::kDrop) return Drop{};
  if (disposition.kind != Disposition::Kind::kError)
    return handlers_[static_cast<std::size_t>(request.query.opcode)].handler->answer(request);
  return Sent{dns::render_error(request.query, request.inbound.bytes, disposition.rcode,
                                edns_.of(request.query, disposition.extended_error), request.out),
              disposition.rcode};
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
